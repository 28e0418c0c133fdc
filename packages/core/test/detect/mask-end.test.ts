/** Masks of literals that stand close together in one token reach as far as if each were looked at by itself. */
import { createScanner, definePolicy, type Rule } from '@spectral/core';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { encode, inPieces, pieces } from './support.js';

const rulesOf = (literalOf: (literal: string) => object) =>
  ['sk-', 'tok_', 'key', 'pass='].map((literal, i) => {
    return { id: `rule-${i}`, severity: 'high', action: 'observe', ...literalOf(literal) };
  }) as unknown as Rule[];

const inStreams = definePolicy(
  rulesOf((literal) => ({ literals: [literal] })),
  'streams',
  3,
);
// Format 2 is searched without streams: its masks are made in another way.
const byThemselves = definePolicy(
  rulesOf((pattern) => ({ pattern })),
  'plain',
  2,
);
const [streams, plain] = await Promise.all([createScanner(inStreams, { views: false }), createScanner(byThemselves)]);
afterAll(() => {
  streams.close();
  plain.close();
});

const part = fc.oneof(
  fc.constantFrom('sk-', 'tok_', 'key', 'pass=', 'sk-tok_key', ':', '=', ': ', '"', ' ', '\n', ','),
  fc.constantFrom('a'.repeat(300), 'sk-'.repeat(50), 'b'.repeat(4096), '=a', '::b'),
  fc.string({ maxLength: 6 }),
);

test('masks are those of format 2', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), fc.array(fc.nat(9000), { maxLength: 4 }), (parts, cuts) => {
      const bytes = encode(parts.join(''));
      const expected = Buffer.from(plain.redact(bytes)).toString('latin1');
      expect(Buffer.from(streams.redact(bytes)).toString('latin1')).toBe(expected);
      const { redacted } = inPieces(streams, pieces(bytes, cuts));
      expect(Buffer.from(redacted).toString('latin1')).toBe(expected);
    }),
    { numRuns: 400 },
  );
});
