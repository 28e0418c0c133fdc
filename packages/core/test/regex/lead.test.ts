import { expect, test } from 'vitest';
import { Regex } from '../../src/regex/index.js';

test.each([
  ['sk-[a-z]+', 'sk-', 0],
  ['\\bsk-[a-z]+', 'sk-', 0],
  ['(?:^|[^a-z])(key|token)\\s*=', 'token', 1],
  ['(?:^|[^a-z])(key|token)\\s*=', 'key', 1],
  ['(?i)(?:my|your)?_?passw(?:or)?d', 'password', 5],
  ['(?i)(?:my|your)?_?passw(?:or)?d', 'passwd', 5],
  ['[a-z]{1,8}token', 'token', 8],
  ['[a-z]*token', 'token', Number.POSITIVE_INFINITY],
  ['[sr]k_live_', 'sk_live_', 0],
  ['-{5}BEGIN', '-----BEGIN', 0],
  ['x{0,3}-----BEGIN', '-----BEGIN', 3],
  ['(?:^|[01]{1,3} | )[01]{4}', '0', 4],
  ['(?:key:)?[a-z]{2} key=', 'key', 7],
  ['abc', 'd', Number.POSITIVE_INFINITY],
])('%s says %s behind at most so many bytes', (source, literal, expected) => {
  expect(Regex.parse(source).leadOf(new TextEncoder().encode(literal), 4)).toBe(expected);
});
