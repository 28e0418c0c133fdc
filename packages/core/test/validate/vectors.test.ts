/** Validators on numbers that are valid by an independent implementation or published as samples, and on broken ones. All made up. */
import { createScanner, policyOf, VALIDATORS, type Validator } from '@spectral/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../vectors/validate.json';

const encode = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const judge = (name: string, text: string) => VALIDATORS.get(name)!(encode(text), encode(text));

describe.each(Object.entries(vectors))('%s', (name, { valid, invalid }) => {
  test('accepts what is valid', () => {
    expect((valid as string[]).filter((text) => !judge(name, text))).toEqual([]);
  });

  test('refuses what is not', () => {
    expect((invalid as string[]).filter((text) => judge(name, text))).toEqual([]);
  });
});

/** Validators of numbers whose last character is a check digit on its own: no other one may stand there. */
const CHECK_DIGIT_LAST =
  `card luhn iban aba npi-us dea-us sin-ca cpf cnpj rut-cl curp-mx rfc-mx cedula-ec cedula-do cedula-uy nhs insee
  steuer-id svnr-de ahv-ch bsn nif-es codice-fiscale personnummer-se hetu-fi fodselsnummer-no isikukood-ee personas-kods-lv pesel
  taj-hu cnp-ro egn-bg jmbg oib-hr amka-gr afm-gr rntrc-ua inn-ru snils-ru aadhaar mynumber-jp nric-sg hkid resident-id-cn
  national-id-tw national-id-th teudat-zehut-il kimlik-tr emirates-id national-id-za tfn-au ird-nz imei melli-ir`.split(
    /\s+/,
  );

test.each(CHECK_DIGIT_LAST)('%s takes one last character only', (name) => {
  for (const text of vectors[name as keyof typeof vectors].valid.filter((each) => /[0-9A-Z]$/.test(each))) {
    const others = [...(/\d$/.test(text) ? '0123456789' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')].filter(
      (last) => last !== text.at(-1),
    );
    expect(others.filter((last) => judge(name, text.slice(0, -1) + last))).toEqual([]);
  }
});

test('no bytes make a validator throw', () => {
  const texts = Object.values(vectors).flatMap(({ valid, invalid }) => [...valid, ...invalid]);
  const mutated = fc
    .tuple(fc.constantFrom(...texts), fc.nat(60), fc.nat(255))
    .map(([text, at, byte]) => encode(text).map((old, i) => (i === at ? byte : old)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), mutated), (bytes) => {
      for (const [, validator] of VALIDATORS) expect(typeof validator(bytes, bytes)).toBe('boolean');
    }),
    { seed: Number(process.env.FC_SEED ?? 1), numRuns: 300 },
  );
});

/** These say what is no secret; anything else may be one. */
const REFUSING = ['not-uuid', 'credential-name'];

test('bytes beyond any format are judged, too', () => {
  for (const byte of [0x30, 0x41, 0x2d, 0x2e, 0x40, 0x00, 0xff]) {
    const bytes = new Uint8Array(100_000).fill(byte);
    for (const [name, validator] of VALIDATORS)
      expect([name, validator(bytes, bytes)]).toEqual([name, REFUSING.includes(name)]);
  }
});

test('a rule that names a validator no one has is refused, and one that the caller brings is asked', async () => {
  const policy = policyOf(
    {
      schema_version: 3,
      rules: [{ id: 'r', severity: 'low', literals: ['n'], regex: 'n([0-9]+)', validator: 'even' }],
    },
    'test',
    { validators: new Set(['even']) },
  );
  await expect(createScanner(policy)).rejects.toThrow('has no "even", which rule "r" names');
  const even: Validator = (secret) => secret.at(-1)! % 2 === 0;
  using scanner = await createScanner(policy, { validators: new Map([['even', even]]) });
  expect(scanner.scan('n12 n13').findings).toHaveLength(1);
});
