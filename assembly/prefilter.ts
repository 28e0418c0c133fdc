/** Makes the filters and indexes of an automaton, drawn in stage.ts. */
import { A_LITERALS, A_PREFILTER, FOLDED, lengthOf, lengthWord, textOf } from './automaton';
import { WINDOW } from './buckets';
import { filterCreate, letPass, MOST_WORDS, preparePatterns } from './filter';
import { FOLD_ALL, hashGram, multiplierOf } from './grams';
import { alloc, allocZero, release } from './heap';
import { endsBuild, endsFree } from './ends';
import { cellBits, MAP_GRAM, mapScanOf, markLong, markShort } from './map';
import {
  choosePlan, listLiterals, rarest, samplerFrom, samplerQ, samplerStride, shortestRun, usesMap, usesSampler, usesTeddy,
} from './plan';
import { mapBits, markGram, scanOf } from './sampler';
import {
  F_ENDS, F_SHORTEST, MAP, PREFILTER, S_FILTER, S_FOLD, S_INDEX, S_INDEXES, S_Q, S_SCAN, S_STRETCH_MASK, S_STRETCH_Q, S_STRETCHES, S_STRIDE,
  SAMPLER, SHORT, STAGE, STAGES, TEDDY,
} from './stage';
import { MASKS, teddyBuild } from './teddy';
import { INDEX, indexBuild, indexFree } from './verify';

/** Most indexes of a stage: one for each length of short literals. */
const MOST_INDEXES: u32 = 2;
/** How often buckets are put in order. */
const ROUNDS: u32 = 4;

function anyFolded(a: usize, from: u32, to: u32): bool {
  for (let i: u32 = 0; i < load<u32>(a, A_LITERALS); i++) {
    const length = lengthOf(a, i);
    if (length >= from && length < to && lengthWord(a, i) & FOLDED) return true;
  }
  return false;
}

/** The literals of at least `from` bytes as pairs { literal, where its rarest stretch begins }. Returns how many. */
function listStretches(a: usize, list: usize, from: u32, q: u32, stride: u32): u32 {
  let n: u32 = 0;
  for (let i: u32 = 0; i < load<u32>(a, A_LITERALS); i++) {
    if (lengthOf(a, i) < from) continue;
    store<u32>(list + ((<usize>n) << 3), i);
    store<u32>(list + ((<usize>n) << 3), rarest(a, i, q + stride - 1, q), 4);
    n++;
  }
  return n;
}

function sizeOfWindow(a: usize, list: usize, i: u32): u32 {
  return min(lengthOf(a, load<u32>(list + ((<usize>i) << 3))), WINDOW);
}

/** Teddy for all literals below `below` bytes. */
function buildTeddy(stage: usize, a: usize, list: usize, below: u32): bool {
  const indexes = allocZero(<usize>MOST_INDEXES * INDEX);
  const masks = allocZero(MASKS);
  store<u32>(stage, TEDDY);
  store<u32>(stage, 1, S_STRIDE);
  store<u32>(stage, <u32>indexes, S_INDEX);
  store<u32>(stage, <u32>masks, S_FILTER);
  if (!indexes || !masks) return false;
  const n = listLiterals(a, list, 1, below);
  teddyBuild(masks, a, list, n, false, ROUNDS);
  const fold = anyFolded(a, 1, below);
  // The list is sorted by the windows' size. Those of one byte have an index of their own; in the other's, the shortest windows say
  // how many bytes all grams have: the last ones of each window.
  for (let from: u32 = 0; from < n; ) {
    const q = sizeOfWindow(a, list, from);
    let to = from;
    for (; to < n && (q > 1 || sizeOfWindow(a, list, to) == 1); to++) {
      const before = list + ((<usize>to) << 3) + 4;
      store<u32>(before, load<u32>(before) + sizeOfWindow(a, list, to) - q);
    }
    const count = load<u32>(stage, S_INDEXES);
    store<u32>(stage, count + 1, S_INDEXES);
    if (!indexBuild(indexes + <usize>count * INDEX, a, list + ((<usize>from) << 3), to - from, q, fold)) return false;
    from = to;
  }
  return true;
}

/** The sampler for all literals of at least `from` bytes. */
function buildSampler(stage: usize, a: usize, list: usize, from: u32, q: u32, stride: u32): bool {
  const n = listStretches(a, list, from, q, stride);
  const isFolded = anyFolded(a, from, u32.MAX_VALUE);
  const fold: u64 = isFolded ? FOLD_ALL : 0;
  const hashed = min(q + stride - 1, 8);
  const mapped = mapBits(n * stride);
  // 16 to 32 bits for each stretch.
  const bits = min(max(31 - clz(n), 6), MOST_WORDS);
  const index = allocZero(INDEX);
  const map = allocZero(<usize>1 << mapped);
  // With a stride of 1 they are the grams themselves.
  const stretches = stride > 1 ? filterCreate(bits) : 0;
  store<u32>(stage, SAMPLER);
  store<u32>(stage, q, S_Q);
  store<u32>(stage, stride, S_STRIDE);
  store<u32>(stage, <u32>map, S_FILTER);
  store<u32>(stage, scanOf(mapped, isFolded), S_SCAN);
  store<u32>(stage, isFolded ? 1 : 0, S_FOLD);
  store<u32>(stage, <u32>index, S_INDEX);
  store<u32>(stage, <u32>stretches, S_STRETCHES);
  store<u32>(stage, (<u32>4 << bits) - 4, S_STRETCH_MASK);
  store<u32>(stage, hashed, S_STRETCH_Q);
  if (!index || !map || (stride > 1 && !stretches)) return false;
  store<u32>(stage, 1, S_INDEXES);
  for (let i: u32 = 0; i < n; i++) {
    const pair = list + ((<usize>i) << 3);
    const p = textOf(a, load<u32>(pair)) + load<u32>(pair, 4);
    for (let g: usize = 0; g < <usize>stride; g++) {
      markGram(map, mapped, hashGram(load<u64>(p + g), fold, multiplierOf(q)));
    }
    if (stretches) letPass(stretches, (<usize>4 << bits) - 4, hashGram(load<u64>(p), fold, multiplierOf(hashed)));
  }
  return indexBuild(index, a, list, n, hashed, isFolded);
}

/** Where the map is in `map`, marks all literals of `length` bytes, and adds an index of them to the stage. */
function addShort(stage: usize, a: usize, list: usize, length: u32, map: usize, bits: u32, isFolded: bool): bool {
  const n = listLiterals(a, list, length, length + 1);
  if (n == 0) return true;
  for (let i: u32 = 0; i < n; i++) {
    markShort(map, bits, isFolded, textOf(a, load<u32>(list + ((<usize>i) << 3))), length);
  }
  const count = load<u32>(stage, S_INDEXES);
  store<u32>(stage, count + 1, S_INDEXES);
  return indexBuild(<usize>load<u32>(stage, S_INDEX) + <usize>count * INDEX, a, list, n, length, isFolded);
}

/** The map for all literals: a stage for those of at least four bytes, and one for the others. */
function buildMap(stage: usize, a: usize, list: usize): bool {
  const shorts = stage + STAGE;
  const n = listStretches(a, list, MAP_GRAM, MAP_GRAM, 1);
  const isFolded = anyFolded(a, 1, u32.MAX_VALUE);
  const bits = cellBits(n);
  const map = allocZero(<usize>1 << bits);
  const index = allocZero(INDEX);
  const indexes = allocZero(<usize>MOST_INDEXES * INDEX);
  store<u32>(stage, MAP);
  store<u32>(stage, 1, S_STRIDE);
  store<u32>(stage, <u32>map, S_FILTER);
  store<u32>(stage, mapScanOf(bits), S_SCAN);
  store<u32>(stage, isFolded ? 1 : 0, S_FOLD);
  store<u32>(stage, <u32>index, S_INDEX);
  store<u32>(shorts, SHORT);
  store<u32>(shorts, 1, S_STRIDE);
  store<u32>(shorts, <u32>indexes, S_INDEX);
  if (!map || !index || !indexes) return false;
  for (let i: u32 = 0; i < n; i++) {
    const pair = list + ((<usize>i) << 3);
    markLong(map, bits, isFolded, textOf(a, load<u32>(pair)) + load<u32>(pair, 4));
  }
  if (n) {
    store<u32>(stage, 1, S_INDEXES);
    if (!indexBuild(index, a, list, n, MAP_GRAM, isFolded)) return false;
  }
  return addShort(shorts, a, list, 3, map, bits, isFolded) && addShort(shorts, a, list, 2, map, bits, isFolded);
}

/**
 * Makes the prefilter of an automaton, unless walking it is expected to be cheaper. False when memory is exhausted; what is
 * there is freed with the automaton.
 */
export function prefilterBuild(a: usize): bool {
  const count = load<u32>(a, A_LITERALS);
  const list = alloc(<usize>count * 8);
  if (!list) return false;
  choosePlan(a, list);
  release(list);
  if (!usesTeddy && !usesSampler && !usesMap) return true;
  preparePatterns();
  const f = allocZero(PREFILTER);
  if (!f) return false;
  store<u32>(a, <u32>f, A_PREFILTER);
  store<u32>(f, shortestRun, F_SHORTEST);
  const ends = endsBuild(a);
  store<u32>(f, <u32>ends, F_ENDS);
  const pairs = alloc(<usize>count * 8);
  let ok = ends != 0 && pairs != 0;
  let stages: u32 = 0;
  if (ok && usesMap) {
    stages = 2;
    store<u32>(f, stages);
    ok = buildMap(f + STAGES, a, pairs);
  }
  if (ok && usesTeddy) {
    store<u32>(f, ++stages);
    ok = buildTeddy(f + STAGES, a, pairs, samplerFrom);
  }
  if (ok && usesSampler) {
    const stage = f + STAGES + <usize>stages * STAGE;
    store<u32>(f, ++stages);
    ok = buildSampler(stage, a, pairs, samplerFrom, samplerQ, samplerStride);
  }
  release(pairs);
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
    release(load<u32>(stage, S_STRETCHES));
  }
  endsFree(load<u32>(f, F_ENDS));
  release(f);
  store<u32>(a, 0, A_PREFILTER);
}
