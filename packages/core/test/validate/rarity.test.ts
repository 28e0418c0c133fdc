/** Random tokens stand apart from words and names. */
import { entropy, rarity } from '@spectral/core';
import { expect, test } from 'vitest';
import { SEVERITIES } from '../../src/policy/types.js';

const encode = (text: string) => new TextEncoder().encode(text);

/** `count` tokens of `length` characters of an alphabet, from a seeded generator. */
function tokens(alphabet: string, length: number, count = 500): Uint8Array[] {
  let state = 7;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return alphabet[Math.floor((state / 2 ** 32) * alphabet.length)];
  };
  return Array.from({ length: count }, () => encode(Array.from({ length }, next).join('')));
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const NAMES =
  `the quick brown authentication AbstractSingletonProxyFactoryBean getElementsByClassName my_super_secret_password
  application/json content-security-policy /usr/local/share/applications/index.html MAX_RETRY_COUNT useCallback
  kubernetes-dashboard-controller findUserByEmailAddress com.example.service.impl.UserServiceImpl createHmacSignature
  correct-horse-battery-staple internationalization response_format chat.completions.create`.split(/\s+/);

test.each([
  ['base62', `${LOWER}${LOWER.toUpperCase()}0123456789`, 20, 6.5],
  ['small letters and digits', `${LOWER}0123456789`, 24, 5.8],
  ['hexadecimal', '0123456789abcdef', 32, 5],
])('99 of 100 random tokens of %s are rare', (_, alphabet, length, least) => {
  const found = tokens(alphabet, length).filter((token) => rarity(token) >= least);
  expect(found.length).toBeGreaterThan(495);
});

test.each([...NAMES, ...SEVERITIES])('%s is not', (name) => expect(rarity(encode(name))).toBeLessThan(5));

test('nothing has no rarity and no entropy', () => {
  expect([rarity(new Uint8Array()), entropy(new Uint8Array()), entropy(encode('aaaa'))]).toEqual([0, 0, 0]);
});

test('entropy is that of the distribution', () => {
  expect(entropy(encode('abcd'))).toBe(2);
  expect(entropy(encode('aabb'))).toBe(1);
  expect(entropy(Uint8Array.from({ length: 256 }, (_, i) => i))).toBe(8);
});
