/**
 * The commands of a compressed meta-block of Brotli (RFC 7932, sections 4 and 5): so many literal bytes, then a copy of what was
 * put out before, or a word. What a cut divides is read again.
 *
 *   COMMAND ─▶ COPY_LENGTH ─▶ LITERAL … ─┬─▶ DISTANCE ─┬─▶ COPY … ─┬─▶ COMMAND
 *                                        │             └─ word ────┤
 *                                        └─ nothing is left ───────┴─▶ over
 */
import { behindLast, bitsAt, bitsCount, bitsEnd, bitsHeld, firstByte, setBits } from './bits';
import { switchBlock } from './brotli-blocks';
import { COMMAND_SHORT, COMMAND_TABLE_BYTES, DISTANCE_SHORT, DISTANCE_TABLE_BYTES, LITERAL_SHORT, LITERAL_TABLE_BYTES } from './brotli-header';
import {
  COMMANDS, COPIES, COPY_CODE, COUNT, DIRECT, DISTANCE, DISTANCE_MAP, DISTANCES, INSERTS, IS_BEGUN, IS_IMPLICIT, LAST_DISTANCES, LEFT, LITERAL_MAP,
  LITERALS, LOST, MODES, PHASE, POSTFIX, TABLES, TYPE, WINDOW_BITS,
} from './brotli-state';
import { NO_WORDS, putWord } from './brotli-words';
import { contextsOf } from './brotli-context';
import { decodeSymbol, symbolOf } from './huffman';
import { fits } from './output';
import { BAD, DONE, FULL, MORE_INPUT } from './symbols';
import {
  beginGroup, copyMatch, endGroup, GROUP, groupStart, grow, LONGEST_GROUP, slide, windowAt, windowFloor,
} from './window';

const COMMAND: u32 = 0;
const COPY_LENGTH: u32 = 1;
const LITERAL: u32 = 2;
const DISTANCE_CODE: u32 = 3;
const COPY: u32 = 4;

/** Codes of insert and copy lengths begin here, by the upper bits of a command; below 128 the distance is the last one again. */
const insertCells = memory.data<u8>([0, 0, 0, 0, 8, 8, 0, 16, 8, 16, 16]);
const copyCells = memory.data<u8>([0, 8, 0, 8, 0, 8, 16, 0, 16, 8, 16]);
const IMPLICIT: u32 = 128;

const insertBases = memory.data<u16>([
  0, 1, 2, 3, 4, 5, 6, 8, 10, 14, 18, 26, 34, 50, 66, 98, 130, 194, 322, 578, 1090, 2114, 6210, 22594,
]);
const insertExtras = memory.data<u8>([0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12, 14, 24]);
const copyBases = memory.data<u16>([
  2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 18, 22, 30, 38, 54, 70, 102, 134, 198, 326, 582, 1094, 2118,
]);
const copyExtras = memory.data<u8>([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 24]);

/** The first 16 codes of distances: which of the last four, and by how much it differs. */
const places = memory.data<u8>([0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
const changes = memory.data<i8>([0, 0, 0, 0, -1, 1, -2, 2, -3, 3, -1, 1, -2, 2, -3, 3]);
const RECENT: u32 = 16;

/** No more than this is copied in one go: it fits into a group. */
const PART: u32 = 240;

/** The distance that a code and its extra bits stand for; 0 if there is none such. `bits` follow the code. */
function distanceOf(d: usize, code: u32, bits: u32): u32 {
  if (code < RECENT) {
    const last = load<u32>(d + LAST_DISTANCES + (<usize>load<u8>(places + code) << 2));
    const distance = <i32>last + load<i8>(changes + code);
    return distance > 0 ? distance : 0;
  }
  const direct = load<u32>(d, DIRECT);
  code -= RECENT;
  if (code < direct) return code + 1;
  code -= direct;
  const postfix = load<u32>(d, POSTFIX);
  const high = code >> postfix;
  const extra = 1 + (high >> 1);
  const offset = ((2 + (high & 1)) << extra) - 4;
  return ((offset + (bits & ((1 << extra) - 1))) << postfix) + (code & ((1 << postfix) - 1)) + direct + 1;
}

/** How many extra bits a code of a distance has. */
function distanceExtra(d: usize, code: u32): u32 {
  const first = RECENT + load<u32>(d, DIRECT);
  return code < first ? 0 : 1 + ((code - first) >> (load<u32>(d, POSTFIX) + 1));
}

function remember(d: usize, distance: u32): void {
  const last = d + LAST_DISTANCES;
  memory.copy(last + 4, last, 12);
  store<u32>(last, distance);
}

/** Carries commands out until the meta-block is over (DONE) or it cannot go on. A symbol that is not there as a whole is not taken. */
export function commands(d: usize): u32 {
  const end = bitsEnd();
  const furthest = (<usize>1 << load<u32>(d, WINDOW_BITS)) - 16;
  let at = bitsAt();
  let hold = bitsHeld();
  let count = bitsCount();
  let phase = load<u32>(d, PHASE);
  let left = load<u32>(d, LEFT);
  let inserts = load<u32>(d, INSERTS);
  let copies = load<u32>(d, COPIES);
  let distance = load<u32>(d, DISTANCE);
  let isBegun = load<u32>(d, IS_BEGUN);
  let literals = load<u32>(d, LITERALS + COUNT);
  let map: usize = 0;
  let mode: usize = 0;
  let trees: usize = 0;
  let to = windowAt();
  let result = MORE_INPUT;
  let isOver = false;
  while (!isOver) {
    if (!fits(LONGEST_GROUP)) {
      result = FULL;
      break;
    }
    grow(to);
    if (!slide()) {
      result = LOST;
      break;
    }
    to = windowAt();
    const start = groupStart();
    const floor = windowFloor();
    // The rest of a copy lies in the byte that the copy's last bit is in.
    if (!isBegun) beginGroup(phase == COPY ? behindLast(at, count) - 1 : firstByte(at, count));
    isBegun = 1;
    while (to < start + GROUP) {
      if (phase == COPY) {
        const part = min(copies, PART);
        copyMatch(to, distance, part);
        to += part;
        copies -= part;
        if (!copies) phase = COMMAND;
        continue;
      }
      if (phase == COMMAND && left == 0) {
        result = DONE;
        isOver = true;
        break;
      }
      if (end - at >= 8) {
        // As in symbols.ts.
        hold |= load<u64>(at) << count;
        at += (63 - count) >> 3;
        count |= 56;
      } else {
        for (; count < 56 && at < end; count += 8) hold |= <u64>load<u8>(at++) << count;
      }
      if (phase == LITERAL) {
        if (!literals) {
          setBits(at, hold, count);
          isOver = switchBlock(d, 0) != DONE;
          at = bitsAt();
          hold = bitsHeld();
          count = bitsCount();
          literals = load<u32>(d, LITERALS + COUNT);
          map = 0;
          if (isOver) break;
          continue;
        }
        if (!map) {
          const type = load<u32>(d, LITERALS + TYPE);
          map = d + LITERAL_MAP + (type << 6);
          mode = contextsOf(load<u8>(d + MODES + type));
          trees = load<u32>(d, LITERALS + TABLES);
        }
        const context = load<u8>(mode + load<u8>(to - 1)) | load<u8>(mode + load<u8>(to - 2), 256);
        const code = decodeSymbol(trees + <usize>load<u8>(map + context) * LITERAL_TABLE_BYTES, LITERAL_SHORT, hold);
        const size = code & 15;
        if (size > count) {
          isOver = true;
          break;
        }
        hold >>= size;
        count -= size;
        literals--;
        store<u8>(to++, <u8>symbolOf(code));
        left--;
        if (!--inserts) phase = left ? DISTANCE_CODE : COMMAND;
        continue;
      }
      if (phase == COMMAND) {
        if (!load<u32>(d, COMMANDS + COUNT)) {
          setBits(at, hold, count);
          isOver = switchBlock(d, 1) != DONE;
          at = bitsAt();
          hold = bitsHeld();
          count = bitsCount();
          if (isOver) break;
          continue;
        }
        const tree = <usize>load<u32>(d, COMMANDS + TABLES) + <usize>load<u32>(d, COMMANDS + TYPE) * COMMAND_TABLE_BYTES;
        const code = decodeSymbol(tree, COMMAND_SHORT, hold);
        const symbol = symbolOf(code);
        const insert = <usize>load<u8>(insertCells + (symbol >> 6)) + ((symbol >> 3) & 7);
        const extra = <u32>load<u8>(insertExtras + insert);
        const size = code & 15;
        if (size + extra > count) {
          isOver = true;
          break;
        }
        inserts = load<u16>(insertBases + (insert << 1)) + (<u32>(hold >> size) & ((1 << extra) - 1));
        hold >>= size + extra;
        count -= size + extra;
        if (inserts > left) {
          result = BAD;
          isOver = true;
          break;
        }
        store<u32>(d, load<u32>(d, COMMANDS + COUNT) - 1, COMMANDS + COUNT);
        store<u32>(d, load<u8>(copyCells + (symbol >> 6)) + (symbol & 7), COPY_CODE);
        store<u32>(d, symbol < IMPLICIT ? 1 : 0, IS_IMPLICIT);
        phase = COPY_LENGTH;
        continue;
      }
      if (phase == COPY_LENGTH) {
        const copy = load<u32>(d, COPY_CODE);
        const extra = <u32>load<u8>(copyExtras + copy);
        if (extra > count) {
          isOver = true;
          break;
        }
        copies = load<u16>(copyBases + (copy << 1)) + (<u32>hold & ((1 << extra) - 1));
        hold >>= extra;
        count -= extra;
        phase = inserts ? LITERAL : DISTANCE_CODE;
        continue;
      }
      let recent: u32 = 0;
      if (load<u32>(d, IS_IMPLICIT)) distance = load<u32>(d, LAST_DISTANCES);
      else {
        if (!load<u32>(d, DISTANCES + COUNT)) {
          setBits(at, hold, count);
          isOver = switchBlock(d, 2) != DONE;
          at = bitsAt();
          hold = bitsHeld();
          count = bitsCount();
          if (isOver) break;
          continue;
        }
        const context = min(copies, 5) - 2;
        const number = <usize>load<u8>(d + DISTANCE_MAP + (load<u32>(d, DISTANCES + TYPE) << 2) + context);
        const tree = <usize>load<u32>(d, DISTANCES + TABLES) + number * DISTANCE_TABLE_BYTES;
        const code = decodeSymbol(tree, DISTANCE_SHORT, hold);
        const symbol = symbolOf(code);
        const size = code & 15;
        const extra = distanceExtra(d, symbol);
        if (size + extra > count) {
          isOver = true;
          break;
        }
        distance = distanceOf(d, symbol, <u32>(hold >> size));
        hold >>= size + extra;
        count -= size + extra;
        store<u32>(d, load<u32>(d, DISTANCES + COUNT) - 1, DISTANCES + COUNT);
        recent = symbol;
      }
      const most = <u32>min(furthest, to - floor);
      if (distance == 0 || (distance <= most && copies > left)) {
        result = BAD;
        isOver = true;
        break;
      }
      if (distance <= most) {
        if (recent) remember(d, distance);
        left -= copies;
        phase = COPY;
        continue;
      }
      const bytes = putWord(to, copies, distance - most - 1);
      if (bytes >= NO_WORDS || bytes > left) {
        result = bytes == NO_WORDS ? LOST : BAD;
        isOver = true;
        break;
      }
      to += bytes;
      left -= <u32>bytes;
      phase = COMMAND;
    }
    grow(to);
    if (isOver && result != DONE) break;
    endGroup(behindLast(at, count));
    isBegun = 0;
  }
  store<u32>(d, phase, PHASE);
  store<u32>(d, left, LEFT);
  store<u32>(d, inserts, INSERTS);
  store<u32>(d, copies, COPIES);
  store<u32>(d, distance, DISTANCE);
  store<u32>(d, isBegun, IS_BEGUN);
  store<u32>(d, literals, LITERALS + COUNT);
  setBits(at, hold, count);
  return result;
}
