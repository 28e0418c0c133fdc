/** What pseudonyms stand for comes back, byte by byte. */
import { createScanner, OptionError } from '@spectral/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const rules = [
  { id: 'token', severity: 'high', action: 'observe', literals: ['mu_'], regex: 'mu_[a-z0-9]{8}' },
  { id: 'number', severity: 'low', action: 'observe', literals: ['77'], regex: '77[0-9]{6}' },
] as const;
const encode = (text: string) => new TextEncoder().encode(text);

const parts = fc.array(
  fc.oneof(
    fc.constantFrom(
      'mu_aaaabbbb',
      'mu_ccccdddd',
      '77000001',
      '\\u006du_aaaabbbb',
      '[',
      ']',
      '"',
      '[TOKEN',
      ':',
      ',',
      '{',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  ),
  { maxLength: 30 },
);

test('restore(redact(x)) is x', async () => {
  using scanner = await createScanner({ rules }, { redact: 'pseudonym' });
  fc.assert(
    fc.property(parts, (list) => {
      const text = list.join('');
      const redacted = scanner.redact(text);
      expect(redacted).not.toMatch(/mu_[a-z0-9]{8}|77\d{6}/);
      expect(scanner.restore(redacted)).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test('numbers of JSON come back as numbers, the same in strings as strings', async () => {
  using scanner = await createScanner({ rules }, { redact: 'pseudonym' });
  const json = JSON.stringify({ n: 77000001, text: '77000001', list: [77000001, 'mu_aaaabbbb'] });
  const redacted = scanner.redact(json);
  expect(() => JSON.parse(redacted)).not.toThrow();
  expect(redacted).not.toContain('7700');
  expect(scanner.restore(redacted)).toBe(json);
  // An answer may name it elsewhere.
  const { n } = JSON.parse(redacted) as { n: string };
  expect(scanner.restore(`it is ${n}.`)).toBe('it is 77000001.');
});

test('the stream gives the same in any cut', async () => {
  using scanner = await createScanner({ rules }, { redact: 'pseudonym' });
  const json = JSON.stringify({ n: 77000001, a: ['mu_aaaabbbb [x] ', '[', 'mu_ccccdddd'], text: '77000001' });
  const redacted = encode(scanner.redact(json));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(redacted.length), { maxLength: 9 }), async (cuts) => {
      const borders = [0, ...cuts.sort((a, b) => a - b), redacted.length];
      const pieces = borders.slice(1).map((to, i) => redacted.slice(borders[i]!, to));
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const piece of pieces) controller.enqueue(piece);
          controller.close();
        },
      });
      expect(await new Response(body.pipeThrough(scanner.restoreStream())).text()).toBe(json);
    }),
    { numRuns: 60 },
  );
});

test('only pseudonyms stand for one value', async () => {
  using scanner = await createScanner({ rules }, { redact: 'label' });
  expect(() => scanner.restore('x')).toThrow(OptionError);
  expect(() => scanner.restoreStream()).toThrow(OptionError);
});
