/**
 * Sampled grams, for literals that are not short.
 *
 * Of a literal of at least L bytes, s = L - q + 1 grams of q bytes start one after the other in some stretch of L bytes. Wherever
 * the literal stands, one of them starts at a position divisible by s; so only every s-th position of the text is looked
 * at. A gram's hash picks a byte of a map, and most positions end there.
 *
 *    text      T h e   i m p l e m e n t a t i o n   o f          s = 6, q = 4
 *    looked at ▲           ▲           ▲           ▲
 *    grams     implem: "impl" "mple" "plem" "leme" "emen" "ment"  ═▶ "plem"
 *    stretches     begin at "plem", or 1 … 5 bytes before         ═▶ "implement", 2 before
 *
 * Which of its grams it is, the map does not say. So where one stands, each place where a stretch may begin is asked for in a filter of
 * stretches, by up to eight bytes: a gram that many literals share tells little, a stretch tells nearly all.
 *
 * The stretch is the literal's rarest one.
 */
import { mayPass } from './filter';
import { FOLD_ALL, hashGram, multiplierOf } from './grams';

// @ts-ignore: decorator
@inline function sample(words: usize, mask: usize, p: usize, fold: u64, multiplier: u64): u32 {
  return mayPass(words, mask, hashGram(load<u64>(p), fold, multiplier));
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

/**
 * Bits of the hash that are the index into a map for `n` grams: so many that few others pass, but no more than caches hold while that will
 * do. There are five sizes, for shifts by constants are faster than others.
 */
export function mapBits(n: u32): u32 {
  return n <= 1 << 10 ? 16 : n <= 1 << 12 ? 18 : n <= 1 << 15 ? 19 : n <= 1 << 17 ? 20 : 22;
}

// @ts-ignore: decorator
@inline function markAt(map: usize, bits: u32, hash: u64): usize {
  return map + <usize>(hash >> <u64>(64 - bits));
}

/** Lets grams of this hash pass a map: a byte for each value of the highest bits of the hash, 1 if a gram has it. */
export function markGram(map: usize, bits: u32, hash: u64): void {
  store<u8>(markAt(map, bits, hash), 1);
}

// @ts-ignore: decorator
@inline function mark(map: usize, bits: u32, p: usize, fold: u64, multiplier: u64): u32 {
  return load<u8>(markAt(map, bits, hashGram(load<u64>(p), fold, multiplier)));
}

/** The lanes of four positions above those in `lanes`. */
// @ts-ignore: decorator
@inline function markFour(map: usize, bits: u32, p: usize, stride: usize, fold: u64, multiplier: u64, lanes: u32): u32 {
  lanes = (lanes << 1) + mark(map, bits, p + 3 * stride, fold, multiplier);
  lanes = (lanes << 1) + mark(map, bits, p + 2 * stride, fold, multiplier);
  lanes = (lanes << 1) + mark(map, bits, p + stride, fold, multiplier);
  return (lanes << 1) + mark(map, bits, p, fold, multiplier);
}

// @ts-ignore: decorator
@inline function scanMap(map: usize, bits: u32, fold: u64, multiplier: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  for (; p + 7 * stride < limit; p += 8 * stride) {
    const upper = markFour(map, bits, p + 4 * stride, stride, fold, multiplier, 0);
    // Keeps the compiler from loading for all eight at once, which takes more registers than there are.
    store<u32>(list, upper, 4);
    const lanes = markFour(map, bits, p, stride, fold, multiplier, upper);
    store<u32>(list, <u32>p);
    store<u32>(list, lanes, 4);
    list += <usize>(lanes != 0) << 3;
  }
  for (; p < limit; p += stride) {
    store<u32>(list, <u32>p);
    store<u32>(list, 1, 4);
    list += <usize>mark(map, bits, p, fold, multiplier) << 3;
  }
  return list;
}

/**
 * One function for each size of map and each way to take letters. They are called by number, so that the compiler makes each by itself:
 * loops that share a function get in each other's way. Each notes in `list`, for eight of the positions p, p + stride, … below `limit`
 * each, { address u32 of the first, one bit for each u32 } where the gram of at least one passes. It returns the end of the list; no branch
 * depends on what is found. It reads up to 8 bytes past `limit`.
 */
export type Scan = (map: usize, m: u64, stride: usize, p: usize, limit: usize, list: usize) => usize;

function exact16(map: usize, m: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  return scanMap(map, 16, 0, m, stride, p, limit, list);
}

function exact18(map: usize, m: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  return scanMap(map, 18, 0, m, stride, p, limit, list);
}

function exact19(map: usize, m: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  return scanMap(map, 19, 0, m, stride, p, limit, list);
}

function exact20(map: usize, m: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  return scanMap(map, 20, 0, m, stride, p, limit, list);
}

function exact22(map: usize, m: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  return scanMap(map, 22, 0, m, stride, p, limit, list);
}

function folded16(map: usize, m: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  return scanMap(map, 16, FOLD_ALL, m, stride, p, limit, list);
}

function folded18(map: usize, m: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  return scanMap(map, 18, FOLD_ALL, m, stride, p, limit, list);
}

function folded19(map: usize, m: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  return scanMap(map, 19, FOLD_ALL, m, stride, p, limit, list);
}

function folded20(map: usize, m: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  return scanMap(map, 20, FOLD_ALL, m, stride, p, limit, list);
}

function folded22(map: usize, m: u64, stride: usize, p: usize, limit: usize, list: usize): usize {
  return scanMap(map, 22, FOLD_ALL, m, stride, p, limit, list);
}

/** Number of the function for a map of 1 << `bits` bytes. */
export function scanOf(bits: u32, isFolded: bool): u32 {
  let scan: Scan = isFolded ? folded22 : exact22;
  if (bits == 16) scan = isFolded ? folded16 : exact16;
  else if (bits == 18) scan = isFolded ? folded18 : exact18;
  else if (bits == 19) scan = isFolded ? folded19 : exact19;
  else if (bits == 20) scan = isFolded ? folded20 : exact20;
  return scan.index;
}
