import { AllowlistError, parseAllowlist } from '@spectral/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('reads both lists, either may be absent', () => {
  const text = '{"comm_prefixes": ["curl", "node"], "user_agent_prefixes": ["kube-probe/"]}';
  const both = { commPrefixes: ['curl', 'node'], userAgentPrefixes: ['kube-probe/'] };
  expect(parseAllowlist(text, 'a.json')).toEqual(both);
  expect(parseAllowlist('{}', 'a.json')).toEqual({ commPrefixes: [], userAgentPrefixes: [] });
});

test.each([
  ['[]', 'a.json: must be a JSON object with "comm_prefixes" or "user_agent_prefixes"'],
  ['{"comm_prefix": []}', 'a.json: unknown field "comm_prefix"; did you mean "comm_prefixes"?'],
  ['{"comm_prefixes": "curl"}', 'a.json: comm_prefixes: must be an array of strings'],
  ['{"comm_prefixes": ["a", ""]}', 'a.json: comm_prefixes[1]: is empty; it would silence every process'],
  ['{"comm_prefixes": [5]}', 'a.json: comm_prefixes[0]: must be a string'],
  ['{"comm_prefixes": ["0123456789abcdef"]}', 'a.json: comm_prefixes[0]: is longer than 15 bytes'],
  [`{"user_agent_prefixes": ["${'a'.repeat(257)}"]}`, 'a.json: user_agent_prefixes[0]: is longer than 256 bytes'],
  ['{"comm_prefixes": [', 'a.json: line 1, column 20: the text ends where a value should be'],
])('refuses %s', (text, message) => {
  expect(() => parseAllowlist(text, 'a.json')).toThrow(AllowlistError);
  expect(() => parseAllowlist(text, 'a.json')).toThrow(message);
});

test('refuses too many entries', () => {
  const text = JSON.stringify({ comm_prefixes: Array.from({ length: 1025 }, (_, n) => `${n}`) });
  expect(() => parseAllowlist(text, 'a')).toThrow('has 1025 entries, at most 1024 are allowed');
});

test('throws nothing but AllowlistErrors', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string(), fc.uint8Array()), (text) => {
      try {
        parseAllowlist(text, 'a');
      } catch (error) {
        expect(error).toBeInstanceOf(AllowlistError);
      }
    }),
    { seed: 51, numRuns: 500 },
  );
});
