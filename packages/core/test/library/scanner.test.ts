/** The scanner's calls: strings and bytes, offsets, errors, closing. */
import { createScanner, DEFAULT_POLICY, definePolicy, parsePolicy } from '@spectral/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode, literals, occurrences } from '../sensor/support.js';
import { concat, policies } from './support.js';

const rule = { severity: 'high', action: 'observe' } as const;

describe('scan', () => {
  test('counts in bytes of UTF-8', async () => {
    using scanner = await createScanner(literals('sécret'));
    const [finding] = scanner.scan('€ sécret').findings;
    expect(finding).toEqual({ ruleId: 'r0', severity: 'high', action: 'observe', start: 4, end: 11 });
    expect(scanner.scan(encode('€ sécret')).findings).toEqual([finding]);
  });

  test('finds what lies across the pieces that a large input is cut into', async () => {
    const policy = literals('needle', 'a', 'edle');
    using scanner = await createScanner(policy);
    for (const shift of [0, 1, 3, 5, 6]) {
      const text = new Uint8Array(200_000).fill(0x2e);
      for (const at of [65_536, 131_072]) text.set(encode('needle'), at - shift);
      expect(scanner.scan(text).findings).toEqual(occurrences(policy, text));
    }
  });

  test('lists so many findings, and counts the others', async () => {
    using scanner = await createScanner(literals('a', 'aa'));
    const { findings, omitted } = scanner.scan('a'.repeat(65_536));
    expect(findings).toHaveLength(65_536);
    expect(omitted).toBe(65_535);
  });

  test('finds nothing in nothing', async () => {
    using scanner = await createScanner();
    expect(scanner.scan('')).toEqual({ findings: [], omitted: 0 });
    expect(scanner.scan(new Uint8Array())).toEqual({ findings: [], omitted: 0 });
  });
});

describe('redact', () => {
  test('gives back what has nothing to mask', async () => {
    using scanner = await createScanner();
    const bytes = encode('nothing here');
    expect(scanner.redact(bytes)).toBe(bytes);
    const text = 'nothing here \ud800';
    expect(scanner.redact(text)).toBe(text);
    expect(scanner.redact('')).toBe('');
    const large = new Uint8Array(300_000);
    expect(scanner.redact(large)).toBe(large);
  });

  test('does not change its input', async () => {
    using scanner = await createScanner();
    const bytes = encode('key sk-proj-MADEUP end');
    expect(decode(scanner.redact(bytes))).toBe('key ************** end');
    expect(decode(bytes)).toBe('key sk-proj-MADEUP end');
  });

  test('keeps the number of bytes, of strings too', async () => {
    const characters = fc.constantFrom(
      'key',
      'KEY',
      '=',
      ' ',
      '"',
      'a',
      'é',
      '€',
      '\u{1f600}',
      '\ud800',
      '\ufeff',
      '*',
      '\0',
    );
    await fc.assert(
      fc.asyncProperty(policies, fc.array(characters, { maxLength: 60 }), async (policy, parts) => {
        using scanner = await createScanner(policy);
        const text = parts.join('');
        expect(encode(scanner.redact(text))).toHaveLength(encode(text).length);
      }),
      { seed: 21, numRuns: 200 },
    );
  });

  test('covers a character as a whole where a mask is at its longest', async () => {
    using scanner = await createScanner(literals('key='));
    for (const lead of ['', 'a', 'ab']) {
      const text = `key=${lead}${'€'.repeat(2000)}.`;
      const masked = scanner.redact(text);
      expect(masked).not.toContain('\ufffd');
      expect(encode(masked)).toHaveLength(encode(text).length);
      expect(masked.endsWith('€.')).toBe(true);
    }
  });

  test('hides a made-up secret across the pieces that a large input is cut into', async () => {
    using scanner = await createScanner(literals('key='));
    for (let shift = 0; shift < 24; shift++) {
      const text = concat([new Uint8Array(65_536 - shift).fill(0x2e), encode('key= "MADE-UP-SECRET", x')]);
      expect(decode(scanner.redact(text)).slice(-24)).toBe('********************", x');
    }
  });
});

describe('createScanner', () => {
  test('takes a parsed policy, a defined one, an object with rules, or none', async () => {
    const rules = [{ id: 'one', pattern: 'needle', ...rule }];
    const text = JSON.stringify({ schema_version: 2, rules });
    for (const policy of [parsePolicy(text, 'test'), definePolicy(rules), { rules }]) {
      using scanner = await createScanner(policy);
      expect(scanner.redact('a needle')).toBe('a ******');
      expect(scanner.policy.rules).toEqual(rules);
    }
    using scanner = await createScanner();
    expect(scanner.policy).toBe(DEFAULT_POLICY);
  });

  test('refuses a wrong policy', async () => {
    await expect(createScanner({ rules: [] })).rejects.toMatchObject({ code: 'POLICY_INVALID' });
    await expect(createScanner(null as never)).rejects.toMatchObject({ code: 'POLICY_INVALID' });
    await expect(createScanner({ rules: [{ id: 'x', pattern: '' }] } as never)).rejects.toThrow('rules[0].pattern');
  });

  test('makes scanners that do not know of each other', async () => {
    const [one, two] = await Promise.all([createScanner(literals('one')), createScanner(literals('two'))]);
    expect(one.redact('one two')).toBe('*** two');
    one.close();
    expect(two.redact('one two')).toBe('one ***');
    two.close();
  });
});

test.each([[undefined], [null], [7], [{}], [new ArrayBuffer(3)], [[1, 2]]])('%o is refused as input', async (input) => {
  using scanner = await createScanner();
  expect(() => scanner.scan(input as never)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  expect(() => scanner.redact(input as never)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
});

test('after close(), and once more, every call says that the scanner is closed', async () => {
  const scanner = await createScanner(literals('needle'));
  const { writable, readable } = scanner.stream();
  const writer = writable.getWriter();
  const reading = readable.getReader().read();
  reading.catch(() => {});
  scanner.close();
  scanner.close();
  const closed = expect.objectContaining({ code: 'SCANNER_CLOSED' });
  for (const input of ['', 'text', encode('text')]) {
    expect(() => scanner.scan(input)).toThrow(closed);
    expect(() => scanner.redact(input)).toThrow(closed);
  }
  expect(() => scanner.stream()).toThrow(closed);
  await expect(writer.write(encode('needle'))).rejects.toEqual(closed);
});
