/**
 * Streams of compressed data: gzip (RFC 1952), zlib (RFC 1950), or deflated blocks alone.
 *
 *   gzip   ┌ 1f 8b 08 flags time³² xfl os │ extra: size¹⁶ … │ name … 0 │ comment … 0 │ crc¹⁶ │ blocks │ crc32 │ length³² ┐ × n
 *   zlib     cmf flg │ blocks │ adler32
 *
 *   HEADER ─▶ EXTRA_SIZE ─▶ EXTRA ─▶ NAME ─▶ COMMENT ─▶ HEADER_CRC ─▶ BLOCKS ─▶ TRAILER ─┬─▶ OVER_ALREADY
 *     ▲                                                                     gzip only    │
 *     └──────────────────────────────────────────────────────────────────────────────────┘
 *
 * Damage ends it all (DAMAGED_ALREADY); a checksum that does not agree is reported, and it goes on. What stands behind the last
 * member of a gzip stream is swallowed. Flushed with `final`: what a stream that breaks off has given so far.
 *
 *   state, from 16:  step u32 │ index u32 │ flags u32 │ rest u32 │ members u32 │ isWrong u32 │ bits u32 │ hold u32 │
 *                    trailer u64 │ 64: window's state (window.ts) │ 96: blocks' state (blocks.ts) │ window
 */
import { bitsAt, bitsCount, bitsEnd, bitsHeld, behindLast, giveBack, need, openBits, setBits, take, toByte } from './bits';
import { BLOCKS_STATE, inflateBlocks } from './blocks';
import { find } from './find';
import { DAMAGED, GZIP, HELD, KIND, leave, OVER, RAW, STATUS, STOPPED, ZLIB } from './state';
import { BAD, DONE, FULL, MORE_INPUT } from './symbols';
import { beginStream, closeWindow, endGroup, openWindow, streamSum, streamTotal } from './window';

const STEP: usize = 16;
const INDEX: usize = 20;
const FLAGS: usize = 24;
const REST: usize = 28;
const MEMBERS: usize = 32;
const IS_WRONG: usize = 36;
const BITS: usize = 40;
const HOLD: usize = 44;
const TRAILER_AT: usize = 48;
const WINDOW_AT: usize = 64;
const BLOCKS_AT: usize = 96;
const CONTENT_AT: usize = 96 + ((BLOCKS_STATE + 15) & ~15);
const HISTORY: usize = 32768;
const WINDOW_BYTES: usize = HISTORY + 8192;
/** What must be zero at first. The window need not be: nothing before its floor is read. */
export const INFLATE_HEADER: usize = CONTENT_AT;
export const INFLATE_STATE: usize = CONTENT_AT + WINDOW_BYTES;

const HEADER: u32 = 0;
const EXTRA_SIZE: u32 = 1;
const EXTRA: u32 = 2;
const NAME: u32 = 3;
const COMMENT: u32 = 4;
const HEADER_CRC: u32 = 5;
const BLOCKS: u32 = 6;
const TRAILER: u32 = 7;
const OVER_ALREADY: u32 = 8;
const DAMAGED_ALREADY: u32 = 9;

const HAS_CRC: u32 = 2;
const HAS_EXTRA: u32 = 4;
const HAS_NAME: u32 = 8;
const HAS_COMMENT: u32 = 16;
const RESERVED: u32 = 0xe0;

/** What `gzipHeader` returns when no further member begins. */
const NO_MEMBER: u32 = 4;

function gzipHeader(d: usize): u32 {
  for (let index = load<u32>(d, INDEX); index < 10; index++) {
    store<u32>(d, index, INDEX);
    if (!need(8)) return MORE_INPUT;
    const byte = take(8);
    if ((index == 0 && byte != 0x1f) || (index == 1 && byte != 0x8b)) return load<u32>(d, MEMBERS) ? NO_MEMBER : BAD;
    if (index == 2 && byte != 8) return BAD;
    if (index == 3) {
      if (byte & RESERVED) return BAD;
      store<u32>(d, byte, FLAGS);
    }
  }
  return DONE;
}

/** Method 8, a window of at most 32 KiB, no dictionary, and a sum that is a multiple of 31 (section 2.2). */
function zlibHeader(): u32 {
  if (!need(16)) return MORE_INPUT;
  const method = take(8);
  const flags = take(8);
  return (method & 15) == 8 && method >> 4 <= 7 && !(flags & 32) && ((method << 8) | flags) % 31 == 0 ? DONE : BAD;
}

/** Passes over `rest` bytes. */
function skipRest(d: usize): u32 {
  toByte();
  const most = min<usize>(load<u32>(d, REST), bitsEnd() - bitsAt());
  setBits(bitsAt() + most, 0, 0);
  store<u32>(d, load<u32>(d, REST) - <u32>most, REST);
  return load<u32>(d, REST) ? MORE_INPUT : DONE;
}

/** Passes over bytes up to a zero, and that. */
function skipText(): u32 {
  toByte();
  const zero = find(0, bitsAt(), bitsEnd());
  if (zero == bitsEnd()) {
    setBits(zero, 0, 0);
    return MORE_INPUT;
  }
  setBits(zero + 1, 0, 0);
  return DONE;
}

/** Compares what the trailer says with what came out. */
function readTrailer(d: usize): u32 {
  const kind = load<u32>(d, KIND);
  if (kind == RAW) return DONE;
  toByte();
  const size: u32 = kind == GZIP ? 8 : 4;
  for (let index = load<u32>(d, INDEX); index < size; index++) {
    store<u32>(d, index, INDEX);
    if (!need(8)) return MORE_INPUT;
    store<u8>(d + TRAILER_AT + index, <u8>take(8));
  }
  const first = load<u32>(d, TRAILER_AT);
  const agrees = kind == GZIP
    ? first == streamSum() && load<u32>(d, TRAILER_AT + 4) == streamTotal()
    : bswap<u32>(first) == streamSum();
  if (!agrees) store<u32>(d, 1, IS_WRONG);
  store<u32>(d, load<u32>(d, MEMBERS) + 1, MEMBERS);
  return DONE;
}

/** One step; returns DONE when the next one can be taken, which is then in the state. */
function advance(d: usize): u32 {
  const kind = load<u32>(d, KIND);
  const step = load<u32>(d, STEP);
  const flags = load<u32>(d, FLAGS);
  let result = DONE;
  if (step == HEADER) {
    result = kind == GZIP ? gzipHeader(d) : kind == ZLIB ? zlibHeader() : DONE;
  } else if (step == EXTRA_SIZE && flags & HAS_EXTRA) {
    if (!need(16)) return MORE_INPUT;
    store<u32>(d, take(16), REST);
  } else if (step == EXTRA && flags & HAS_EXTRA) {
    result = skipRest(d);
  } else if ((step == NAME && flags & HAS_NAME) || (step == COMMENT && flags & HAS_COMMENT)) {
    result = skipText();
  } else if (step == HEADER_CRC && flags & HAS_CRC) {
    if (!need(16)) return MORE_INPUT;
    take(16);
  } else if (step == BLOCKS) {
    result = inflateBlocks(d + BLOCKS_AT);
  } else if (step == TRAILER) {
    result = readTrailer(d);
  } else if (step >= OVER_ALREADY) {
    setBits(bitsEnd(), 0, 0);
    return MORE_INPUT;
  }
  if (result == MORE_INPUT || result == FULL) return result;
  store<u32>(d, 0, INDEX);
  if (result == BAD) store<u32>(d, DAMAGED_ALREADY, STEP);
  else if (result == NO_MEMBER || (step == TRAILER && kind != GZIP)) store<u32>(d, OVER_ALREADY, STEP);
  else store<u32>(d, step == TRAILER ? HEADER : step + 1, STEP);
  if (step == HEADER_CRC) beginStream();
  if (result == BAD) endGroup(behindLast(bitsAt(), bitsCount()));
  return DONE;
}

export function inflate(d: usize, input: usize, length: usize, final: bool): usize {
  openWindow(d, d + WINDOW_AT, d + CONTENT_AT, WINDOW_BYTES, WINDOW_BYTES, HISTORY, input);
  openBits(input - load<u32>(d, HELD), input + length, load<u32>(d, HOLD), load<u32>(d, BITS));
  let result = DONE;
  while (result == DONE) result = advance(d);
  if (final && result == MORE_INPUT) endGroup(behindLast(bitsAt(), bitsCount()));
  giveBack();
  const taken = leave(d, input, length, bitsAt(), result == FULL);
  closeWindow(input + taken);
  store<u32>(d, <u32>bitsHeld(), HOLD);
  store<u32>(d, bitsCount(), BITS);
  const step = load<u32>(d, STEP);
  const isStopped = step == DAMAGED_ALREADY;
  const isDamaged = isStopped || load<u32>(d, IS_WRONG) != 0;
  store<u32>(d, (isDamaged ? DAMAGED : 0) | (isStopped ? STOPPED : 0) | (step == OVER_ALREADY ? OVER : 0), STATUS);
  return taken;
}
