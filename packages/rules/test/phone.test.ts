import { validators } from '@spectral/rules';
import fc from 'fast-check';
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import metadata from 'libphonenumber-js/min/metadata';
import { describe, expect, test } from 'vitest';
import { isNumber } from '../src/phone-number.js';
import { mayBeNational } from '../src/phone-plan.js';

const isPhone = (text: string) => validators.get('phone')!(new TextEncoder().encode(text), new Uint8Array(0));

test.each(['+1 650-253-0000', '+49 30 901820', '0044 20 7946 0018', '(212) 555-0142', '01 42 68 53 00'])(
  '%s is a telephone number',
  (text) => {
    expect(isPhone(text)).toBe(true);
  },
);

test.each(['08.03.2018', '2024-05-31', '20180626', '2011-2022', '353207.547', '1111111111', '12'])(
  '%s is none',
  (text) => {
    expect(isPhone(text)).toBe(false);
  },
);

test('no number that a country has is passed over', () => {
  const countries = ['US', 'GB', 'DE', 'FR', 'IT', 'BR', 'MX', 'SG', 'AU', 'CL', 'CO', 'HU', 'NG', 'ID'] as const;
  const heads = ['', '0', '00', '1', '011', '0011', '8', '06', '44', '49', '55', '0044', '049'];
  const digits = fc
    .tuple(fc.constantFrom(...heads), fc.stringMatching(/^[0-9]{4,13}$/))
    .map((parts) => parts.join('').slice(0, 15));
  fc.assert(
    fc.property(fc.constantFrom(...countries), digits, (country, number) => {
      const isValid = parsePhoneNumberFromString(number, country)?.isValid() ?? false;
      expect(isValid && !mayBeNational(number, country)).toBe(false);
    }),
    { numRuns: 5000 },
  );
  expect(mayBeNational('2125550142', 'US')).toBe(true);
  expect(mayBeNational('1125550142', 'US')).toBe(false);
});

describe('a number is one where the library says so', () => {
  const isValid = (text: string, home?: CountryCode) => parsePhoneNumberFromString(text, home)?.isValid() ?? false;
  const codes = [...Object.keys(metadata.country_calling_codes), ...Object.keys(metadata.nonGeographic)];
  const rest = fc.stringMatching(/^[0-9]{4,13}$/);
  const trunk = fc.constantFrom('', '', '', '0', '1', '8', '06', '00', '9');

  test('abroad', () => {
    const numbers = fc.tuple(fc.constantFrom(...codes), trunk, rest).map((parts) => parts.join(''));
    fc.assert(
      fc.property(numbers, (digits) => {
        expect(isNumber(digits, undefined)).toBe(isValid(`+${digits}`));
      }),
      { numRuns: 3000 },
    );
  });

  test('at home', () => {
    const countries = Object.keys(metadata.countries) as CountryCode[];
    const heads = fc.oneof(
      trunk,
      fc.constantFrom('', '00', '011').chain((way) => fc.constantFrom(...codes).map((code) => way + code)),
    );
    const numbers = fc.tuple(heads, rest).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.constantFrom(...countries), numbers, (home, digits) => {
        expect(isNumber(digits, home)).toBe(isValid(digits, home));
      }),
      { numRuns: 3000 },
    );
  });
});

test.each([
  ['+1 (242) 365-1234', true],
  ['+800 1234 5678', true],
  ['+1 650-253-0000 x12', true],
  ['(+49) 30 901820', true],
  ['+0 650-253-0000', false],
  ['+999 650-253-0000', false],
])('%s: %s', (text, expected) => {
  expect(isPhone(text)).toBe(expected);
});
