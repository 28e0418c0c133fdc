import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Rule } from '../policy/types.js';
import { MASK, type Replacer } from './replacement.js';
import type { Vault } from './vault.js';

/**
 * What stands in the place of a secret. None of it needs an escape in JSON, in a URL or in a shell's quotes.
 *
 *   mask        ****************      as many bytes as there were
 *   label       [GITHUB-TOKEN]        the rule
 *   hash        [GITHUB-TOKEN:5f0c…]  and a keyed hash: the same for the same value, of one scanner only
 *   pseudonym   [GITHUB-TOKEN_1]      and a number: the same for the same value, of one scanner only
 */
export const REDACT_STYLES = ['mask', 'label', 'hash', 'pseudonym'] as const;
/** One of `REDACT_STYLES`. */
export type RedactStyle = (typeof REDACT_STYLES)[number];

const KEY_BYTES = 32;
const HASH_BYTES = 8;
/** Values that are told apart by number; later ones are all called `_N`. */
const MOST_NUMBERED = 100_000;

const encoder = new TextEncoder();

/**
 * @param random fills an array with random bytes
 * @param vault keeps what pseudonyms stand for
 */
export function replacerOf(
  style: RedactStyle,
  rules: readonly Rule[],
  random: (key: Uint8Array) => void,
  vault: Vault,
): Replacer {
  if (style === 'mask') return MASK;
  const labels = rules.map(({ id }) => id.toUpperCase());
  const write = (rule: number, rest: string) => encoder.encode(`[${labels[rule]}${rest}]`);
  if (style === 'label') return { replace: (_, rule) => write(rule, '') };
  const key = new Uint8Array(KEY_BYTES);
  random(key);
  const hash = (secret: Uint8Array) =>
    Array.from(hmac(sha256, key, secret).subarray(0, HASH_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(
      '',
    );
  if (style === 'hash') return { replace: (secret, rule) => write(rule, `:${hash(secret)}`) };
  return { replace: numbered(hash, write, vault) };
}

/** Numbers the values of each rule in the order in which they come. */
function numbered(
  hash: (secret: Uint8Array) => string,
  write: (rule: number, rest: string) => Uint8Array,
  vault: Vault,
) {
  const numbers = new Map<string, number>();
  const last = new Map<number, number>();
  return (secret: Uint8Array, rule: number, isNumber: boolean): Uint8Array => {
    // A number of JSON and the same in a string get names of their own: one comes back without its quotes.
    const name = `${rule}:${isNumber}:${hash(secret)}`;
    let number = numbers.get(name);
    if (number === undefined) {
      if (numbers.size >= MOST_NUMBERED) return write(rule, '_N');
      number = (last.get(rule) ?? 0) + 1;
      last.set(rule, number);
      numbers.set(name, number);
      vault.keep(write(rule, `_${number}`), secret, isNumber);
    }
    return write(rule, `_${number}`);
  };
}
