/**
 * Teddy: 16 positions at a time, literals in 8 buckets, a window of up to three bytes of each.
 *
 * For each byte of the window there are two tables of 16 bytes, indexed by the low and the high half of a text byte; bit b
 * of an entry says "a window of bucket b may have this half here". Three lookups of each kind, and-ed, leave in each lane
 * the buckets whose windows may end there:
 *
 *    text     … p o s t g r e s : / / …                     window of "postgres": "gre", of "grep": "rep"
 *    low/high   │ │ │ │ └─┴─┴─▶ A₀[lo] & B₀[hi]             and, one lane on,
 *                               A₁[lo] & B₁[hi]             and, two lanes on,
 *                               A₂[lo] & B₂[hi]   ═▶ lane of `e`: bucket of "gre"
 *
 * The window is not the literal's beginning: of all its windows and buckets the pair is taken that adds the fewest expected
 * alarms. Shorter literals leave the first bytes of their window open.
 *
 *   masks, 144 bytes: A₀ B₀ A₁ B₁ A₂ B₂ │ open u8 × 2 │ 0 │ 0x0f × 16 │ 0 × 16
 */
import { FOLDED, lengthOf, lengthWord, textOf } from './automaton';
import { isLetter } from './bytes';
import { rarity } from './frequency';
import { probability, rarityOf } from './grams';

export const WINDOW: u32 = 3;
const BUCKETS: usize = 8;
/** Windows of one literal that are tried. */
const MOST_WINDOWS: u32 = 64;
/** Where the masks end and three bytes say which buckets leave the first, second, third byte of their window open. */
const OPEN: usize = 96;
/** Then 16 × 0x0f and 16 × 0. */
const LOW: usize = 112;
export const MASKS: usize = 144;

/** Per bucket and window byte: low halves u16 │ high halves u16. */
const halves = memory.data(8 * 16);
/** Probability of each byte, f32. */
const likely = memory.data(256 * 4);

// @ts-ignore: decorator
@inline function halvesOf(bucket: usize, k: usize): usize {
  return halves + (bucket << 4) + (k << 2);
}

function prepare(): void {
  memory.fill(halves, 0, 128);
  for (let byte: u32 = 0; byte < 256; byte++) store<f32>(likely + (byte << 2), probability(rarity(byte)));
}

/** Probability that a text byte passes: any of `lows` with any of `highs`. */
function passes(lows: u32, highs: u32): f32 {
  if (lows == 0xffff && highs == 0xffff) return 1;
  let sum: f32 = 0;
  for (let h = highs; h; h &= h - 1) {
    const row = likely + (<usize>ctz(h) << 6);
    for (let l = lows; l; l &= l - 1) sum += load<f32>(row + (<usize>ctz(l) << 2));
  }
  return sum;
}

/** Halves that byte `k` of the window must have, `lows | highs << 16`, for the literal whose window begins at `before`. */
function wanted(a: usize, literal: u32, before: u32, k: u32): u32 {
  const size = min(lengthOf(a, literal), WINDOW);
  if (k < WINDOW - size) return u32.MAX_VALUE;
  const byte = <u32>load<u8>(textOf(a, literal) + before + k - (WINDOW - size));
  let highs: u32 = 1 << (byte >> 4);
  if (lengthWord(a, literal) & FOLDED && isLetter(byte)) highs |= 1 << ((byte ^ 0x20) >> 4);
  return (highs << 16) | (1 << (byte & 15));
}

/** What the window at `before` would add to the expected false alarms, in its best bucket; `best` is that bucket then. */
function leastHarm(a: usize, literal: u32, before: u32): f32 {
  let least: f32 = f32.MAX_VALUE;
  for (let bucket: usize = 0; bucket < BUCKETS; bucket++) {
    let now: f32 = 1;
    let then: f32 = 1;
    for (let k: usize = 0; k < <usize>WINDOW; k++) {
      const has = load<u32>(halvesOf(bucket, k));
      const more = has | wanted(a, literal, before, <u32>k);
      now *= passes(has & 0xffff, has >> 16);
      then *= passes(more & 0xffff, more >> 16);
    }
    if (then - now < least) {
      least = then - now;
      best = bucket;
    }
  }
  return least;
}

let best: usize = 0;

/** Chooses the literal's window, if it may be any but the first, and bucket together; returns where the window begins. */
function place(a: usize, literal: u32, atStart: bool): u32 {
  const size = min(lengthOf(a, literal), WINDOW);
  const last: u32 = atStart ? 0 : min(lengthOf(a, literal) - size, MOST_WINDOWS);
  let chosen: u32 = 0;
  let bucket: usize = 0;
  let least: f32 = f32.MAX_VALUE;
  for (let before: u32 = 0; before <= last; before++) {
    const harm = leastHarm(a, literal, before) + probability(rarityOf(textOf(a, literal) + before, size));
    if (harm < least) {
      least = harm;
      chosen = before;
      bucket = best;
    }
  }
  for (let k: usize = 0; k < <usize>WINDOW; k++) {
    store<u32>(halvesOf(bucket, k), load<u32>(halvesOf(bucket, k)) | wanted(a, literal, chosen, <u32>k));
  }
  return chosen;
}

/**
 * Fills `masks` for `count` pairs { literal u32, before u32 } at `list`, and fills in where each window begins: at the
 * start, or anywhere. Returns the expected false alarms per position.
 */
export function teddyBuild(masks: usize, a: usize, list: usize, count: u32, atStart: bool): f32 {
  prepare();
  for (let i: u32 = 0; i < count; i++) {
    const pair = list + ((<usize>i) << 3);
    store<u32>(pair, place(a, load<u32>(pair), atStart), 4);
  }
  memory.fill(masks, 0, MASKS);
  memory.fill(masks + LOW, 15, 16);
  let alarms: f32 = 0;
  for (let bucket: usize = 0; bucket < BUCKETS; bucket++) {
    let all: f32 = 1;
    const bit = <u8>(<u8>1 << <u8>bucket);
    for (let k: usize = 0; k < <usize>WINDOW; k++) {
      const has = load<u32>(halvesOf(bucket, k));
      all *= passes(has & 0xffff, has >> 16);
      const open = masks + OPEN + k;
      if (has == u32.MAX_VALUE) store<u8>(open, load<u8>(open) | bit);
      for (let half: usize = 0; half < 16; half++) {
        const low = masks + (k << 5) + half;
        if (has & (1 << <u32>half)) store<u8>(low, load<u8>(low) | bit);
        if (has & (0x10000 << <u32>half)) store<u8>(low, load<u8>(low, 16) | bit, 16);
      }
    }
    alarms += all;
  }
  return alarms;
}

// @ts-ignore: decorator
@inline function lookup(table: v128, halves: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(table, halves);
  return i8x16.swizzle(table, halves);
}

/** Buckets that `text`'s byte in each lane may belong to, by one pair of tables. */
// @ts-ignore: decorator
@inline function both(a: v128, b: v128, lo: v128, hi: v128): v128 {
  return v128.and(lookup(a, lo), lookup(b, hi));
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
  const low = v128.load(masks, LOW);
  const none = v128.load(masks, LOW + 16);
  let before0 = i8x16.splat(isFirst ? load<i8>(masks, OPEN) : -1);
  let before1 = i8x16.splat(isFirst ? load<i8>(masks, OPEN + 1) : -1);
  while (p < limit) {
    const text = v128.load(p);
    const lo = v128.and(text, low);
    const hi = v128.and(i16x8.shr_u(text, 4), low);
    const r0 = both(a0, b0, lo, hi);
    const r1 = both(a1, b1, lo, hi);
    const r = joined(before0, r0, before1, r1, both(a2, b2, lo, hi));
    const text2 = v128.load(p, 16);
    const lo2 = v128.and(text2, low);
    const hi2 = v128.and(i16x8.shr_u(text2, 4), low);
    before0 = both(a0, b0, lo2, hi2);
    before1 = both(a1, b1, lo2, hi2);
    const r2 = joined(r0, before0, r1, before1, both(a2, b2, lo2, hi2));
    const clean = i8x16.bitmask(i8x16.eq(r, none)) | (i8x16.bitmask(i8x16.eq(r2, none)) << 16);
    store<u32>(list, <u32>p);
    store<u32>(list, ~clean, 4);
    list += <usize>(clean != -1) << 3;
    p += 32;
  }
  return list;
}
