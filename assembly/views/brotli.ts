/**
 * Brotli (RFC 7932): a stream of meta-blocks.
 *
 *   stream       WBITS │ meta-block … │ the last meta-block
 *   meta-block   last? ─┬─ empty? ──────────────────────────────▶ over
 *                       └─ size ─┬─ metadata, which are passed over
 *                                ├─ bytes as they are
 *                                └─ header (brotli-header.ts), commands (brotli-commands.ts)
 *
 * The window grows with what is put out, up to what WBITS says: 16 MiB. Damage ends it all, and so does what cannot be decoded here:
 * windows of more than 16 MiB, which the RFC does not know; words of the dictionary where there is none; no memory.
 */
import { alloc, release } from '../heap';
import { behindLast, bitsAt, bitsCount, bitsEnd, bitsHeld, drop, giveBack, need, openBits, peek, setBits, take, toByte } from './bits';
import { commands } from './brotli-commands';
import { prepareContexts } from './brotli-context';
import { CONTENT, readHeader, TYPE_COUNT } from './brotli-header';
import {
  BITS, BROTLI_STATE, CATEGORY, HOLD, INDEX, IS_LAST, IS_LOST, LAST_DISTANCES, LEFT, LOST, PHASE, REST, STEP, TREES, WINDOW, WINDOW_AT,
  WINDOW_BITS, WINDOW_ROOM,
} from './brotli-state';
import { prepareForms } from './brotli-words';
import { COPIED, fits, roomLeft } from './output';
import { DAMAGED, HELD, leave, OVER, STATUS, STOPPED } from './state';
import { BAD, DONE, FULL, MORE_INPUT } from './symbols';
import {
  closeWindow, endGroup, LONGEST_GROUP, openWindow, putStored, shrunk, slide, windowBegin, windowCapacity,
} from './window';

const BEGIN: u32 = 0;
const META_BLOCK: u32 = 1;
const SKIP_SIZE: u32 = 2;
const SKIP: u32 = 3;
const STORED: u32 = 4;
const OVER_ALREADY: u32 = 5;
const DAMAGED_ALREADY: u32 = 6;

const FIRST_ROOM: usize = 16384;

/** 0 if there is no memory. */
export function brotliOpen(): usize {
  prepareForms();
  prepareContexts();
  const d = alloc(BROTLI_STATE);
  const window = alloc(FIRST_ROOM);
  if (!d || !window) {
    release(d);
    release(window);
    return 0;
  }
  memory.fill(d, 0, BROTLI_STATE);
  store<u32>(d, <u32>window, WINDOW);
  store<u32>(d, <u32>FIRST_ROOM, WINDOW_ROOM);
  const last = d + LAST_DISTANCES;
  store<u32>(last, 4);
  store<u32>(last, 11, 4);
  store<u32>(last, 15, 8);
  store<u32>(last, 16, 12);
  // The two bytes before the first are zero.
  store<u16>(window, 0);
  store<u32>(d, 2, WINDOW_AT);
  store<u32>(d, 2, WINDOW_AT + 4);
  store<u32>(d, 2, WINDOW_AT + 8);
  return d;
}

/** Gives back what the decoder holds besides its state. */
export function brotliClose(d: usize): void {
  release(load<u32>(d, TREES));
  release(load<u32>(d, WINDOW));
  shrunk(<usize>load<u32>(d, WINDOW_ROOM) - FIRST_ROOM);
}

function readWindowBits(d: usize): u32 {
  need(7);
  const bits = <u32>peek() & 127;
  const isShort = (bits & 1) == 0;
  const high = (bits >> 1) & 7;
  const low = bits >> 4;
  const size: u32 = isShort ? 1 : high ? 4 : 7;
  if (bitsCount() < size) return MORE_INPUT;
  if (!isShort && !high && low == 1) return LOST;
  drop(size);
  store<u32>(d, isShort ? 16 : high ? 17 + high : low ? 8 + low : 17, WINDOW_BITS);
  return DONE;
}

/** Passes over what is left of the byte; it must be zero. */
function padding(): bool {
  const isZero = (<u32>peek() & ((1 << (bitsCount() & 7)) - 1)) == 0;
  toByte();
  return isZero;
}

function go(d: usize, step: u32): u32 {
  store<u32>(d, step, STEP);
  store<u32>(d, 0, INDEX);
  store<u32>(d, 0, CATEGORY);
  return DONE;
}

/** What a meta-block begins with, up to its size. */
function readMetaBlock(d: usize): u32 {
  if (load<u32>(d, IS_LAST)) return padding() ? go(d, OVER_ALREADY) : BAD;
  need(4);
  let bits = <u32>peek();
  if (!bitsCount()) return MORE_INPUT;
  const isLast = bits & 1;
  if (isLast) {
    if (bitsCount() < 2) return MORE_INPUT;
    if (bits & 2) {
      drop(2);
      store<u32>(d, 1, IS_LAST);
      return go(d, META_BLOCK);
    }
    bits >>= 1;
  }
  const before: u32 = 1 + isLast;
  const nibbles = (bits >> 1) & 3;
  if (bitsCount() < before + 2) return MORE_INPUT;
  if (nibbles == 3) {
    if (!need(before + 5)) return MORE_INPUT;
    drop(before + 2);
    if (take(1)) return BAD;
    store<u32>(d, isLast, IS_LAST);
    store<u32>(d, take(2), REST);
    return go(d, SKIP_SIZE);
  }
  const size = (4 + nibbles) << 2;
  const behind: u32 = isLast ? 0 : 1;
  if (!need(before + 2 + size + behind)) return MORE_INPUT;
  drop(before + 2);
  const length = take(size);
  if (nibbles && length >> (size - 4) == 0) return BAD;
  store<u32>(d, isLast, IS_LAST);
  store<u32>(d, length + 1, LEFT);
  store<u32>(d, 0, PHASE);
  if (behind && take(1)) return padding() ? go(d, STORED) : BAD;
  return go(d, TYPE_COUNT);
}

/** The size of metadata, in so many bytes. */
function readSkipSize(d: usize): u32 {
  const size = load<u32>(d, REST);
  if (!need(size << 3)) return MORE_INPUT;
  const skip = take(size << 3);
  if (size > 1 && skip >> ((size - 1) << 3) == 0) return BAD;
  store<u32>(d, size ? skip + 1 : 0, REST);
  return padding() ? go(d, SKIP) : BAD;
}

function skip(d: usize): u32 {
  const most = min<usize>(load<u32>(d, REST), bitsEnd() - bitsAt());
  setBits(bitsAt() + most, 0, 0);
  store<u32>(d, load<u32>(d, REST) - <u32>most, REST);
  return load<u32>(d, REST) ? MORE_INPUT : go(d, META_BLOCK);
}

function readStored(d: usize): u32 {
  while (load<u32>(d, LEFT)) {
    const p = bitsAt();
    if (p == bitsEnd()) return MORE_INPUT;
    if (!fits(LONGEST_GROUP)) return FULL;
    if (!slide()) return LOST;
    const took = putStored(p, min(<usize>load<u32>(d, LEFT), min(bitsEnd() - p, roomLeft())), COPIED);
    setBits(p + took, 0, 0);
    store<u32>(d, load<u32>(d, LEFT) - <u32>took, LEFT);
  }
  return go(d, META_BLOCK);
}

function advance(d: usize): u32 {
  const step = load<u32>(d, STEP);
  if (step == CONTENT) {
    const result = commands(d);
    return result == DONE ? go(d, META_BLOCK) : result;
  }
  if (step >= TYPE_COUNT) return readHeader(d);
  if (step == META_BLOCK) return readMetaBlock(d);
  if (step == SKIP_SIZE) return readSkipSize(d);
  if (step == SKIP) return skip(d);
  if (step == STORED) return readStored(d);
  setBits(bitsEnd(), 0, 0);
  return MORE_INPUT;
}

export function brotli(d: usize, input: usize, length: usize, final: bool): usize {
  openBits(input - load<u32>(d, HELD), input + length, load<u32>(d, HOLD), load<u32>(d, BITS));
  let result = DONE;
  if (load<u32>(d, STEP) == BEGIN) {
    result = readWindowBits(d);
    if (result == DONE) go(d, META_BLOCK);
  }
  const history = load<u32>(d, WINDOW_BITS) ? (<usize>1 << load<u32>(d, WINDOW_BITS)) - 16 : 0;
  const most = max(FIRST_ROOM, history + max<usize>(FIRST_ROOM, history >> 2));
  openWindow(d, d + WINDOW_AT, load<u32>(d, WINDOW), load<u32>(d, WINDOW_ROOM), most, history, input);
  while (result == DONE) result = advance(d);
  if (result == BAD || result == LOST) {
    if (result == LOST) store<u32>(d, 1, IS_LOST);
    endGroup(behindLast(bitsAt(), bitsCount()));
    go(d, DAMAGED_ALREADY);
    setBits(bitsEnd(), 0, 0);
  }
  if (final && result == MORE_INPUT) endGroup(behindLast(bitsAt(), bitsCount()));
  giveBack();
  const taken = leave(d, input, length, bitsAt(), result == FULL);
  closeWindow(input + taken);
  store<u32>(d, <u32>windowBegin(), WINDOW);
  store<u32>(d, <u32>windowCapacity(), WINDOW_ROOM);
  store<u32>(d, <u32>bitsHeld(), HOLD);
  store<u32>(d, bitsCount(), BITS);
  const step = load<u32>(d, STEP);
  const isLost = load<u32>(d, IS_LOST) != 0;
  store<u32>(d, step == DAMAGED_ALREADY ? STOPPED | (isLost ? 0 : DAMAGED) : step == OVER_ALREADY ? OVER : 0, STATUS);
  return taken;
}
