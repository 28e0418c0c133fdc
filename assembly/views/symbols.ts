/** The symbols of a compressed block (RFC 1951, section 3.2.5): literal bytes, and copies { length, distance }. */
import { behindLast, bitsAt, bitsCount, bitsEnd, bitsHeld, firstByte, setBits } from './bits';
import { decodeSymbol, DISTANCE_BITS, INVALID, LITERAL_BITS, LONGEST } from './huffman';
import { fits } from './output';
import {
  beginGroup, copyMatch, endGroup, GROUP, groupStart, grow, LONGEST_GROUP, slide, windowAt, windowFloor,
} from './window';

/** More input is needed; the output is full; the block is over; the stream is damaged. */
export const MORE_INPUT: u32 = 0;
export const FULL: u32 = 1;
export const DONE: u32 = 2;
export const BAD: u32 = 3;

const END_OF_BLOCK: u32 = 256;
const LENGTH_CODES: u32 = 29;
const DISTANCE_CODES: u32 = 30;

const lengthBase = memory.data<u16>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]);
const lengthExtra = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
const distanceBase = memory.data<u16>([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193,
  12289, 16385, 24577,
]);
const distanceExtra = memory.data<u8>([
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
]);

/** Decodes symbols until the block ends (DONE) or it cannot go on. A symbol that is not there as a whole is not taken. */
export function symbols(literals: usize, distances: usize): u32 {
  const end = bitsEnd();
  let at = bitsAt();
  let hold = bitsHeld();
  let count = bitsCount();
  let to = windowAt();
  let result = MORE_INPUT;
  let isOver = false;
  while (!isOver) {
    if (!fits(LONGEST_GROUP)) {
      result = FULL;
      break;
    }
    grow(to);
    slide();
    to = windowAt();
    const start = groupStart();
    const floor = windowFloor();
    if (to == start) beginGroup(firstByte(at, count));
    while (to < start + GROUP) {
      if (end - at >= 8) {
        // As many whole bytes as fit; the bits beyond `count` are those that come next, so or-ing them again changes nothing.
        hold |= load<u64>(at) << count;
        at += (63 - count) >> 3;
        count |= 56;
      } else {
        for (; count < 56 && at < end; count += 8) hold |= <u64>load<u8>(at++) << count;
      }
      const code = decodeSymbol(literals, LITERAL_BITS, hold);
      const size = code & 15;
      if (code == INVALID) {
        result = count < LONGEST ? MORE_INPUT : BAD;
        isOver = true;
        break;
      }
      if (size > count) {
        isOver = true;
        break;
      }
      let symbol = code >> 4;
      if (symbol < END_OF_BLOCK) {
        store<u8>(to++, <u8>symbol);
        hold >>= size;
        count -= size;
        continue;
      }
      if (symbol == END_OF_BLOCK) {
        grow(to);
        endGroup(behindLast(at, count));
        hold >>= size;
        count -= size;
        result = DONE;
        isOver = true;
        break;
      }
      symbol -= END_OF_BLOCK + 1;
      if (symbol >= LENGTH_CODES) {
        result = BAD;
        isOver = true;
        break;
      }
      let bits = hold >> size;
      const extra = <u32>load<u8>(lengthExtra + symbol);
      const length = load<u16>(lengthBase + (symbol << 1)) + (<u32>bits & ((1 << extra) - 1));
      bits >>= extra;
      const second = decodeSymbol(distances, DISTANCE_BITS, bits);
      if (second == INVALID) {
        result = count < size + extra + LONGEST ? MORE_INPUT : BAD;
        isOver = true;
        break;
      }
      let used = size + extra + (second & 15);
      symbol = second >> 4;
      if (used > count) {
        isOver = true;
        break;
      }
      if (symbol >= DISTANCE_CODES) {
        result = BAD;
        isOver = true;
        break;
      }
      bits >>= second & 15;
      const more = <u32>load<u8>(distanceExtra + symbol);
      const distance = load<u16>(distanceBase + (symbol << 1)) + (<u32>bits & ((1 << more) - 1));
      used += more;
      if (used > count) {
        isOver = true;
        break;
      }
      if (<usize>distance > to - floor) {
        result = BAD;
        isOver = true;
        break;
      }
      hold = bits >> more;
      count -= used;
      copyMatch(to, distance, length);
      to += length;
    }
    grow(to);
    if (!isOver) endGroup(behindLast(at, count));
  }
  setBits(at, hold, count);
  return result;
}
