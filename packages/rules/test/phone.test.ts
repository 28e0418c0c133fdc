import { validators } from '@spectral/rules';
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { expect, test } from 'vitest';
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
