/**
 * Where decoders put their output, and the map that says which input bytes each output byte stands for.
 *
 *   entry, 12 bytes:  out u32 │ in i32 │ inUnit u16 << 16 | outUnit u16
 *
 * From `out` on, until the next entry, every `outUnit` bytes of output come from `inUnit` bytes of input, the first of them
 * at `in`. Both count from the pointers of the call; `in` may be negative.
 *
 *   1:1 copied    6:1 \u0041    2:1 \n or hex    3:1 %41    4:3 base64    n:m a group of symbols of a deflated stream
 *   0:0           all of it is one unit that covers [in, in of the next entry): &amp; or a surrogate pair
 *   0:1           a separator: no input at all
 *
 * Behind the entries of a call stands one more: out = bytes produced, in = end of what they cover, 1:1. A call without
 * output has no entries.
 */
export const ENTRY: usize = 12;
/** A decoder gets on with this much room, in bytes and in entries. */
export const LEAST_ROOM: usize = 512;
export const LEAST_ENTRIES: usize = 16;

export const COPIED: u32 = 0x10001;
export const WHOLE: u32 = 0;
const PAIR: u32 = 0x20001;
const NOTHING: u32 = 1;
/** No entry has this ratio. */
const NONE: u32 = u32.MAX_VALUE;
const SEPARATOR: u8 = 0x0a;

let base: usize = 0;
let begin: usize = 0;
let at: usize = 0;
let end: usize = 0;
let mapBegin: usize = 0;
let mapAt: usize = 0;
let mapEnd: usize = 0;
let ratioNow: u32 = NONE;
/** Address of the input byte behind what the output so far covers. */
let covered: usize = 0;

export function openOutput(input: usize, out: usize, room: usize, map: usize, entries: usize): void {
  base = covered = input;
  begin = at = out;
  end = out + room;
  mapBegin = mapAt = map;
  mapEnd = map + entries * ENTRY;
  ratioNow = NONE;
}

/** Ends the map; returns the number of entries. */
export function closeOutput(): usize {
  if (at == begin) return 0;
  entry(covered, COPIED);
  return (mapAt - mapBegin) / ENTRY;
}

// @ts-ignore: decorator
@inline export function produced(): usize {
  return at - begin;
}

/** Where the next byte of output goes. */
// @ts-ignore: decorator
@inline export function outputAt(): usize {
  return at;
}

/** Bytes of output that still fit. */
// @ts-ignore: decorator
@inline export function roomLeft(): usize {
  return end - at;
}

/** True if `bytes` of output and two entries fit, and the last entry of all. */
// @ts-ignore: decorator
@inline export function fits(bytes: usize): bool {
  return at + bytes <= end && mapAt + 3 * ENTRY <= mapEnd;
}

// @ts-ignore: decorator
@inline function entry(from: usize, ratio: u32): void {
  store<u32>(mapAt, <u32>(at - begin));
  store<u32>(mapAt, <u32>(from - base), 4);
  store<u32>(mapAt, ratio, 8);
  mapAt += ENTRY;
}

/** The caller has written `count` bytes at `outputAt()`, made from `[from, to)` in units of `ratio`. */
export function wrote(count: usize, from: usize, to: usize, ratio: u32): void {
  if (ratio != ratioNow || from != covered || ratio == WHOLE) entry(from, ratio);
  ratioNow = ratio;
  covered = to;
  at += count;
}

/**
 * As `wrote` twice: `copied` bytes from `from` on, and one byte that the two behind them stand for. Both are written.
 */
// @ts-ignore: decorator
@inline export function wrotePair(copied: usize, from: usize): void {
  if (copied) {
    if (ratioNow != COPIED || from != covered) entry(from, COPIED);
    at += copied;
    covered = from + copied;
    entry(covered, PAIR);
  } else if (ratioNow != PAIR || from != covered) entry(from, PAIR);
  at++;
  covered = from + copied + 2;
  ratioNow = PAIR;
}

/** One byte between two things that did not stand together in the input; `from` is where the next one stands. */
export function separate(from: usize): void {
  store<u8>(at, SEPARATOR);
  wrote(1, from, from, NOTHING);
}
