/**
 * Sampled grams, for literals that are not short.
 *
 * Of a literal of at least L bytes, s = L - q + 1 grams of q bytes start one after the other in some stretch of L bytes. Wherever
 * the literal stands, one of them starts at a position divisible by s; so only every s-th position of the text is looked
 * at. A gram's hash picks a word of 32 bits and
 * two of its bits; most positions end there.
 *
 *    text      T h e   i m p l e m e n t a t i o n   o f          s = 6, q = 4
 *    looked at ▲           ▲           ▲           ▲
 *    grams     implem: "impl" "mple" "plem" "leme" "emen" "ment"  ═▶ "plem"
 *
 * The stretch is the literal's rarest one.
 */
import { FOLD_ALL, hashGram, multiplierOf } from './grams';

/** Most words of a filter, as a power of two. */
export const MOST_WORDS: u32 = 15;
/** 256 words with two bits set. Shifts by a variable count are slow on the commonest processors; a table is not. */
const patterns = memory.data(1024, 16);

export function preparePatterns(): void {
  for (let i: u32 = 0; i < 256; i++) {
    const bit = i & 31;
    store<u32>(patterns + (i << 2), (<u32>1 << bit) | (<u32>1 << ((bit + 1 + 4 * (i >> 5)) & 31)));
  }
}

// @ts-ignore: decorator
@inline function wordAt(words: usize, mask: usize, hash: u64): usize {
  return words + (<usize>(hash >> 45) & mask);
}

// @ts-ignore: decorator
@inline function patternOf(hash: u64): u32 {
  return load<u32>(patterns + (<usize>(hash >> 35) & 0x3fc));
}

/** Lets grams of this hash pass. `mask`: size of the filter in bytes, less 4. */
export function letPass(words: usize, mask: usize, hash: u64): void {
  const at = wordAt(words, mask, hash);
  store<u32>(at, load<u32>(at) | patternOf(hash));
}

/** True if the gram may be one that was let pass. */
// @ts-ignore: decorator
@inline export function mayPass(words: usize, mask: usize, hash: u64): bool {
  const pattern = patternOf(hash);
  return (load<u32>(wordAt(words, mask, hash)) & pattern) == pattern;
}

/**
 * Notes in `list` the addresses u32 of those of the positions p, p + stride, … below `limit` whose gram passes. Returns the end of
 * the list; no branch depends on what is found. Reads up to 8 bytes past `limit`.
 */
export function sampleScan(words: usize, mask: usize, q: u32, fold: bool, stride: usize, p: usize, limit: usize, list: usize): usize {
  const multiplier = multiplierOf(q);
  const folds: u64 = fold ? FOLD_ALL : 0;
  for (; p + stride < limit; p += 2 * stride) {
    const h0 = hashGram(load<u64>(p), folds, multiplier);
    const h1 = hashGram(load<u64>(p + stride), folds, multiplier);
    store<u32>(list, <u32>p);
    list += <usize>mayPass(words, mask, h0) << 2;
    store<u32>(list, <u32>(p + stride));
    list += <usize>mayPass(words, mask, h1) << 2;
  }
  if (p < limit) {
    store<u32>(list, <u32>p);
    list += <usize>mayPass(words, mask, hashGram(load<u64>(p), folds, multiplier)) << 2;
  }
  return list;
}
