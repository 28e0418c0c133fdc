/**
 * The list of literals as JavaScript hands it over.
 *
 *   count u32, then per literal:  length u32 │ flags u32, bit 0: ASCII case-insensitive │ bytes
 *
 * A literal without letters counts as exact whatever its flag says.
 */
import { hasLetter } from './bytes';

export const LONGEST_LITERAL: u32 = 4096;
export const MOST_LITERALS: u32 = 1 << 20;
/** Limit of all literals together: a state's number must fit into 24 bits. */
const MOST_BYTES: usize = (1 << 24) - 2;

export let literals: u32 = 0;
export let longest: u32 = 0;
export let shortest: u32 = 0;
export let textBytes: usize = 0;

/** Checks the whole list and counts; false if it is malformed. */
export function readSpec(spec: usize, bytes: usize): bool {
  if (bytes < 4) return false;
  literals = load<u32>(spec);
  if (literals == 0 || literals > MOST_LITERALS) return false;
  const end = spec + bytes;
  let p = spec + 4;
  longest = 0;
  shortest = LONGEST_LITERAL;
  textBytes = 0;
  for (let i: u32 = 0; i < literals; i++) {
    if (end - p < 8) return false;
    const length = load<u32>(p);
    if (length == 0 || length > LONGEST_LITERAL || length > <u32>(end - p - 8) || load<u32>(p, 4) > 1) return false;
    longest = max(longest, length);
    shortest = min(shortest, length);
    textBytes += length;
    p += 8 + length;
  }
  return p == end;
}

/** False if there are more bytes than an automaton can have states. */
export function fits(): bool {
  return textBytes <= MOST_BYTES;
}

// @ts-ignore: decorator
@inline export function lengthAt(p: usize): u32 {
  return load<u32>(p);
}

// @ts-ignore: decorator
@inline export function isFoldedAt(p: usize): bool {
  return load<u32>(p, 4) != 0 && hasLetter(p + 8, load<u32>(p));
}
