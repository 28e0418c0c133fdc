/** Literals → automaton: classes of bytes, tries, pairs, block. All working memory is given back. */
import { findClasses } from './classes';
import { emit } from './emit';
import { release } from './heap';
import { buildPairs, freePairs } from './pairs';
import { prefilterBuild, prefilterFree } from './prefilter';
import { fits, readSpec } from './spec';
import { DONE, MALFORMED, OUT_OF_MEMORY, setReason } from './status';
import { buildTries, freeTries } from './trie';

/** `spec` is drawn in spec.ts. Returns the automaton, or 0 with `status.reason` = MALFORMED or OUT_OF_MEMORY. */
export function compile(spec: usize, bytes: usize): usize {
  setReason(MALFORMED);
  if (!readSpec(spec, bytes)) return 0;
  setReason(OUT_OF_MEMORY);
  if (!fits()) return 0;
  findClasses(spec);
  const a = buildTries(spec) && buildPairs() ? emit(spec) : 0;
  freePairs();
  freeTries();
  if (!a) return 0;
  if (!prefilterBuild(a)) {
    free(a);
    return 0;
  }
  setReason(DONE);
  return a;
}

export function free(a: usize): void {
  if (!a) return;
  prefilterFree(a);
  release(a);
}
