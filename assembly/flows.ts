/**
 * State of every flow: a slot of 32 bytes and, from the first byte on, a ring with the flow's last 4,096 bytes.
 *
 *    0 f64 offset    16 u32 state    24 u32 tail
 *    8 f64 base      20 u32 epoch    28 u32 flags
 *
 * The handle is the address of slot 0; the capacity stands 16 bytes before it.
 */
import { maxLength } from './automaton';
import { alloc, allocZero, release } from './heap';
import { OUT_OF_MEMORY, setReason } from './status';
import { walk } from './walk';

export const SLOT: usize = 32;
export const S_BASE: usize = 8;
export const S_STATE: usize = 16;
export const S_EPOCH: usize = 20;
export const S_TAIL: usize = 24;
export const S_FLAGS: usize = 28;
export const FLAG_ATTENTION: u32 = 1;

export const RING: usize = 4096;
const MOST_FLOWS: u32 = 1 << 24;

// @ts-ignore: decorator
@inline export function slotAt(flows: usize, slot: u32): usize {
  return flows + ((<usize>slot) << 5);
}

// @ts-ignore: decorator
@inline export function capacityOf(flows: usize): u32 {
  return load<u32>(flows - 16);
}

/** Slots for `capacity` flows, all zero; 0 when memory is exhausted. */
export function flowsCreate(capacity: u32): usize {
  if (capacity == 0 || capacity > MOST_FLOWS) return 0;
  const block = allocZero(16 + <usize>capacity * SLOT);
  if (!block) return 0;
  store<u32>(block, capacity);
  return block + 16;
}

/** Gives back the table and every tail. */
export function flowsFree(flows: usize): void {
  if (!flows) return;
  const capacity = capacityOf(flows);
  for (let i: u32 = 0; i < capacity; i++) release(load<u32>(slotAt(flows, i), S_TAIL));
  release(flows - 16);
}

/** The flow goes on at `offset`; nothing before it may be matched with what follows. */
export function flowReset(flows: usize, slot: u32, offset: f64): void {
  if (slot >= capacityOf(flows)) return;
  const s = slotAt(flows, slot);
  store<f64>(s, offset);
  store<f64>(s, offset, S_BASE);
  store<u32>(s, 0, S_STATE);
}

/** Forgets the flow: frees its tail, zeroes the slot. */
export function flowRelease(flows: usize, slot: u32): void {
  if (slot >= capacityOf(flows)) return;
  const s = slotAt(flows, slot);
  release(load<u32>(s, S_TAIL));
  memory.fill(s, 0, SLOT);
}

/** Bytes of the flow that the tail still has. */
// @ts-ignore: decorator
@inline export function kept(s: usize): usize {
  return load<u32>(s, S_TAIL) ? <usize>min(load<f64>(s) - load<f64>(s, S_BASE), <f64>RING) : 0;
}

/** Position in the ring of the byte at flow offset `offset`. */
// @ts-ignore: decorator
@inline function ringIndex(offset: f64): usize {
  return <usize>(<u64>offset & (RING - 1));
}

/** Appends to the tail and advances `offset`; false when memory is exhausted (then nothing changed). */
export function append(s: usize, p: usize, length: usize): bool {
  if (length == 0) return true;
  let tail: usize = load<u32>(s, S_TAIL);
  if (!tail) {
    tail = alloc(RING);
    if (!tail) return false;
    store<u32>(s, <u32>tail, S_TAIL);
  }
  const offset = load<f64>(s) + <f64>length;
  store<f64>(s, offset);
  if (length > RING) {
    p += length - RING;
    length = RING;
  }
  const from = ringIndex(offset - <f64>length);
  const first = min(length, RING - from);
  memory.copy(tail + from, p, first);
  memory.copy(tail, p + first, length - first);
  return true;
}

/** The automaton's state at the end of the tail. */
export function stateOfTail(s: usize, a: usize): u32 {
  const n = min(kept(s), <usize>maxLength(a) - 1);
  if (n == 0) return 0;
  const tail: usize = load<u32>(s, S_TAIL);
  const from = ringIndex(load<f64>(s) - <f64>n);
  const first = min(n, RING - from);
  return walk(a, walk(a, 0, tail + from, tail + from + first), tail, tail + n - first);
}

/**
 * Appends bytes that JavaScript has dealt with. Returns false, with `status.reason` = OUT_OF_MEMORY, when there is no
 * memory for a tail: then `offset` has still advanced, but the flow has started afresh behind these bytes.
 */
export function flowCommit(flows: usize, slot: u32, a: usize, p: usize, length: usize): bool {
  if (slot >= capacityOf(flows)) return false;
  const s = slotAt(flows, slot);
  if (append(s, p, length)) {
    store<u32>(s, stateOfTail(s, a), S_STATE);
    return true;
  }
  flowReset(flows, slot, load<f64>(s) + <f64>length);
  setReason(OUT_OF_MEMORY);
  return false;
}

/**
 * Copies the bytes `[from, from + length)` of the flow to `dst`, as far as the tail has them: what is older than the tail or
 * the last gap, or not here yet, is left out and the rest put at `dst`. Returns how many bytes were copied.
 */
export function tailCopy(flows: usize, slot: u32, from: f64, length: u32, dst: usize): u32 {
  if (slot >= capacityOf(flows)) return 0;
  const s = slotAt(flows, slot);
  const offset = load<f64>(s);
  const start = max(from, offset - <f64>kept(s));
  const end = min(from + <f64>length, offset);
  if (!(start < end)) return 0;
  const n = <usize>(end - start);
  const tail: usize = load<u32>(s, S_TAIL);
  const at = ringIndex(start);
  const first = min(n, RING - at);
  memory.copy(dst, tail + at, first);
  memory.copy(dst + first, tail, n - first);
  return <u32>n;
}
