/**
 * Decodes runs of base64, base64url (RFC 4648) and hexadecimal digits in the midst of text, if they hold text.
 *
 *   SEARCH ── 16 characters of the alphabet ──▶ head ──▶ HEX or BASE64 ──▶ ENDING ── separator ──▶ SEARCH
 *     ▲  ▲                                        │ no text
 *     │  └── behind the next + - / _ of the run ──┤ SKIP_PART, 8 times at most: what was glued to it may be gone there
 *     └───────────── behind the run ──────────────┘ SKIP_ALL
 *
 * A run is judged by its first line, up to 63 decoded bytes (judge.ts). If that is no text, its first one, two, three characters
 * are left out: something may be glued to it. Until there is enough of it the cursor waits at its beginning; nothing is kept here,
 * what is needed lies in front of the next input (island.ts). A run that begins like a gzip or zlib stream or like text in UTF-16 is
 * let through too, in calls of its own.
 *
 *   run    ( line break )* line       break: \n or \r\n
 *   line   16 to 80 characters of the alphabet, a multiple of four; the last one is not longer than the one before
 *
 *   state, from 16:  phase u32 │ column u32 │ tries u32 │ holding u32 │ isUnknown u32
 *
 *   holding     the bit of the status that says what the run holds, if it is not text
 *   isUnknown   `held` is the most that it can be
 */
import { isDigit64, valueOf } from './alphabet';
import { fits, outputAt, produced, roomLeft, separate, wrote } from './output';
import { findRun, runEnd } from './run-find';
import { headBegin, headOf, HOLDS_GZIP, HOLDS_HEX, HOLDS_MORE, HOLDS_NOTHING, HOLDS_OTHER, HOLDS_ZLIB } from './run-head';
import { isJoint, partEnd } from './run-reject';
import { GZIP_RUN, HELD, leave, RUN_END, SEEN, STATUS, UTF16_RUN, ZLIB_RUN } from './state';
import { LEAST_PART, LEAST_RUN } from './triggers';
import { hexValue } from './unit';

const PHASE: usize = 16;
const COLUMN: usize = 20;
const TRIES: usize = 24;
const HOLDING: usize = 28;
const IS_UNKNOWN: usize = 32;
export const RUNS_STATE: usize = 48;

const SEARCH: u32 = 0;
const SKIP_PART: u32 = 1;
const SKIP_ALL: u32 = 2;
const BASE64: u32 = 3;
const HEX: u32 = 4;
const ENDING: u32 = 5;

const MOST_TRIES: u32 = 8;
const LONGEST_LINE: u32 = 80;
/** What one turn of the loop may output besides the bulk. */
const ONE_TURN: usize = 8;

const FOUR_TO_THREE: u32 = 0x40003;
const THREE_TO_TWO: u32 = 0x30002;
const TWO_TO_ONE: u32 = 0x20001;

const NO: u32 = 0;
const YES: u32 = 1;
const UNDECIDED: u32 = 2;

/** Bytes of the line break at `p`; 0 if there is none. */
// @ts-ignore: decorator
@inline function breakAt(p: usize, end: usize): usize {
  if (load<u8>(p) == 0x0a) return 1;
  return p + 1 < end && load<u8>(p) == 0x0d && load<u8>(p, 1) == 0x0a ? 2 : 0;
}

/** What may stand behind the last line. */
function mayEnd(byte: u32): bool {
  return byte == 0x0a || byte == 0x0d || byte == 0x3d || byte == 0x22 || byte == 0x27 || byte == 0x3c || byte == 0x5c;
}

/** Does the run go on behind the break at `p`, after a line of `column` characters? The next line is looked at as a whole. */
function joins(p: usize, end: usize, final: bool, column: u32): u32 {
  if (column < LEAST_RUN || column > LONGEST_LINE) return NO;
  if (load<u8>(p) == 0x0d && p + 1 == end && !final) return UNDECIDED;
  const size = breakAt(p, end);
  if (size == 0) return NO;
  const line = p + size;
  const most = line + column + 1;
  const over = runEnd(line, min(end, most));
  if (over == most) return NO;
  if (over == end) return final ? (over > line ? YES : NO) : UNDECIDED;
  return over > line && mayEnd(load<u8>(over)) ? YES : NO;
}

export function runsAreIdle(d: usize): bool {
  return load<u32>(d, PHASE) == SEARCH && load<u32>(d, HELD) < LEAST_PART;
}

/** Behind bytes without a trigger stand less than 8 characters of a run; how many shows when the next input is there. */
export function runsSkip(d: usize): void {
  store<u32>(d, min(load<u32>(d, SEEN), LEAST_PART - 1), HELD);
  store<u32>(d, 1, IS_UNKNOWN);
  store<u32>(d, 0, TRIES);
}

function heldBefore(d: usize, input: usize): u32 {
  const most = load<u32>(d, HELD);
  if (!load<u32>(d, IS_UNKNOWN)) return most;
  store<u32>(d, 0, IS_UNKNOWN);
  let count: u32 = 0;
  while (count < most && isDigit64(load<u8>(input - count - 1))) count++;
  return count;
}

/** Decodes whole groups from `p`, as far as there is input, room, and alphabet; returns where it stopped. */
function groups(p: usize, end: usize): usize {
  const begin = p;
  const first = outputAt();
  let to = first;
  const most = to + roomLeft();
  while (p + 4 <= end && to + 4 <= most) {
    const a = valueOf(load<u8>(p));
    const b = valueOf(load<u8>(p, 1));
    const c = valueOf(load<u8>(p, 2));
    const e = valueOf(load<u8>(p, 3));
    if ((a | b | c | e) > 63) break;
    store<u32>(to, bswap<u32>((a << 26) | (b << 20) | (c << 14) | (e << 8)));
    p += 4;
    to += 3;
  }
  if (to > first) wrote(to - first, begin, p, FOUR_TO_THREE);
  return p;
}

/** As `groups`, for pairs of hexadecimal digits. */
function pairs(p: usize, end: usize): usize {
  const begin = p;
  const first = outputAt();
  let to = first;
  const most = to + roomLeft();
  while (p + 2 <= end && to < most) {
    const high = hexValue(load<u8>(p));
    const low = hexValue(load<u8>(p, 1));
    if ((high | low) > 15) break;
    store<u8>(to++, <u8>((high << 4) | low));
    p += 2;
  }
  if (to > first) wrote(to - first, begin, p, TWO_TO_ONE);
  return p;
}

/** The one or two bytes that the last, incomplete group of a run holds. */
function lastGroup(p: usize, count: usize): void {
  if (count < 2) return;
  const bits = (valueOf(load<u8>(p)) << 12) | (valueOf(load<u8>(p, 1)) << 6) | (count == 3 ? valueOf(load<u8>(p, 2)) : 0);
  store<u16>(outputAt(), bswap<u16>(<u16>(bits >> 2)));
  wrote(count - 1, p, p + count, count == 3 ? THREE_TO_TWO : TWO_TO_ONE);
}

export function decodeRuns(d: usize, input: usize, length: usize, final: bool): usize {
  const end = input + length;
  let p = input - heldBefore(d, input);
  let phase = load<u32>(d, PHASE);
  let column = load<u32>(d, COLUMN);
  let tries = load<u32>(d, TRIES);
  let holding = load<u32>(d, HOLDING);
  let status = holding;
  let isFull = false;
  while (true) {
    if (phase == SEARCH) {
      const at = findRun(p, end);
      if (at != p) tries = 0;
      p = at;
      if (end - p < LEAST_RUN) {
        if (final) p = end;
        break;
      }
      const holds = headOf(p, end, final, tries != 0);
      if (holds == HOLDS_MORE) break;
      if (holds == HOLDS_NOTHING) {
        phase = tries++ < MOST_TRIES ? SKIP_PART : SKIP_ALL;
        continue;
      }
      if (holds & HOLDS_OTHER) {
        if (produced()) {
          isFull = true;
          break;
        }
        holding = holds & HOLDS_GZIP ? GZIP_RUN : holds & HOLDS_ZLIB ? ZLIB_RUN : UTF16_RUN;
        status = holding;
      }
      phase = (holds & ~HOLDS_OTHER) == HOLDS_HEX ? HEX : BASE64;
      column = <u32>(headBegin() - p);
      tries = 0;
      p = headBegin();
    } else if (phase == SKIP_PART) {
      p = partEnd(p, end);
      if (p == end) break;
      if (isJoint(load<u8>(p))) p++;
      phase = SEARCH;
    } else if (phase == SKIP_ALL) {
      p = runEnd(p, end);
      if (p == end) break;
      phase = SEARCH;
    } else if (!fits(ONE_TURN)) {
      isFull = true;
      break;
    } else if (phase == ENDING) {
      separate(p);
      phase = SEARCH;
      if (holding) {
        holding = 0;
        status |= RUN_END;
        isFull = true;
        break;
      }
    } else if (phase == HEX) {
      p = pairs(p, end);
      if (!fits(ONE_TURN)) continue;
      const isOdd = p < end && hexValue(load<u8>(p)) < 16;
      if (!final && end - p == (isOdd ? 1 : 0)) break;
      if (isOdd) p++;
      phase = ENDING;
    } else {
      const from = p;
      p = groups(p, end);
      column = <u32>min<usize>(<usize>column + (p - from), LONGEST_LINE + 1);
      if (!fits(ONE_TURN)) continue;
      const over = runEnd(p, min(end, p + 3));
      if (over == end && !final) break;
      if (over == p && p < end) {
        const goesOn = joins(p, end, final, column);
        if (goesOn == UNDECIDED) break;
        if (goesOn == YES) {
          p += breakAt(p, end);
          column = 0;
          continue;
        }
      }
      lastGroup(p, over - p);
      p = over;
      phase = ENDING;
    }
  }
  store<u32>(d, phase, PHASE);
  store<u32>(d, column, COLUMN);
  store<u32>(d, tries, TRIES);
  store<u32>(d, holding, HOLDING);
  store<u32>(d, status, STATUS);
  return leave(d, input, length, p, isFull);
}
