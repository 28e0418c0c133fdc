/** Finds all occurrences in a run of bytes and writes them to the hits area, 4,096 at a time. */
import {
  A_CLASS, A_FIRST, A_NEXT, A_OUTPUTS, A_SHIFT, A_TABLE, A_WIDTH, OUTPUT_BYTES, SPARSE,
} from './automaton';
import { step } from './walk';
import { hits, HITS_CAPACITY, setHits, setState } from './status';

// Where the scan in progress stands: it goes on here when the hits area was full.
let automaton: usize = 0;
let start: usize = 0;
let end: usize = 0;
let position: usize = 0;
let state: u32 = 0;
let count: u32 = 0;
let skip: u32 = 0;
let pending: bool = false;

/** Writes the outputs of `state`, all but the first `skip`; false when the area is full, then `skip` says how many are out. */
function report(): bool {
  const a = automaton;
  const first = load<u32>(a, A_FIRST);
  const outputs = a + load<u32>(a, A_OUTPUTS);
  const next = a + load<u32>(a, A_NEXT);
  const at = <u32>(position - start);
  let seen: u32 = 0;
  for (let s = state; s != 0; ) {
    const out = outputs + <usize>(s - first) * OUTPUT_BYTES;
    for (let head: usize = 0; head < 8; head += 4) {
      for (let literal = load<u32>(out + head); literal; literal = load<u32>(next + (<usize>(literal - 1) << 2))) {
        if (seen++ < skip) continue;
        if (count == HITS_CAPACITY) {
          skip = seen - 1;
          pending = true;
          return false;
        }
        const hit = hits + (<usize>count << 3);
        store<u32>(hit, literal - 1);
        store<u32>(hit, at, 4);
        count++;
      }
    }
    s = load<u32>(out, 8);
  }
  skip = 0;
  pending = false;
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

/** Goes on with the scan in progress. Returns the hits written; `status.more` says whether to call again. */
export function scanOn(): u32 {
  count = 0;
  let more = false;
  if (pending) more = !report();
  const width = load<u32>(automaton, A_WIDTH);
  while (!more && (width == 2 ? advance<u16>() : width == SPARSE ? advanceSparse() : advance<u32>())) more = !report();
  setHits(count, more ? 1 : 0);
  setState(state);
  return count;
}

/** Begins a scan of `[p, p + length)` in state `from`. */
export function scanBegin(a: usize, from: u32, p: usize, length: usize): u32 {
  automaton = a;
  start = p;
  position = p;
  end = p + length;
  state = from;
  skip = 0;
  pending = false;
  return scanOn();
}
