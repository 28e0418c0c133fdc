import { createScanner, OptionError, type RedactStyle } from '@spectral/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const rules = [
  { id: 'token', severity: 'high', action: 'observe', literals: ['mu_'], regex: 'mu_[a-z0-9]{8}' },
  { id: 'number', severity: 'low', action: 'observe', literals: ['77'], regex: '77[0-9]{6}' },
] as const;

const redact = async (style: RedactStyle, ...texts: string[]) => {
  using scanner = await createScanner({ rules }, { redact: style });
  return texts.map((text) => scanner.redact(text));
};

describe('what stands in the place of a secret', () => {
  const text = 'a mu_aaaabbbb, mu_ccccdddd and mu_aaaabbbb, 77000001';

  test.each<[RedactStyle, RegExp]>([
    ['mask', /^a \*{11}, \*{11} and \*{11}, \*{8}$/],
    ['label', /^a \[TOKEN\], \[TOKEN\] and \[TOKEN\], \[NUMBER\]$/],
    ['hash', /^a (\[TOKEN:[0-9a-f]{16}\]), (?!\1)\[TOKEN:[0-9a-f]{16}\] and \1, \[NUMBER:[0-9a-f]{16}\]$/],
    ['pseudonym', /^a \[TOKEN_1\], \[TOKEN_2\] and \[TOKEN_1\], \[NUMBER_1\]$/],
  ])('%s', async (style, wanted) => {
    expect((await redact(style, text))[0]).toMatch(wanted);
  });

  test('numbers go on from text to text, hashes differ from scanner to scanner', async () => {
    expect(await redact('pseudonym', 'mu_aaaabbbb', 'mu_ccccdddd mu_aaaabbbb')).toEqual([
      '[TOKEN_1]',
      '[TOKEN_2] [TOKEN_1]',
    ]);
    expect(await redact('hash', 'mu_aaaabbbb')).not.toEqual(await redact('hash', 'mu_aaaabbbb'));
  });

  test('JSON stays JSON', async () => {
    const json = JSON.stringify({ a: 'x mu_aaaabbbb "y"', n: 77000001, list: [77000002, 1] });
    for (const style of ['mask', 'label', 'hash', 'pseudonym'] as const) {
      const [out] = await redact(style, json);
      expect(JSON.parse(out!)).toMatchObject({ a: expect.stringMatching(/^x \S+ "y"$/), n: expect.any(String) });
      expect(out).not.toMatch(/mu_|7700/);
    }
  });

  test('is the same whatever the cut', async () => {
    using scanner = await createScanner({ rules }, { redact: 'pseudonym' });
    const bytes = new TextEncoder().encode(text);
    const whole = scanner.redact(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 9 }), (cuts) => {
        const parts: Uint8Array[] = [];
        const session = scanner.open({ onRedacted: (part) => parts.push(part) });
        const ends = [...cuts, bytes.length].sort((a, b) => a - b);
        for (const [i, end] of ends.entries()) session.push(bytes.subarray(ends[i - 1] ?? 0, end));
        session.end();
        expect(parts.map((part) => new TextDecoder().decode(part)).join('')).toBe(whole);
      }),
      { seed: 61, numRuns: 100 },
    );
  });

  test('an unknown style is refused', async () => {
    await expect(createScanner({ rules }, { redact: 'blur' as RedactStyle })).rejects.toThrow(OptionError);
  });
});

test('a session tells what looked like a finding, and why it is none', async () => {
  const regular = { ...rules[0], id: 'random', entropy: 3 };
  using scanner = await createScanner({ rules: [regular] }, { explain: true });
  const session = scanner.open();
  const findings = [...session.push(new TextEncoder().encode('mu_aaaaaaaa mu_a1b2c3d4 ')), ...session.end()];
  expect(findings).toHaveLength(1);
  expect(session.dropped()).toEqual([
    { ruleId: 'random', start: 0, end: 11, view: 'raw', reason: expect.stringContaining('entropy') },
  ]);
  expect(session.dropped()).toEqual([]);
});
