/**
 * The automaton's state at the end of a text, without walking the text.
 *
 * The state is the longest suffix that is the beginning of a literal. Such a suffix starts at most (longest literal - 1) bytes
 * before the end, and if it has four bytes or more, its first four are the first four of a literal: a filter of those tells
 * where a walk from the root is worth beginning. With vectors and not too many literals, Teddy over their first three bytes
 * goes before it. A walk that has lost the position it began at, and is less than four bytes deep, is given up, and the search
 * goes on behind it.
 * Without Teddy, a short end is just walked.
 *
 *   ends, 16 bytes: mask u32 │ fold u32 │ masks of Teddy, address or 0 │ filter (filter.ts), address
 */
import { A_LITERALS, A_WIDTH, SPARSE, depthOf, FOLDED, lengthOf, lengthWord, maxLength, textOf } from './automaton';
import { hashFour } from './grams';
import { WINDOW } from './buckets';
import { filterCreate, letPass, mayPass, MOST_WORDS } from './filter';
import { alloc, allocZero, release } from './heap';
import { listLiterals, MOST_AT_ENDS } from './plan';
import { MASKS, teddyBuild, teddyScan } from './teddy';
import { step, walk } from './walk';

const HEADER: usize = 16;
const PREFIX: u32 = 4;
/** So many bytes are walked faster than filtered, if there is no Teddy. */
const WALKED: usize = 48;

/** Lanes that Teddy has found: 8 bytes for 32 positions, of which there are at most as many as a literal has bytes. */
const found = memory.data(8 * (4096 / 32 + 4), 16);

/** 0 when memory is exhausted. */
export function endsBuild(a: usize): usize {
  const literals = load<u32>(a, A_LITERALS);
  const bits = min(max(32 - clz(literals), 6), MOST_WORDS);
  const ends = allocZero(HEADER);
  if (!ends) return 0;
  const words = filterCreate(bits);
  store<u32>(ends, <u32>words, 12);
  if (!words) {
    endsFree(ends);
    return 0;
  }
  let fold = false;
  for (let i: u32 = 0; i < literals; i++) fold = fold || (lengthWord(a, i) & FOLDED) != 0;
  store<u32>(ends, (<u32>4 << bits) - 4);
  store<u32>(ends, fold ? 1 : 0, 4);
  for (let i: u32 = 0; i < literals; i++) {
    if (lengthOf(a, i) <= PREFIX) continue;
    letPass(words, (<usize>4 << bits) - 4, hashFour(load<u32>(textOf(a, i)), fold));
  }
  if (ASC_FEATURE_SIMD && literals <= MOST_AT_ENDS) {
    const masks = alloc(MASKS);
    const list = alloc(<usize>literals * 8);
    store<u32>(ends, <u32>masks, 8);
    if (masks && list) teddyBuild(masks, a, list, listLiterals(a, list, PREFIX + 1, u32.MAX_VALUE), true, 1);
    release(list);
    if (!masks || !list) {
      endsFree(ends);
      return 0;
    }
  }
  return ends;
}

export function endsFree(ends: usize): void {
  if (!ends) return;
  release(load<u32>(ends, 8));
  release(load<u32>(ends, 12));
  release(ends);
}

// @ts-ignore: decorator
@inline function mayBegin(ends: usize, p: usize): bool {
  return mayPass(load<u32>(ends, 12), load<u32>(ends), hashFour(load<u32>(p), load<u32>(ends, 4) != 0)) != 0;
}

let state: u32 = 0;

/** Walks from the root at `p`. Returns 0 if `state` is that at the end, or where to go on. */
function tryFrom(a: usize, p: usize, end: usize): usize {
  let q = p;
  state = 0;
  while (q < end) {
    state = step(a, state, load<u8>(q++));
    const depth = <usize>depthOf(a, state);
    if (depth < <usize>PREFIX && q - depth > p) return q - depth;
  }
  return 0;
}

/** State after the text `[p, end)`, of which nothing before `p` counts. */
export function stateAtEnd(a: usize, ends: usize, p: usize, end: usize): u32 {
  const longest = <usize>maxLength(a) - 1;
  if (end - p > longest) p = end - longest;
  const masks: usize = load<u32>(ends, 8);
  if (!masks && end - p <= WALKED && load<u32>(a, A_WIDTH) != SPARSE) return walk(a, 0, p, end);
  if (ASC_FEATURE_SIMD && masks && p + PREFIX <= end) {
    const last = teddyScan(masks, p, end - 1, true, found);
    for (let at = found; at < last; at += 8) {
      for (let lanes = load<u32>(at, 4); lanes; lanes &= lanes - 1) {
        const from = <usize>load<u32>(at) + <usize>ctz(lanes) - (WINDOW - 1);
        if (from < p || from + PREFIX > end || !mayBegin(ends, from)) continue;
        p = tryFrom(a, from, end);
        if (!p) return state;
      }
    }
    p = max(p, end - PREFIX + 1);
  }
  while (p + PREFIX <= end) {
    if (!mayBegin(ends, p)) {
      p++;
      continue;
    }
    p = tryFrom(a, p, end);
    if (!p) return state;
  }
  return walk(a, 0, p, end);
}
