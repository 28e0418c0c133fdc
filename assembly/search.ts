/**
 * Finds all occurrences in a run of bytes and writes them to the hits area, 4,096 at a time.
 *
 *    state ──▶ ┌ head ──────┬ stages ──────────────────────────────┬ end ─────┐ ──▶ state
 *              │ walk, as   │ prefilter and verify: occurrences     │ walk from│
 *              │ long as    │ that lie in the run as a whole,       │ the last │
 *              │ something  │ block by block                        │ possible │
 *              │ reaches in │                                       │ beginning│
 *              └────────────┴──────────────────────────────────────┴──────────┘
 *
 * Head and stages both begin at the first byte. Without a prefilter, and for tiny runs, the walk does everything.
 */
import {
  A_CLASS, A_FIRST, A_NEXT, A_OUTPUTS, A_PREFILTER, A_SHIFT, A_TABLE, A_WIDTH, depthOf, lengthOf, OUTPUT_BYTES, SPARSE,
} from './automaton';
import { stateAtEnd } from './ends';
import { F_ENDS, S_FILTER, S_FOLD, S_INDEX, S_INDEXES, S_Q, S_SHIFT, S_STRIDE, STAGE, STAGES, TEDDY } from './prefilter';
import { sampleScan } from './sampler';
import { hits, HITS_CAPACITY, setHits, setState } from './status';
import { teddyScan } from './teddy';
import { E_BEFORE, E_LENGTH, E_LITERAL, ENTRY, firstEntry, gramAt, INDEX, lastEntry, standsAt, tag } from './verify';
import { step } from './walk';

/** Runs shorter than this are walked. */
const TINY: usize = 16;
/** Both stages go over one block before the next one is fetched. */
const BLOCK: usize = 1 << 14;

const HEAD: u32 = 0;
const FILTER: u32 = 1;
const WALK: u32 = 2;
const OVER: u32 = 3;

// Where the search stands: it goes on here when the hits area was full.
let automaton: usize = 0;
let start: usize = 0;
let end: usize = 0;
let phase: u32 = OVER;
let position: usize = 0;
let state: u32 = 0;
let count: u32 = 0;
/** Outputs of `state` that are out already, when `pending`. */
let skip: u32 = 0;
let pending: bool = false;
/** The block that the stages are in, the stage, and where each stage goes on. */
let blockEnd: usize = 0;
let stageNumber: u32 = 0;
const stagePosition = memory.data(8);
/** The stage in progress. */
let indexes: usize = 0;
let indexCount: u32 = 0;
/** The index and entry to go on with at the position where the area was full. */
let resumeIndex: u32 = 0;
let resumeEntry: usize = 0;

function hit(literal: u32, at: usize): void {
  const to = hits + (<usize>count << 3);
  store<u32>(to, literal);
  store<u32>(to, <u32>(at - start), 4);
  count++;
}

/** Writes the outputs of `state` that are longer than `beyond` bytes; false when the area is full. */
function report(beyond: u32): bool {
  const a = automaton;
  const first = load<u32>(a, A_FIRST);
  const outputs = a + load<u32>(a, A_OUTPUTS);
  const next = a + load<u32>(a, A_NEXT);
  let seen: u32 = 0;
  for (let s = state; s != 0 && depthOf(a, s) > beyond; ) {
    const out = outputs + <usize>(s - first) * OUTPUT_BYTES;
    for (let head: usize = 0; head < 8; head += 4) {
      for (let literal = load<u32>(out + head); literal; literal = load<u32>(next + (<usize>(literal - 1) << 2))) {
        if (seen++ < skip || lengthOf(a, literal - 1) <= beyond) continue;
        if (count == HITS_CAPACITY) {
          skip = seen - 1;
          pending = true;
          return false;
        }
        hit(literal - 1, position);
      }
    }
    s = load<u32>(out, 8);
  }
  skip = 0;
  pending = false;
  return true;
}

/** Walks while the state reaches back before the run, and reports what began there. */
function head(): bool {
  const a = automaton;
  const first = load<u32>(a, A_FIRST);
  if (pending && !report(<u32>(position - start))) return false;
  while (position < end && depthOf(a, state) > <u32>(position - start)) {
    state = step(a, state, load<u8>(position++));
    if (state >= first && !report(<u32>(position - start))) return false;
  }
  return true;
}

/** Steps until a matching state or the end; true at a matching state. */
function advance<T>(): bool {
  const a = automaton;
  const table = a + load<u32>(a, A_TABLE);
  const shift = load<u32>(a, A_SHIFT);
  const first = load<u32>(a, A_FIRST);
  const last = end;
  let p = position;
  let s = state;
  while (p < last) {
    s = <u32>load<T>(table + ((<usize>s << shift) + load<u8>(a + load<u8>(p), A_CLASS)) * sizeof<T>());
    p++;
    if (s >= first) {
      position = p;
      state = s;
      return true;
    }
  }
  position = p;
  state = s;
  return false;
}

function advanceSparse(): bool {
  const first = load<u32>(automaton, A_FIRST);
  while (position < end) {
    state = step(automaton, state, load<u8>(position++));
    if (state >= first) return true;
  }
  return false;
}

function walkAll(): bool {
  if (pending && !report(0)) return false;
  const width = load<u32>(automaton, A_WIDTH);
  while (width == 2 ? advance<u16>() : width == SPARSE ? advanceSparse() : advance<u32>()) if (!report(0)) return false;
  return true;
}

/** Compares the literals of `index` that may stand around the gram at `p`; false when the area is full. */
function verify(index: usize, p: usize, hash: u64): bool {
  let entry = firstEntry(index, hash);
  const last = lastEntry;
  if (entry == last) return true;
  const wanted = tag;
  if (resumeEntry) {
    entry = resumeEntry;
    resumeEntry = 0;
  }
  for (; entry < last; entry += ENTRY) {
    if (load<u32>(entry) != wanted) continue;
    const at = p - load<u16>(entry, E_BEFORE);
    const behind = at + load<u16>(entry, E_LENGTH);
    if (at < start || behind > end || !standsAt(automaton, entry, at)) continue;
    if (count == HITS_CAPACITY) {
      resumeEntry = entry;
      return false;
    }
    hit(load<u32>(entry, E_LITERAL), behind);
  }
  return true;
}

/** A window of the Teddy stage may end at `p`. */
export function verifyWindow(p: usize): bool {
  for (let k = resumeIndex; k < indexCount; k++) {
    const index = indexes + <usize>k * INDEX;
    const gram = p + 1 - load<u32>(index);
    if (!verify(index, gram, gramAt(index, gram))) {
      resumeIndex = k;
      return false;
    }
  }
  resumeIndex = 0;
  return true;
}

/** The bit of the gram at `p` is set in the sampler stage. */
export function verifyGram(p: usize, hash: u64): bool {
  return verify(indexes, p, hash);
}

/** Runs the stages over the rest of the text, block by block. */
function filter(): bool {
  const f: usize = load<u32>(automaton, A_PREFILTER);
  const stages = load<u32>(f);
  while (true) {
    for (; stageNumber < stages; stageNumber++) {
      const stage = f + STAGES + <usize>stageNumber * STAGE;
      const cursor = stagePosition + (stageNumber << 2);
      const from: usize = load<u32>(cursor);
      indexes = load<u32>(stage, S_INDEX);
      indexCount = load<u32>(stage, S_INDEXES);
      let p: usize;
      if (ASC_FEATURE_SIMD && load<u32>(stage) == TEDDY) {
        p = teddyScan(load<u32>(stage, S_FILTER), from, blockEnd, from == start);
      } else {
        p = sampleScan(
          load<u32>(stage, S_FILTER), load<u32>(stage, S_SHIFT), load<u32>(stage, S_Q), load<u32>(stage, S_FOLD) != 0,
          load<u32>(stage, S_STRIDE), from, blockEnd,
        );
      }
      store<u32>(cursor, <u32>p);
      if (resumeEntry) return false;
    }
    if (blockEnd == end) return true;
    stageNumber = 0;
    blockEnd = end - blockEnd > BLOCK ? blockEnd + BLOCK : end;
  }
  return true;
}

/** Goes on with the search in progress. Returns the hits written; `status.more` says whether to call again. */
export function scanOn(): u32 {
  count = 0;
  if (phase == HEAD && head()) {
    // A state that reaches back to the very first byte or further is the state at the end, too.
    const reaches = position == end && depthOf(automaton, state) >= <u32>(end - start);
    setState(reaches ? state : stateAtEnd(automaton, load<u32>(load<u32>(automaton, A_PREFILTER), F_ENDS), start, end));
    phase = FILTER;
  }
  if (phase == FILTER && filter()) phase = OVER;
  if (phase == WALK && walkAll()) {
    setState(state);
    phase = OVER;
  }
  setHits(count, phase == OVER ? 0 : 1);
  return count;
}

/** Begins a search in `[p, p + length)`, from state `from`. */
export function scanBegin(a: usize, from: u32, p: usize, length: usize): u32 {
  automaton = a;
  start = p;
  position = p;
  end = p + length;
  state = from;
  skip = 0;
  pending = false;
  if (length < TINY || load<u32>(a, A_PREFILTER) == 0) {
    phase = WALK;
  } else {
    phase = HEAD;
    blockEnd = p + min(length, BLOCK);
    stageNumber = 0;
    resumeIndex = 0;
    resumeEntry = 0;
    store<u32>(stagePosition, <u32>p);
    store<u32>(stagePosition, <u32>p, 4);
  }
  return scanOn();
}
