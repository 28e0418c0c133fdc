/**
 * A set of grams that answers "surely not" or "maybe": a Bloom filter (B. H. Bloom, Space/time trade-offs in hash coding with allowable
 * errors, 1970) of words of 32 bits. A gram's hash picks a word and two of its bits; where it is let pass both are 0.
 */
import { alloc } from './heap';

/** Most words of a filter, as a power of two. */
export const MOST_WORDS: u32 = 15;
/**
 * 256 words with two of the bits 0 … 30 set. Shifts by a variable count are slow on the commonest processors; a table is not.
 */
const patterns = memory.data(1024, 16);
const BITS: u32 = 31;

export function preparePatterns(): void {
  for (let i: u32 = 0; i < 256; i++) {
    const bit = i % BITS;
    store<u32>(patterns + (i << 2), (<u32>1 << bit) | (<u32>1 << ((bit + 1 + 3 * (i / BITS)) % BITS)));
  }
}

/** A filter of 4 << `bits` bytes in which nothing passes; 0 when memory is exhausted. Its `mask` is its size, less 4. */
export function filterCreate(bits: u32): usize {
  const words = alloc(<usize>4 << bits);
  if (words) memory.fill(words, 0xff, <usize>4 << bits);
  return words;
}

// @ts-ignore: decorator
@inline function wordAt(words: usize, mask: usize, hash: u64): usize {
  return words + (<usize>(hash >> 45) & mask);
}

// @ts-ignore: decorator
@inline function patternOf(hash: u64): u32 {
  return load<u32>(<usize>(hash >> 35) & 0x3fc, patterns);
}

/** Lets grams of this hash pass: a bit that is 0 lets pass. */
export function letPass(words: usize, mask: usize, hash: u64): void {
  const at = wordAt(words, mask, hash);
  store<u32>(at, load<u32>(at) & ~patternOf(hash));
}

/** 1 if the gram may be one that was let pass, else 0. */
// @ts-ignore: decorator
@inline export function mayPass(words: usize, mask: usize, hash: u64): u32 {
  return ((load<u32>(wordAt(words, mask, hash)) & patternOf(hash)) - 1) >> 31;
}
