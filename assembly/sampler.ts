/**
 * Sampled grams, for literals that are not short.
 *
 * Of a literal of at least L bytes, s = L - q + 1 grams of q bytes start one after the other in some stretch of L bytes. Wherever
 * the literal stands, one of them starts at a position divisible by s; so only every s-th position of the text is looked
 * at. For few grams, a gram's hash picks a byte of a map; for many, a word of 32 bits and two of its bits. Most positions end there.
 *
 *    text      T h e   i m p l e m e n t a t i o n   o f          s = 6, q = 4
 *    looked at ▲           ▲           ▲           ▲
 *    grams     implem: "impl" "mple" "plem" "leme" "emen" "ment"  ═▶ "plem"
 *
 * The stretch is the literal's rarest one.
 */
import { FOLD_ALL, hashGram, multiplierOf } from './grams';
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

// @ts-ignore: decorator
@inline function sample(words: usize, mask: usize, p: usize, fold: u64, multiplier: u64): u32 {
  return mayPass(words, mask, hashGram(load<u64>(p), fold, multiplier));
}

/** The lanes of four positions above those in `lanes`. */
// @ts-ignore: decorator
@inline function sampleFour(words: usize, mask: usize, p: usize, stride: usize, fold: u64, multiplier: u64, lanes: u32): u32 {
  lanes = (lanes << 1) + sample(words, mask, p + 3 * stride, fold, multiplier);
  lanes = (lanes << 1) + sample(words, mask, p + 2 * stride, fold, multiplier);
  lanes = (lanes << 1) + sample(words, mask, p + stride, fold, multiplier);
  return (lanes << 1) + sample(words, mask, p, fold, multiplier);
}

// @ts-ignore: decorator
@inline function scanWords(words: usize, mask: usize, multiplier: u64, fold: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  for (; p + 7 * stride < limit; p += 8 * stride) {
    const upper = sampleFour(words, mask, p + 4 * stride, stride, fold, multiplier, 0);
    // Keeps the compiler from loading for all eight at once, which takes more registers than there are.
    store<u32>(list, upper, 4);
    const lanes = sampleFour(words, mask, p, stride, fold, multiplier, upper);
    store<u32>(list, <u32>p);
    store<u32>(list, lanes, 4);
    list += <usize>(lanes != 0) << 3;
  }
  for (; p < limit; p += stride) {
    store<u32>(list, <u32>p);
    store<u32>(list, 1, 4);
    list += <usize>sample(words, mask, p, fold, multiplier) << 3;
  }
  return list;
}

/**
 * Notes in `list`, for eight of the positions p, p + stride, … below `limit` each, { address u32 of the first, one bit for each u32 }
 * where the gram of at least one passes. Returns the end of the list; no branch depends on what is found. Reads up to 8 bytes past
 * `limit`.
 */
export function sampleScan(words: usize, mask: usize, q: u32, isFolded: bool, stride: usize, p: usize, limit: usize, list: usize): usize {
  const multiplier = multiplierOf(q);
  if (isFolded) return scanWords(words, mask, multiplier, FOLD_ALL, stride, p, limit, list);
  return scanWords(words, mask, multiplier, 0, stride, p, limit, list);
}

/**
 * A gram stands at each of the addresses u32 in `[from, to)`, so a stretch may begin there or up to `stride` - 1 bytes before. Notes in `list`
 * the addresses u32 of which the first `q` bytes pass the filter of stretches. Returns the end of the list.
 */
export function stretchScan(words: usize, mask: usize, q: u32, isFolded: bool, stride: usize, from: usize, to: usize, list: usize): usize {
  const multiplier = multiplierOf(q);
  const fold: u64 = isFolded ? FOLD_ALL : 0;
  for (; from < to; from += 4) {
    let p: usize = load<u32>(from);
    for (const last = p - stride; p > last; p--) {
      store<u32>(list, <u32>p);
      list += <usize>sample(words, mask, p, fold, multiplier) << 2;
    }
  }
  return list;
}

/** Size of a map: a byte for each value of a hash of 16 bits, 1 if a gram has it. */
export const MAP: usize = 1 << 16;
/** Most grams for a map: more would fill too much of it. */
export const MOST_MAPPED: u32 = 4096;

// @ts-ignore: decorator
@inline function markAt(map: usize, hash: u64): usize {
  return map + <usize>(hash >> 48);
}

/** Lets grams of this hash pass a map. */
export function markGram(map: usize, hash: u64): void {
  store<u8>(markAt(map, hash), 1);
}

// @ts-ignore: decorator
@inline function mark(map: usize, p: usize, fold: u64, multiplier: u64): u32 {
  return load<u8>(markAt(map, hashGram(load<u64>(p), fold, multiplier)));
}

// @ts-ignore: decorator
@inline function markFour(map: usize, p: usize, stride: usize, fold: u64, multiplier: u64, lanes: u32): u32 {
  lanes = (lanes << 1) + mark(map, p + 3 * stride, fold, multiplier);
  lanes = (lanes << 1) + mark(map, p + 2 * stride, fold, multiplier);
  lanes = (lanes << 1) + mark(map, p + stride, fold, multiplier);
  return (lanes << 1) + mark(map, p, fold, multiplier);
}

// @ts-ignore: decorator
@inline function scanMap(map: usize, multiplier: u64, fold: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  for (; p + 7 * stride < limit; p += 8 * stride) {
    const upper = markFour(map, p + 4 * stride, stride, fold, multiplier, 0);
    store<u32>(list, upper, 4);
    const lanes = markFour(map, p, stride, fold, multiplier, upper);
    store<u32>(list, <u32>p);
    store<u32>(list, lanes, 4);
    list += <usize>(lanes != 0) << 3;
  }
  for (; p < limit; p += stride) {
    store<u32>(list, <u32>p);
    store<u32>(list, 1, 4);
    list += <usize>mark(map, p, fold, multiplier) << 3;
  }
  return list;
}

/**
 * The same with a map, for few grams: notes in `list`, for eight positions each, { address u32 of the first, one bit for each u32 }
 * where at least one passes. Returns the end of the list. Reads up to 8 bytes past `limit`.
 */
export function mapScan(map: usize, q: u32, isFolded: bool, stride: usize, p: usize, limit: usize, list: usize): usize {
  const multiplier = multiplierOf(q);
  if (isFolded) return scanMap(map, multiplier, FOLD_ALL, stride, p, limit, list);
  return scanMap(map, multiplier, 0, stride, p, limit, list);
}
