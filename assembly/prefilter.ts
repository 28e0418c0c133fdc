/**
 * What lets most of the text pass unseen: up to two stages, each a filter over positions and an index of the literals that a
 * position it stops at may belong to. Made from the automaton's literals, never part of its serial form.
 *
 *   prefilter, 16 + 2 × 80 bytes: stages u32 │ ends address u32 │ 0 │ 0, then per stage
 *      0 kind u32: TEDDY, SAMPLER   12 masks or bits, address    24 fold u32             48 index (verify.ts)
 *      4 q u32                      16 shift u32 (sampler)       28 alarms f32
 *      8 stride u32                 20 indexes u32               32 indexes address u32
 */
import { A_LITERALS, A_PREFILTER, FOLDED, lengthOf, lengthWord, textOf } from './automaton';
import { FOLD_ALL, hashGram, probability, rarityOf } from './grams';
import { alloc, allocZero, release } from './heap';
import { endsBuild, endsFree } from './ends';
import { setBit } from './sampler';
import { MASKS, teddyBuild, WINDOW } from './teddy';
import { INDEX, indexBuild, indexFree } from './verify';

export const TEDDY: u32 = 1;
export const SAMPLER: u32 = 2;

export const F_ENDS: usize = 4;
export const STAGES: usize = 16;
export const STAGE: usize = 48;
export const S_Q: usize = 4;
export const S_STRIDE: usize = 8;
export const S_FILTER: usize = 12;
export const S_SHIFT: usize = 16;
export const S_INDEXES: usize = 20;
export const S_FOLD: usize = 24;
export const S_ALARMS: usize = 28;
export const S_INDEX: usize = 32;
const PREFILTER: usize = STAGES + 2 * STAGE;

/** Literals of at least this many bytes go to the sampler. */
let knobT: u32 = 8;
let knobQ: u32 = 6;
const knobBits: u32 = 4;

/** Where the rarest stretch of `span` bytes of a literal begins, measured by its grams of `q` bytes. */
function rarest(a: usize, literal: u32, span: u32, q: u32): u32 {
  const text = textOf(a, literal);
  const last = lengthOf(a, literal) - span;
  let best: u32 = 0;
  let least: f32 = f32.MAX_VALUE;
  for (let at: u32 = 0; at <= last; at++) {
    let sum: f32 = 0;
    for (let g: u32 = 0; g + q <= span; g++) sum += probability(rarityOf(text + at + g, q));
    if (sum < least) {
      least = sum;
      best = at;
    }
  }
  return best;
}

function anyFolded(a: usize, from: u32, to: u32): bool {
  for (let i: u32 = 0; i < load<u32>(a, A_LITERALS); i++) {
    const length = lengthOf(a, i);
    if (length >= from && length < to && lengthWord(a, i) & FOLDED) return true;
  }
  return false;
}

/** Pairs { literal, before } of literals of `[from, to)` bytes: `grams` each, from the rarest stretch. Returns how many. */
function listPairs(a: usize, list: usize, from: u32, to: u32, q: u32, grams: u32): u32 {
  let n: u32 = 0;
  for (let i: u32 = 0; i < load<u32>(a, A_LITERALS); i++) {
    const length = lengthOf(a, i);
    if (length < from || length >= to) continue;
    const at = rarest(a, i, q + grams - 1, q);
    for (let g: u32 = 0; g < grams; g++) {
      store<u32>(list + ((<usize>n) << 3), i);
      store<u32>(list + ((<usize>n) << 3), at + g, 4);
      n++;
    }
  }
  return n;
}

function buildTeddy(stage: usize, a: usize, list: usize, to: u32): bool {
  let n: u32 = 0;
  const indexes = allocZero(3 * INDEX);
  const masks = allocZero(MASKS);
  store<u32>(stage, TEDDY);
  store<u32>(stage, <u32>indexes, S_INDEX);
  store<u32>(stage, <u32>masks, S_FILTER);
  if (!indexes || !masks) return false;
  let count: u32 = 0;
  for (let q: u32 = WINDOW; q > 0; q--) {
    const from = n;
    n += listPairs(a, list + ((<usize>n) << 3), q, q == WINDOW ? to : q + 1, q, 1);
    if (n == from) continue;
    const index = indexes + <usize>count * INDEX;
    store<u32>(stage, ++count, S_INDEXES);
    if (!indexBuild(index, a, list + ((<usize>from) << 3), n - from, q, anyFolded(a, 1, to))) return false;
  }
  store<f32>(stage, teddyBuild(masks, a, list, n), S_ALARMS);
  return true;
}

function buildSampler(stage: usize, a: usize, list: usize, from: u32, shortest: u32, q: u32): bool {
  const stride = shortest - q + 1;
  const n = listPairs(a, list, from, u32.MAX_VALUE, q, stride);
  const fold = anyFolded(a, from, u32.MAX_VALUE);
  const bits = min(max(32 - clz(n) + knobBits, 10), 22);
  const index = allocZero(INDEX);
  const filter = allocZero((<usize>1 << bits) >> 3);
  store<u32>(stage, SAMPLER);
  store<u32>(stage, q, S_Q);
  store<u32>(stage, stride, S_STRIDE);
  store<u32>(stage, <u32>filter, S_FILTER);
  store<u32>(stage, 64 - bits, S_SHIFT);
  store<u32>(stage, fold ? 1 : 0, S_FOLD);
  store<u32>(stage, <u32>index, S_INDEX);
  if (!index || !filter) return false;
  store<u32>(stage, 1, S_INDEXES);
  for (let i: u32 = 0; i < n; i++) {
    const pair = list + ((<usize>i) << 3);
    const p = textOf(a, load<u32>(pair)) + load<u32>(pair, 4);
    setBit(filter, 64 - bits, hashGram(load<u64>(p), fold ? FOLD_ALL : 0, 64 - 8 * q));
  }
  return indexBuild(index, a, list, n, q, fold);
}

/** Makes the prefilter of an automaton that has none; false when memory is exhausted. Without one all is walked. */
export function prefilterBuild(a: usize): bool {
  const count = load<u32>(a, A_LITERALS);
  knobT = count <= 64 ? u32.MAX_VALUE : 8;
  let shortLiterals: u32 = 0;
  let longShortest: u32 = u32.MAX_VALUE;
  for (let i: u32 = 0; i < count; i++) {
    const length = lengthOf(a, i);
    if (length < knobT) shortLiterals++;
    else longShortest = min(longShortest, length);
  }
  if ((!ASC_FEATURE_SIMD && shortLiterals) || shortLiterals > 64) return true;
  const f = allocZero(PREFILTER);
  if (!f) return false;
  store<u32>(a, <u32>f, A_PREFILTER);
  const ends = endsBuild(a);
  store<u32>(f, <u32>ends, F_ENDS);
  if (!ends) return false;
  const list = alloc(<usize>count * 8 * (longShortest == u32.MAX_VALUE ? 1 : longShortest));
  if (!list) return false;
  let stages: u32 = 0;
  let ok = true;
  if (ASC_FEATURE_SIMD && shortLiterals) {
    store<u32>(f, ++stages);
    ok = buildTeddy(f + STAGES, a, list, knobT);
  }
  if (ok && longShortest != u32.MAX_VALUE) {
    const stage = f + STAGES + <usize>stages * STAGE;
    store<u32>(f, ++stages);
    ok = buildSampler(stage, a, list, knobT, min(longShortest, 24), knobQ);
  }
  release(list);
  return ok;
}

export function prefilterFree(a: usize): void {
  const f: usize = load<u32>(a, A_PREFILTER);
  if (!f) return;
  for (let i: u32 = 0; i < load<u32>(f); i++) {
    const stage = f + STAGES + <usize>i * STAGE;
    const indexes: usize = load<u32>(stage, S_INDEX);
    for (let k: u32 = 0; k < load<u32>(stage, S_INDEXES); k++) indexFree(indexes + <usize>k * INDEX);
    release(indexes);
    release(load<u32>(stage, S_FILTER));
  }
  endsFree(load<u32>(f, F_ENDS));
  release(f);
  store<u32>(a, 0, A_PREFILTER);
}
