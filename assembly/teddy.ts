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
 * The window is not the literal's beginning but its rarest three bytes, and a window goes into the bucket where it adds the
 * fewest expected false alarms. Shorter literals leave the first bytes of their window open.
 *
 *   masks, 112 bytes: A₀ B₀ A₁ B₁ A₂ B₂ │ open u8 × 2 │ 0
 */
import { FOLDED, lengthOf, lengthWord, textOf } from './automaton';
import { isLetter } from './bytes';
import { rarity } from './frequency';
import { probability } from './grams';
import { verifyWindow } from './search';

/** Where the masks end and two bytes say which buckets leave the first, the second byte of their window open. */
const OPEN: usize = 96;
export const MASKS: usize = 112;
export const WINDOW: u32 = 3;

/** Per bucket and window byte: low halves u16 │ high halves u16. */
const halves = memory.data(8 * 3 * 4);
/** Probability of each byte, f32. */
const likely = memory.data(256 * 4);

function prepare(): void {
  memory.fill(halves, 0, 96);
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

/**
 * Fills `masks` with the windows of `count` pairs { literal u32, before u16, 0 u16 } at `list`. Returns the expected false
 * alarms per position.
 */
export function teddyBuild(masks: usize, a: usize, list: usize, count: u32): f32 {
  prepare();
  for (let i: u32 = 0; i < count; i++) {
    const pair = list + ((<usize>i) << 3);
    let best: usize = 0;
    let least: f32 = f32.MAX_VALUE;
    for (let bucket: usize = 0; bucket < 8; bucket++) {
      let now: f32 = 1;
      let then: f32 = 1;
      for (let k: usize = 0; k < <usize>WINDOW; k++) {
        const has = load<u32>(halves + bucket * 12 + (k << 2));
        const more = has | wanted(a, load<u32>(pair), load<u16>(pair, 4), <u32>k);
        now *= passes(has & 0xffff, has >> 16);
        then *= passes(more & 0xffff, more >> 16);
      }
      if (then - now < least) {
        least = then - now;
        best = bucket;
      }
    }
    for (let k: usize = 0; k < <usize>WINDOW; k++) {
      const at = halves + best * 12 + (k << 2);
      store<u32>(at, load<u32>(at) | wanted(a, load<u32>(pair), load<u16>(pair, 4), <u32>k));
    }
  }
  memory.fill(masks, 0, MASKS);
  let alarms: f32 = 0;
  for (let bucket: usize = 0; bucket < 8; bucket++) {
    let all: f32 = 1;
    const bit = <u8>(<u8>1 << <u8>bucket);
    for (let k: usize = 0; k < <usize>WINDOW; k++) {
      const has = load<u32>(halves + bucket * 12 + (k << 2));
      all *= passes(has & 0xffff, has >> 16);
      const open = masks + OPEN + k;
      if (has == u32.MAX_VALUE && k < 2) store<u8>(open, load<u8>(open) | bit);
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

/**
 * Goes over the windows that end in `[p, limit)` and gives each to `verifyWindow`. Returns where to go on: `limit` or up to 15
 * bytes more, or the position at which the hits area was full (then `isFull`). Reads up to 16 bytes past `limit`. `isFirst`: `p` is
 * where the text begins, so only windows with open bytes may already be under way there.
 */
export function teddyScan(masks: usize, p: usize, limit: usize, isFirst: bool): usize {
  const a0 = v128.load(masks);
  const b0 = v128.load(masks, 16);
  const a1 = v128.load(masks, 32);
  const b1 = v128.load(masks, 48);
  const a2 = v128.load(masks, 64);
  const b2 = v128.load(masks, 80);
  const low = i8x16.splat(15);
  let before0 = i8x16.splat(isFirst ? load<i8>(masks, OPEN) : -1);
  let before1 = i8x16.splat(isFirst ? load<i8>(masks, OPEN + 1) : -1);
  for (; p < limit; p += 16) {
    const text = v128.load(p);
    const lo = v128.and(text, low);
    const hi = v128.and(i16x8.shr_u(text, 4), low);
    const r0 = v128.and(lookup(a0, lo), lookup(b0, hi));
    const r1 = v128.and(lookup(a1, lo), lookup(b1, hi));
    const r2 = v128.and(lookup(a2, lo), lookup(b2, hi));
    const r = v128.and(
      v128.and(
        i8x16.shuffle(before0, r0, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29),
        i8x16.shuffle(before1, r1, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30),
      ),
      r2,
    );
    before0 = r0;
    before1 = r1;
    if (v128.any_true(r)) {
      let lanes = i8x16.bitmask(i8x16.ne(r, i8x16.splat(0)));
      do {
        const at = p + <usize>ctz(lanes);
        if (!verifyWindow(at)) return at;
        lanes &= lanes - 1;
      } while (lanes);
    }
  }
  return p;
}
