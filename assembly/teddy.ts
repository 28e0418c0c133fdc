/**
 * Teddy: 16 positions at a time, literals in 8 buckets, a window of up to three bytes of each (buckets.ts).
 *
 * For each byte of the window there is a table of 32 bytes, indexed by the five low bits of a text byte, in two halves; bit b of an
 * entry says "a window of bucket b may have this value here". Three lookups, and-ed, leave in each lane the buckets whose
 * windows may end there:
 *
 *    text     … p o s t g r e s : / / …                     window of "postgres": "gre", of "grep": "rep"
 *    & 31       │ │ │ │ └─┴─┴─▶ T₀['g']                     and, one lane on,
 *                               T₁['r']                     and, two lanes on,
 *                               T₂['e']   ═▶ lane of `e`: bucket of "gre"
 *
 * Five bits tell letters from each other, and not their case. Text is mostly lower-case letters: there, tables for the low and the
 * high half of a byte would tell less, for any low half of a bucket goes with any high one.
 *
 * Of a literal's windows not the first is taken, but the one that causes the fewest alarms. Shorter literals leave the first bytes of
 * their window open.
 *
 *   masks, 160 bytes: T₀ T₁ T₂, 2 × 16 each │ open u8 × 2 │ 0 │ index bits × 16 │ half bit × 16 │ 0 × 16
 */
import { BUCKETS, fillBuckets, valuesOf, WINDOW } from './buckets';

/** Where the tables end and two bytes say which buckets leave the first, second byte of their window open. */
const OPEN: usize = 96;
const INDEX_BITS: usize = 112;
const HALF_BIT: usize = 128;
const NONE: usize = 144;
export const MASKS: usize = 160;

/**
 * Fills `masks` for `count` pairs { literal u32, before u32 } at `list`, and fills in where each window begins; `atStart`, `rounds` and
 * what is returned: see `fillBuckets`.
 */
export function teddyBuild(masks: usize, a: usize, list: usize, count: u32, atStart: bool, rounds: u32): f32 {
  const alarms = fillBuckets(a, list, count, atStart, rounds);
  memory.fill(masks, 0, MASKS);
  memory.fill(masks + INDEX_BITS, ASC_FEATURE_RELAXED_SIMD ? 15 : 31, 16);
  memory.fill(masks + HALF_BIT, ASC_FEATURE_RELAXED_SIMD ? 128 : 16, 16);
  for (let bucket: usize = 0; bucket < BUCKETS; bucket++) {
    const bit = <u8>(<u8>1 << <u8>bucket);
    for (let k: usize = 0; k < <usize>WINDOW; k++) {
      const values = valuesOf(bucket, k);
      const open = masks + OPEN + k;
      if (values == u32.MAX_VALUE) store<u8>(open, load<u8>(open) | bit);
      for (let value: usize = 0; value < 32; value++) {
        const entry = masks + (k << 5) + value;
        if ((values >> <u32>value) & 1) store<u8>(entry, load<u8>(entry) | bit);
      }
    }
  }
  return alarms;
}

// @ts-ignore: decorator
@inline function lookup(table: v128, indexes: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(table, indexes);
  return i8x16.swizzle(table, indexes);
}

/**
 * Index into the first half of a table: an entry of it, or what gives 0. Swizzle gives 0 from 16 on, the relaxed one surely only
 * from 128 on. With the half bit turned it is the index into the second half.
 */
// @ts-ignore: decorator
@inline function indexOf(text: v128, bits: v128, half: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.or(v128.and(text, bits), v128.and(i16x8.shl(text, 3), half));
  return v128.and(text, bits);
}

/** Buckets that a text byte may belong to, by one table. */
// @ts-ignore: decorator
@inline function both(first: v128, second: v128, index: v128, other: v128): v128 {
  return v128.or(lookup(first, index), lookup(second, other));
}

/** Buckets whose windows end in each lane: the third byte here, the second one lane before, the first two. */
// @ts-ignore: decorator
@inline function joined(before0: v128, r0: v128, before1: v128, r1: v128, r2: v128): v128 {
  return v128.and(
    v128.and(
      i8x16.shuffle(before0, r0, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29),
      i8x16.shuffle(before1, r1, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30),
    ),
    r2,
  );
}

/**
 * Notes in `list`, in steps of 32 positions from `p` to `limit` or up to 31 bytes more, where windows end: { address u32 of the
 * 32, one bit for each }. Returns the end of the list. There is no branch on what is found: alarms are too frequent to be
 * foreseen and too rare to be worth it. Reads up to 32 bytes past `limit`. `isFirst`: `p` is where the text begins, so only windows
 * with open bytes may already be under way there; anywhere else any may.
 */
export function teddyScan(masks: usize, p: usize, limit: usize, isFirst: bool, list: usize): usize {
  const a0 = v128.load(masks);
  const b0 = v128.load(masks, 16);
  const a1 = v128.load(masks, 32);
  const b1 = v128.load(masks, 48);
  const a2 = v128.load(masks, 64);
  const b2 = v128.load(masks, 80);
  // Loaded, not splat: a constant is made anew for every use.
  const bits = v128.load(masks, INDEX_BITS);
  const half = v128.load(masks, HALF_BIT);
  const none = v128.load(masks, NONE);
  let before0 = i8x16.splat(isFirst ? load<i8>(masks, OPEN) : -1);
  let before1 = i8x16.splat(isFirst ? load<i8>(masks, OPEN + 1) : -1);
  while (p < limit) {
    const text = v128.load(p);
    const i = indexOf(text, bits, half);
    const j = v128.xor(i, half);
    const r0 = both(a0, b0, i, j);
    const r1 = both(a1, b1, i, j);
    const r = joined(before0, r0, before1, r1, both(a2, b2, i, j));
    const text2 = v128.load(p, 16);
    const i2 = indexOf(text2, bits, half);
    const j2 = v128.xor(i2, half);
    before0 = both(a0, b0, i2, j2);
    before1 = both(a1, b1, i2, j2);
    const r2 = joined(r0, before0, r1, before1, both(a2, b2, i2, j2));
    const clean = i8x16.bitmask(i8x16.eq(r, none)) | (i8x16.bitmask(i8x16.eq(r2, none)) << 16);
    store<u32>(list, <u32>p);
    store<u32>(list, ~clean, 4);
    list += <usize>(clean != -1) << 3;
    p += 32;
  }
  return list;
}
