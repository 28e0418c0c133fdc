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
import { multiplierOf } from './grams';
import { longs, longsEnd, MAP_STEP, shorts, shortsEnd } from './map';
import { stretchScan } from './sampler';
import {
  F_ENDS, F_SHORTEST, MAP, S_FILTER, S_FOLD, S_INDEX, S_INDEXES, S_Q, S_SCAN, S_STRETCH_MASK, S_STRETCH_Q, S_STRETCHES, S_STRIDE,
  SHORT, STAGE, STAGES, TEDDY,
} from './stage';
import { hits, HITS_CAPACITY, setHits, setState } from './status';
import { teddyScan } from './teddy';
import { COMPARED, E_BEFORE, E_LAST, E_LENGTH, E_LITERAL, ENTRY, INDEX, lookUp, mayStand, restStandsAt } from './verify';
import { step } from './walk';

/** The stages take turns at blocks of this size. */
const BLOCK: usize = 4096;

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
const stagePosition = memory.data(4 * 4);
/** The stage in progress: its indexes, and how many of them have been asked about the alarms of this block. */
let isTeddy: bool = false;
let indexes: usize = 0;
let indexCount: u32 = 0;
let indexNumber: u32 = 0;
/** Alarms of this block: addresses u32, at most one for each position and a last vector's worth. */
const alarms = memory.data(4 * (4096 + 32), 16);
let alarmEnd: usize = 0;
/** What `lookUp` made of them, 16 bytes each, and how far `compare` has come; before that, the lanes of `teddyScan`. */
const looked = memory.data(16 * (4096 + 32), 16);
let lookedAt: usize = 0;
let lookedEnd: usize = 0;
/** The entry to go on with when the hits area was full. */
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

/** Writes the positions of groups { address of the first u32, one bit for each u32 }, `stride` bytes apart, to `alarms`. */
function expand(from: usize, to: usize, stride: u32): void {
  let alarm = alarms;
  for (; from < to; from += 8) {
    const base = load<u32>(from);
    let lanes = load<u32>(from, 4);
    // Four at a time, wanted or not: their number is not to be foreseen, but seldom above four.
    while (true) {
      const count = <usize>popcnt(lanes);
      for (let k: usize = 0; k < 8; k += 4) {
        store<u32>(alarm + k, base + <u32>ctz(lanes) * stride);
        lanes &= lanes - 1;
      }
      alarm += min<usize>(count, 2) << 2;
      if (!lanes) break;
    }
  }
  alarmEnd = alarm;
}

/** Lets the stage's filter go over the block, and notes its alarms. */
function fetch(stage: usize): void {
  const cursor = stagePosition + (stageNumber << 2);
  const from: usize = load<u32>(cursor);
  const kind = load<u32>(stage);
  if (kind == SHORT) {
    expand(shorts, shortsEnd, 1);
    return;
  }
  const words: usize = load<u32>(stage, S_FILTER);
  const isFolded = load<u32>(stage, S_FOLD) != 0;
  const stride: usize = load<u32>(stage, S_STRIDE);
  let step = stride;
  if (ASC_FEATURE_SIMD && kind == TEDDY) {
    expand(looked, teddyScan(words, from, blockEnd, from == start, looked), 1);
    step = 32;
  } else if (kind == MAP) {
    const scan = load<u32>(stage, S_SCAN);
    call_indirect<void>(scan, words, isFolded, from, blockEnd);
    expand(longs, longsEnd, 1);
    step = MAP_STEP;
  } else {
    const scan = load<u32>(stage, S_SCAN);
    const multiplier = multiplierOf(load<u32>(stage, S_Q));
    expand(looked, call_indirect<usize>(scan, words, multiplier, stride, from, blockEnd, looked), <u32>stride);
  }
  const stretches: usize = load<u32>(stage, S_STRETCHES);
  if (stretches) {
    const to = looked + (alarmEnd - alarms);
    memory.copy(looked, alarms, alarmEnd - alarms);
    alarmEnd = stretchScan(stretches, load<u32>(stage, S_STRETCH_MASK), load<u32>(stage, S_STRETCH_Q), isFolded, stride, looked, to, alarms);
  }
  if (from < blockEnd) store<u32>(cursor, <u32>(from + (blockEnd - from + step - 1) / step * step));
}

/**
 * Compares what was looked up with the text; false when the hits area is full. A hit is written for every entry, and counts if its literal
 * stands there: which do, and where chains of entries end, is not to be foreseen.
 */
function compare(): bool {
  const a = automaton;
  const from = start;
  const to = end;
  const last = lookedEnd;
  let at = lookedAt;
  let entry = resumeEntry ? resumeEntry : <usize>load<u32>(at);
  let n = count;
  resumeEntry = 0;
  while (at < last) {
    if (n == HITS_CAPACITY) {
      resumeEntry = entry;
      break;
    }
    const begin = <usize>load<u32>(at, 4) - load<u16>(entry, E_BEFORE);
    const length = <usize>load<u16>(entry, E_LENGTH);
    const literal = load<u32>(entry, E_LITERAL);
    let stands = mayStand(entry, begin, load<u32>(at, 8), from, to);
    if (stands & u32(length > COMPARED)) stands = u32(restStandsAt(a, literal, begin));
    const hit = hits + ((<usize>n) << 3);
    store<u32>(hit, literal);
    store<u32>(hit, <u32>(begin + length - from), 4);
    n += stands;
    const isLast = <usize>load<u16>(entry, E_LAST);
    at += isLast << 4;
    entry = select<usize>(load<u32>(at), entry + ENTRY, isLast != 0);
  }
  count = n;
  lookedAt = at;
  return at >= last;
}

/** Runs the stages over the rest of the text, block by block; false when the hits area is full. */
function filter(): bool {
  const f: usize = load<u32>(automaton, A_PREFILTER);
  const stages = load<u32>(f);
  while (true) {
    if (!compare()) return false;
    if (indexNumber < indexCount) {
      // The next index of the stage in progress: the gram of q bytes that an alarm is about.
      const index = indexes + <usize>indexNumber * INDEX;
      indexNumber++;
      lookedAt = looked;
      lookedEnd = lookUp(index, isTeddy ? <usize>load<u32>(index) - 1 : 0, alarms, alarmEnd, looked);
    } else if (stageNumber < stages) {
      const stage = f + STAGES + <usize>stageNumber * STAGE;
      fetch(stage);
      isTeddy = load<u32>(stage) == TEDDY;
      indexes = load<u32>(stage, S_INDEX);
      indexCount = load<u32>(stage, S_INDEXES);
      indexNumber = 0;
      stageNumber++;
    } else {
      if (blockEnd == end) return true;
      stageNumber = 0;
      blockEnd = end - blockEnd > BLOCK ? blockEnd + BLOCK : end;
    }
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
  const prefilter: usize = load<u32>(a, A_PREFILTER);
  if (!prefilter || length < <usize>load<u32>(prefilter, F_SHORTEST)) {
    phase = WALK;
  } else {
    phase = HEAD;
    blockEnd = p + min(length, BLOCK);
    stageNumber = 0;
    indexNumber = indexCount = 0;
    lookedAt = lookedEnd = looked;
    resumeEntry = 0;
    for (let k: usize = 0; k < 16; k += 4) store<u32>(stagePosition + k, <u32>p);
  }
  return scanOn();
}
