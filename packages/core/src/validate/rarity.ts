import { BIGRAM_BITS, CASE_BITS } from './rarity-table.js';
import { isDigit, isLower, isUpper } from './text.js';

/*
 * The cost of a character is -log2 P(character | the one before), in a model of words, identifiers, paths and JSON:
 *
 *   bits = BIGRAM_BITS[class before][class]        26 letters of either case, digit, _ - . / and everything else
 *        + log2(10)                if a digit      every digit is as likely as another
 *        + CASE_BITS[case two before][case before][is capital]   if a letter
 *
 * Both tables are text, a character a number: (code - 40) / SCALE bits. `scripts/rarity-table.mjs` makes them.
 */
export const CLASSES = 32;
const OTHER = 31;
const DIGIT = 26;
const SCALE = 5;
const FIRST = 40;
const DIGIT_BITS = Math.log2(10);
/** Longer tokens are judged by their beginning. */
const LONGEST = 512;

export function classOf(byte: number): number {
  if (isLower(byte)) return byte - 0x61;
  if (isUpper(byte)) return byte - 0x41;
  if (isDigit(byte)) return DIGIT;
  const mark = '_-./'.indexOf(String.fromCharCode(byte));
  return mark < 0 ? OTHER : DIGIT + 1 + mark;
}

/** 0 other, 1 digit, 2 small letter, 3 capital. */
export function caseOf(byte: number): number {
  if (isLower(byte)) return 2;
  return isUpper(byte) ? 3 : isDigit(byte) ? 1 : 0;
}

const bits = (table: string, at: number): number => (table.charCodeAt(at) - FIRST) / SCALE;

/**
 * How unlike words the bytes are: their mean surprise, in bits per character, in a model of ordinary text, names in code and JSON.
 * Unlike entropy it tells a random token from a long identifier, and needs few characters to do so.
 *
 * | bits per character          | 1 % below | half below | 99 % below |
 * |-----------------------------|-----------|------------|------------|
 * | dictionary words            | 3.0       | 3.8        | 5.2        |
 * | camelCase, kebab-case, path | 3.5       | 4.1        | 5.1        |
 * | names of ≥ 12 in real code  | 3.5       | 4.3        | 5.6        |
 * | random a–z, 20              | 5.4       | 7.0        | 8.7        |
 * | random hexadecimal, 32; UUID| 5.1       | 6.2        | 7.2        |
 * | random a–z and digits, 20   | 6.4       | 8.0        | 9.7        |
 * | random base62, 20           | 7.5       | 9.4        | 11.2       |
 * | random base64, 24           | 8.0       | 9.5        | 11.0       |
 *
 * So 6.5 asks for base62 or base64, 5.8 for small letters and digits (of ≥ 20), 5.0 for hexadecimal (of ≥ 32). Digits alone have
 * 4.3. A UUID is as rare as any hexadecimal: tell it by its shape.
 */
export function rarity(bytes: Uint8Array): number {
  const length = Math.min(bytes.length, LONGEST);
  let sum = 0;
  let before = OTHER;
  let cases = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    const now = classOf(byte);
    const kind = caseOf(byte);
    sum += bits(BIGRAM_BITS, before * CLASSES + now);
    if (now === DIGIT) sum += DIGIT_BITS;
    if (kind >= 2) sum += bits(CASE_BITS, cases * 2 + kind - 2);
    before = now;
    cases = ((cases << 2) | kind) & 15;
  }
  return length === 0 ? 0 : sum / length;
}

/** Shannon's entropy of the bytes' distribution, in bits per byte: at most log2 of the number of different bytes. */
export function entropy(bytes: Uint8Array): number {
  if (bytes.length === 0) return 0;
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte]!++;
  let sum = 0;
  for (const count of counts) if (count > 0) sum -= count * Math.log2(count / bytes.length);
  return sum / bytes.length;
}
