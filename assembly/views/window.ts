/**
 * What a decompressor has put out last, and puts out next.
 *
 *   ┌───────────────────────────────────────────┬─────────────┬────────────────┐
 *   │ ◀─ history at least, once there was ─▶     │ group       │ free           │   capacity; when nearly full, it is doubled, up
 *   └───────────────────────────────────────────┴─────────────┴────────────────┘   to `most`; then the history moves to the beginning
 *   begin   floor: older bytes do not exist      start         at
 *
 * A group is one unit of the map: the input bytes that hold its symbols, rounded outwards. It ends after 16 bytes or more, or with
 * its block; so where groups begin depends on the stream alone, and what a sender has flushed is not held back.
 *
 *   state, 24 bytes   at u32 │ start u32 │ floor u32 │ from i32 │ sum u32 │ total u32
 *
 *   at, start, floor   offsets in the window
 *   from               where the group's first byte lies, from the next input
 *   sum, total         checksum of the stream, and its bytes (mod 2^32)
 */
import { alloc, release } from '../heap';
import { adler32, crc32 } from './checksum';
import { outputAt, wrote } from './output';
import { GZIP, KIND, ZLIB } from './state';

export const GROUP: usize = 16;
const LONGEST_MATCH: usize = 258;
/** What a group may come to, and a vector's worth that copying may write behind it. */
export const LONGEST_GROUP: usize = GROUP + LONGEST_MATCH + 16;

/** By how much all windows together may have grown, and have. */
const MOST_ENLARGED: usize = 64 << 20;
let enlarged: usize = 0;

let decoder: usize = 0;
let state: usize = 0;
let begin: usize = 0;
let capacity: usize = 0;
let most: usize = 0;
let history: usize = 0;
let at: usize = 0;
let start: usize = 0;
let floor: usize = 0;
let from: usize = 0;
/** Bytes from here to `start` are in the map, but not in the output yet; they belong at `target`. */
let copied: usize = 0;
let target: usize = 0;

/**
 * @param window its address, `room` bytes; where it may grow to `larger` bytes, it must be one that `alloc` returned
 * @param kept how far back copies may reach
 */
export function openWindow(
  d: usize, saved: usize, window: usize, room: usize, larger: usize, kept: usize, input: usize,
): void {
  decoder = d;
  state = saved;
  begin = window;
  capacity = room;
  most = larger;
  history = kept;
  at = begin + load<u32>(state);
  start = copied = begin + load<u32>(state, 4);
  floor = begin + load<u32>(state, 8);
  from = input + <usize>load<i32>(state, 12);
  target = outputAt();
}

/** `next`: address of what the next call will call its input. */
export function closeWindow(next: usize): void {
  flush();
  store<u32>(state, <u32>(at - begin));
  store<u32>(state, <u32>(start - begin), 4);
  store<u32>(state, <u32>(floor - begin), 8);
  store<i32>(state, <i32>(from - next), 12);
}

/** A stream begins: nothing before it may be copied. */
export function beginStream(): void {
  flush();
  floor = at;
  store<u32>(state, load<u32>(decoder, KIND) == ZLIB ? 1 : 0, 16);
  store<u32>(state, 0, 20);
}

/** Checksum of the stream so far. */
export function streamSum(): u32 {
  flush();
  return load<u32>(state, 16);
}

/** Length of the stream so far, mod 2^32. */
export function streamTotal(): u32 {
  flush();
  return load<u32>(state, 20);
}

function flush(): void {
  const bytes = start - copied;
  if (!bytes) return;
  memory.copy(target, copied, bytes);
  const kind = load<u32>(decoder, KIND);
  const sum = load<u32>(state, 16);
  if (kind == GZIP) store<u32>(state, crc32(sum, copied, start), 16);
  if (kind == ZLIB) store<u32>(state, adler32(sum, copied, start), 16);
  store<u32>(state, load<u32>(state, 20) + <u32>bytes, 20);
  target += bytes;
  copied = start;
}

/** Makes room for a group; false if there is no memory for it. */
export function slide(): bool {
  if (at + LONGEST_GROUP <= begin + capacity) return true;
  flush();
  if (capacity < most) return enlarge();
  const by = at - begin - history;
  memory.copy(begin, begin + by, history);
  at -= by;
  start -= by;
  copied -= by;
  floor = floor > begin + by ? floor - by : begin;
  return true;
}

function enlarge(): bool {
  const larger = min(capacity << 1, most);
  if (enlarged + larger - capacity > MOST_ENLARGED) return false;
  const to = alloc(larger);
  if (!to) return false;
  memory.copy(to, begin, at - begin);
  release(begin);
  at += to - begin;
  start += to - begin;
  copied += to - begin;
  floor += to - begin;
  enlarged += larger - capacity;
  begin = to;
  capacity = larger;
  return true;
}

/** Where the window lies now, and its bytes. */
export function windowBegin(): usize {
  return begin;
}

export function windowCapacity(): usize {
  return capacity;
}

/** A window that had grown by `more` bytes was given back. */
export function shrunk(more: usize): void {
  enlarged -= more;
}

// @ts-ignore: decorator
@inline export function windowAt(): usize {
  return at;
}

// @ts-ignore: decorator
@inline export function windowFloor(): usize {
  return floor;
}

// @ts-ignore: decorator
@inline export function groupStart(): usize {
  return start;
}

/** The group that is under way reaches to `to`. */
// @ts-ignore: decorator
@inline export function grow(to: usize): void {
  at = to;
}

// @ts-ignore: decorator
@inline export function beginGroup(input: usize): void {
  from = input;
}

/** Ends the group that is under way, if there is one; `to` is the address behind the input that it came from. */
export function endGroup(to: usize): void {
  const bytes = at - start;
  if (!bytes) return;
  start = at;
  // Codes of no bits: what they stand for lies in the byte before.
  if (from >= to) from = to - 1;
  wrote(bytes, from, to, (<u32>(to - from) << 16) | <u32>bytes);
}

/** Bytes that were not compressed; they fit, and no group is under way. Returns how many of them it took. */
export function putStored(input: usize, bytes: usize, ratio: u32): usize {
  bytes = min(bytes, begin + capacity - at);
  memory.copy(at, input, bytes);
  at += bytes;
  start = at;
  wrote(bytes, input, input + bytes, ratio);
  return bytes;
}

/** Copies `length` bytes from `distance` before `to`; both may overlap. May write 15 bytes more. */
// @ts-ignore: decorator
@inline export function copyMatch(to: usize, distance: usize, length: usize): void {
  const end = to + length;
  let source = to - distance;
  if (ASC_FEATURE_SIMD && distance >= 16) {
    for (; to < end; to += 16, source += 16) v128.store(to, v128.load(source));
  } else if (distance >= 8) {
    for (; to < end; to += 8, source += 8) store<u64>(to, load<u64>(source));
  } else {
    for (; to < end; to++, source++) store<u8>(to, load<u8>(source));
  }
}
