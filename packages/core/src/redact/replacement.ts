/** What stands in the place of secrets. */
import type { Candidate } from '../detect/candidate.js';

/** Makes what is put in the place of a secret. */
export interface Replacer {
  /**
   * @param secret the bytes to be replaced
   * @param rule index of the rule that they were found by; of several, the one that counts
   * @param isNumber they are a number of JSON: what is put there gets quotes
   */
  replace(secret: Uint8Array, rule: number, isNumber: boolean): Uint8Array;
}

/** Bytes to be replaced together. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly rule: number;
}

/**
 * Joins what overlaps. The rule of the result is that of the finding that wins.
 * @param compare negative if the first counts more
 */
export function joined(
  candidates: readonly Candidate[],
  compare: (a: Candidate, b: Candidate) => number,
): Replacement[] {
  const spans: { start: number; end: number; by: Candidate }[] = [];
  for (const by of candidates) {
    const { masks } = by;
    for (let i = 0; i < masks.length; i += 2) spans.push({ start: masks[i]!, end: masks[i + 1]!, by });
  }
  spans.sort((a, b) => a.start - b.start || a.end - b.end);
  const result: { start: number; end: number; by: Candidate }[] = [];
  for (const span of spans) {
    const last = result[result.length - 1];
    if (last === undefined || span.start >= last.end) {
      result.push(span);
      continue;
    }
    if (span.end > last.end) last.end = span.end;
    if (compare(span.by, last.by) < 0) last.by = span.by;
  }
  return result.map(({ start, end, by }) => ({ start, end, rule: by.rule }));
}

const STAR = 0x2a;
const QUOTE = 0x22;

/** As many `*` as there were bytes. */
export const MASK: Replacer = { replace: (secret) => new Uint8Array(secret.length).fill(STAR) };

/**
 * The bytes `[0, to)` of `bytes` with replacements, which are sorted and lie within. What was JSON stays JSON: a number that is
 * replaced becomes a string, of the same length where the replacement has that of the number.
 *
 *   "card": 4111111111111111,   →   "card": "**************",
 *
 * @param base offset of `bytes[0]`, which the replacements count from
 * @param before the last byte before `bytes` that is no blank, -1 if there is none
 */
export function replaced(
  bytes: Uint8Array,
  to: number,
  base: number,
  before: number,
  replacements: readonly Replacement[],
  replacer: Replacer,
): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { start, end, rule } of replacements) {
    const from = start - base;
    const stop = end - base;
    parts.push(bytes.subarray(at, from));
    const secret = bytes.subarray(from, stop);
    const isNumber = isJsonNumber(bytes, from, stop, before);
    const replacement = replacer.replace(secret, rule, isNumber);
    parts.push(isNumber ? quoted(replacement, replacer === MASK) : replacement);
    at = stop;
  }
  parts.push(bytes.subarray(at, to));
  return concat(parts);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A string in quotes; for a mask the quotes take the place of its outer characters. */
function quoted(text: Uint8Array, isMask: boolean): Uint8Array {
  const inner = isMask && text.length > 2 ? text.subarray(1, text.length - 1) : text;
  const all = new Uint8Array(inner.length + 2).fill(QUOTE);
  all.set(inner, 1);
  return all;
}

const BLANKS = [0x20, 0x09, 0x0a, 0x0d];
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN, CLOSE, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7d];

/** Whether `[from, to)` is all of a number that stands where JSON has a value. */
function isJsonNumber(bytes: Uint8Array, from: number, to: number, before: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte - 0x30 > 9 || byte < 0x30) return false;
  }
  let left = from - 1;
  while (left >= 0 && BLANKS.includes(bytes[left]!)) left -= 1;
  const previous = left >= 0 ? bytes[left]! : before;
  if (previous !== COLON && previous !== COMMA && previous !== OPEN) return false;
  let right = to;
  while (right < bytes.length && BLANKS.includes(bytes[right]!)) right += 1;
  const next = bytes[right];
  return next === COMMA || next === CLOSE || next === CLOSE_OBJECT;
}

/** The last byte of `bytes` that is no blank, `before` if there is none. */
export function lastInk(bytes: Uint8Array, before: number): number {
  for (let i = bytes.length - 1; i >= 0; i--) if (!BLANKS.includes(bytes[i]!)) return bytes[i]!;
  return before;
}
