/** The scan over a batch of records. The row is drawn in `packages/core/src/sensor/batch.ts`. */
import { append, capacityOf, FLAG_ATTENTION, S_EPOCH, S_FLAGS, S_STATE, slotAt, stateOfTail } from './flows';
import { SLACK } from './heap';
import { scanBegin, scanOn } from './search';
import { ATTENTION, DONE, GAP, HITS, MALFORMED, OTHER_RECORD, OUT_OF_MEMORY, setHits, setReason, status } from './status';

const ROW: usize = 64;
const R_LENGTH: usize = 4;
const R_SLOT: usize = 8;
const R_KIND: usize = 12;
const R_OFFSET: usize = 24;

function stop(reason: u32): void {
  setReason(reason);
  if (reason != HITS) setHits(0, 0);
}

/**
 * Scans rows `[from, to)`. Returns `to` with reason DONE, or the first row that needs attention with the reason; that row is
 * not committed. A flow whose epoch is another one has its state worked out again from its tail.
 */
export function scanBatch(a: usize, epoch: u32, flows: usize, table: usize, from: u32, to: u32): u32 {
  const capacity = capacityOf(flows);
  const memoryEnd = <u64>memory.size() << 16;
  for (let row = from; row < to; row++) {
    const r = table + <usize>row * ROW;
    if (load<u32>(r, R_KIND) != 0) {
      stop(OTHER_RECORD);
      return row;
    }
    const p: usize = load<u32>(r);
    const length: usize = load<u32>(r, R_LENGTH);
    const slot = load<u32>(r, R_SLOT);
    if (slot >= capacity || <u64>p + <u64>length + SLACK > memoryEnd) {
      stop(MALFORMED);
      return row;
    }
    const s = slotAt(flows, slot);
    const offset = load<f64>(r, R_OFFSET);
    if (offset >= 0 && offset != load<f64>(s)) {
      stop(GAP);
      return row;
    }
    if (load<u32>(s, S_EPOCH) != epoch) {
      store<u32>(s, stateOfTail(s, a), S_STATE);
      store<u32>(s, epoch, S_EPOCH);
    }
    if (scanBegin(a, load<u32>(s, S_STATE), p, length)) {
      stop(HITS);
      return row;
    }
    if (load<u32>(s, S_FLAGS) & FLAG_ATTENTION) {
      stop(ATTENTION);
      return row;
    }
    if (!append(s, p, length)) {
      stop(OUT_OF_MEMORY);
      return row;
    }
    store<u32>(s, load<u32>(status, 12), S_STATE);
  }
  stop(DONE);
  return to;
}

/** The next hits of the row that `scanBatch` has just returned, when `status.more` was set. Returns how many. */
export function scanMore(a: usize, epoch: u32, flows: usize, table: usize, row: u32): u32 {
  setReason(HITS);
  return scanOn();
}
