/**
 * The automaton's state at the end of a text, without walking the text.
 *
 * The state is the longest suffix that is the beginning of a literal. Such a suffix starts at most (longest literal - 1) bytes
 * before the end, and if it has four bytes or more, its first four are the first four of a literal: a filter of those
 * tells where a walk from the root is worth beginning. A walk that has lost the position it began at, and is less than four bytes
 * deep, is given up, and the search goes on behind it.
 *
 *   ends, 16 bytes + filter: mask u32 │ fold u32 │ 0 │ 0 │ words of the filter (sampler.ts)
 */
import { A_LITERALS, depthOf, FOLDED, lengthOf, lengthWord, maxLength, textOf } from './automaton';
import { FOLD_ALL, hashGram, multiplierOf } from './grams';
import { allocZero, release } from './heap';
import { letPass, mayPass, MOST_WORDS } from './sampler';
import { step, walk } from './walk';

const HEADER: usize = 16;
const PREFIX: u32 = 4;

/** 0 when memory is exhausted. */
export function endsBuild(a: usize): usize {
  const literals = load<u32>(a, A_LITERALS);
  const bits = min(max(32 - clz(literals), 6), MOST_WORDS);
  const ends = allocZero(HEADER + (<usize>4 << bits));
  if (!ends) return 0;
  let fold = false;
  for (let i: u32 = 0; i < literals; i++) fold = fold || (lengthWord(a, i) & FOLDED) != 0;
  store<u32>(ends, (<u32>4 << bits) - 4);
  store<u32>(ends, fold ? 1 : 0, 4);
  for (let i: u32 = 0; i < literals; i++) {
    if (lengthOf(a, i) <= PREFIX) continue;
    letPass(ends + HEADER, (<usize>4 << bits) - 4, hashGram(load<u64>(textOf(a, i)), fold ? FOLD_ALL : 0, multiplierOf(PREFIX)));
  }
  return ends;
}

export function endsFree(ends: usize): void {
  release(ends);
}

/** State after the text `[p, end)`, of which nothing before `p` counts. */
export function stateAtEnd(a: usize, ends: usize, p: usize, end: usize): u32 {
  const longest = <usize>maxLength(a) - 1;
  if (end - p > longest) p = end - longest;
  const mask: usize = load<u32>(ends);
  const multiplier = multiplierOf(PREFIX);
  const fold: u64 = load<u32>(ends, 4) ? FOLD_ALL : 0;
  const words = ends + HEADER;
  while (p + PREFIX <= end) {
    if (!mayPass(words, mask, hashGram(load<u64>(p), fold, multiplier))) {
      p++;
      continue;
    }
    let state: u32 = 0;
    let q = p;
    for (;;) {
      if (q == end) return state;
      state = step(a, state, load<u8>(q++));
      const depth = <usize>depthOf(a, state);
      if (depth < <usize>PREFIX && q - depth > p) {
        p = q - depth;
        break;
      }
    }
  }
  return walk(a, 0, p, end);
}
