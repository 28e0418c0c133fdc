/**
 * Which three bytes of each literal Teddy looks for, and in which of its eight buckets.
 *
 * Teddy knows a byte by its five low bits only, and of a bucket only which values each byte of a window may have; so a text passes if its
 * bytes come from any windows of the bucket, mixed. How likely that is follows from how often bytes of real traffic follow each
 * other (frequency.ts), over values of five bits:
 *
 *    P(S₀, S₁, S₂) = Σ joint(x, y) · given(y, z)     x ∈ S₀, y ∈ S₁, z ∈ S₂
 *
 * Every literal in turn gets the window and the bucket that add least to it; then each is taken out and placed anew, a few
 * times.
 */
import { lengthOf, textOf } from './automaton';
import { rarity, rarityAfter } from './frequency';
import { probability, rarityOf } from './grams';

export const WINDOW: u32 = 3;
export const BUCKETS: usize = 8;
/** Most literals that can be placed: placing takes time for each. */
export const MOST_TEDDY: u32 = 2048;
/** Windows of one literal that are tried. */
const MOST_WINDOWS: u32 = 64;
const ANY: u32 = u32.MAX_VALUE;

/** Per bucket and byte of the window: a bit for each value that passes; 16 bytes for a bucket. */
const values = memory.data(8 * 16);
/** Per bucket: how likely a text passes, f32. */
const passed = memory.data(8 * 4);
/** Bucket of each literal of the list. */
const placed = memory.data(2048);
/** Probabilities f32 of a value, of two one behind the other, and of one given the one before. */
const likely = memory.data(32 * 4);
const joint = memory.data(32 * 32 * 4);
const given = memory.data(32 * 32 * 4);
let isPrepared: bool = false;

// @ts-ignore: decorator
@inline function bucketAt(bucket: usize): usize {
  return values + (bucket << 4);
}

/** Values that byte `k` of the windows of `bucket` may have, a bit for each. */
export function valuesOf(bucket: usize, k: usize): u32 {
  return load<u32>(bucketAt(bucket) + (k << 2));
}

function prepare(): void {
  if (isPrepared) return;
  isPrepared = true;
  for (let byte: u32 = 0; byte < 256; byte++) {
    const own = probability(rarity(byte));
    const at = likely + ((byte & 31) << 2);
    store<f32>(at, load<f32>(at) + own);
    for (let next: u32 = 0; next < 256; next++) {
      const cell = joint + ((byte & 31) << 7) + ((next & 31) << 2);
      store<f32>(cell, load<f32>(cell) + own * probability(rarityAfter(byte, next)));
    }
  }
  for (let cell: usize = 0; cell < 32 * 32 * 4; cell += 4) {
    store<f32>(given + cell, load<f32>(joint + cell) / load<f32>(likely + ((cell >> 7) << 2)));
  }
}

/** How likely three text bytes have values of `s0`, `s1`, `s2`. Only the first may be open when the second is not. */
function passes(s0: u32, s1: u32, s2: u32): f32 {
  let sum: f32 = 0;
  for (let ys = s1; ys; ys &= ys - 1) {
    const y = <usize>ctz(ys) << 2;
    let before: f32 = 0;
    if (s0 == ANY) before = load<f32>(likely + y);
    else for (let xs = s0; xs; xs &= xs - 1) before += load<f32>(joint + (<usize>ctz(xs) << 7) + y);
    let behind: f32 = 0;
    const row = given + (y << 5);
    for (let zs = s2; zs; zs &= zs - 1) behind += load<f32>(row + (<usize>ctz(zs) << 2));
    sum += before * behind;
  }
  return sum;
}

/** Value that byte `k` of the window must have, as a bit, for the literal whose window begins at `before`. */
function wanted(a: usize, literal: u32, before: u32, k: u32): u32 {
  const open = WINDOW - min(lengthOf(a, literal), WINDOW);
  return k < open ? ANY : <u32>1 << (load<u8>(textOf(a, literal) + before + k - open) & 31);
}

let best: usize = 0;

/** What the window at `before` would add to the expected false alarms, in its best bucket; `best` is that bucket then. */
function leastHarm(a: usize, literal: u32, before: u32): f32 {
  let least: f32 = f32.MAX_VALUE;
  const w0 = wanted(a, literal, before, 0);
  const w1 = wanted(a, literal, before, 1);
  const w2 = wanted(a, literal, before, 2);
  for (let bucket: usize = 0; bucket < BUCKETS; bucket++) {
    const at = bucketAt(bucket);
    const harm = passes(load<u32>(at) | w0, load<u32>(at, 4) | w1, load<u32>(at, 8) | w2) - load<f32>(passed + (bucket << 2));
    if (harm < least) {
      least = harm;
      best = bucket;
    }
  }
  return least;
}

function add(a: usize, literal: u32, before: u32, bucket: usize): void {
  const at = bucketAt(bucket);
  for (let k: usize = 0; k < <usize>WINDOW; k++) {
    store<u32>(at + (k << 2), load<u32>(at + (k << 2)) | wanted(a, literal, before, <u32>k));
  }
}

function judge(bucket: usize): void {
  const at = bucketAt(bucket);
  store<f32>(passed + (bucket << 2), passes(load<u32>(at), load<u32>(at, 4), load<u32>(at, 8)));
}

/** Chooses the window, if it may be any but the first, and bucket of the list's `i`-th literal together. */
function place(a: usize, list: usize, i: u32, atStart: bool): void {
  const pair = list + ((<usize>i) << 3);
  const literal = load<u32>(pair);
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
  add(a, literal, chosen, bucket);
  judge(bucket);
  store<u32>(pair, chosen, 4);
  store<u8>(placed + i, <u8>bucket);
}

/** Takes the list's `i`-th literal out of its bucket. */
function remove(a: usize, list: usize, count: u32, i: u32): void {
  const bucket: usize = load<u8>(placed + i);
  memory.fill(bucketAt(bucket), 0, 16);
  for (let k: u32 = 0; k < count; k++) {
    const pair = list + ((<usize>k) << 3);
    if (k != i && load<u8>(placed + k) == bucket) add(a, load<u32>(pair), load<u32>(pair, 4), bucket);
  }
  judge(bucket);
}

/**
 * Fills the buckets with the literals of `count` pairs { literal u32, before u32 } at `list`, and fills in where each window begins:
 * at the start, or anywhere. Each is placed `rounds` times. Returns the expected false alarms per position.
 */
export function fillBuckets(a: usize, list: usize, count: u32, atStart: bool, rounds: u32): f32 {
  prepare();
  memory.fill(values, 0, 128);
  memory.fill(passed, 0, 32);
  for (let round: u32 = 0; round < rounds; round++) {
    for (let i: u32 = 0; i < count; i++) {
      if (round) remove(a, list, count, i);
      place(a, list, i, atStart);
    }
  }
  let alarms: f32 = 0;
  for (let bucket: usize = 0; bucket < BUCKETS; bucket++) alarms += load<f32>(passed + (bucket << 2));
  return alarms;
}
