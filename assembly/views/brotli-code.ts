/**
 * How prefix codes are written in a Brotli stream (RFC 7932, sections 3.4 and 3.5).
 *
 *   START ─┬─ 1 ─────────▶ one to four symbols, and that is all
 *          └─ 0, 2, 3 ───▶ CODE_LENGTHS ──▶ LENGTHS      so many code lengths left out
 *
 *   state, from CODE:  step u32 │ index u32 │ space i32 │ repeat u32 │ repeated u32 │ previous u32 │ number u32 │ │
 *                      32: lengths of the codes of lengths u8 × 24 │ their table │ lengths u8 × 704
 *
 *   space   what the lengths so far leave of all codes, in codes of 5 or 15 bits
 *   repeat  how often `repeated` was just written, if the next item should go on with it
 */
import { bitsCount, drop, need, peek, take } from './bits';
import { CODE, LONGEST_ALPHABET } from './brotli-state';
import { build, buildSingle, decodeSymbol, symbolOf } from './huffman';
import { BAD, DONE, MORE_INPUT } from './symbols';

const STEP: usize = CODE;
const INDEX: usize = CODE + 4;
const SPACE: usize = CODE + 8;
const REPEAT: usize = CODE + 12;
const REPEATED: usize = CODE + 16;
const PREVIOUS: usize = CODE + 20;
const NUMBER: usize = CODE + 24;
const CODE_LENGTHS: usize = CODE + 32;
const CODE_TABLE: usize = CODE_LENGTHS + 24;
const LENGTHS: usize = CODE_TABLE + 136;

const START: u32 = 0;
const READ_CODE_LENGTHS: u32 = 1;
const READ_LENGTHS: u32 = 2;

const FEW: u32 = 1;
const CODES: u32 = 18;
const CODE_BITS: u32 = 5;
const ALL_CODES: i32 = 32;
const ALL: i32 = 32768;
const REPEAT_PREVIOUS: u32 = 16;

const order = memory.data<u8>([1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
/** By the next four bits: size of the code of a code length << 4 | that length. */
const codes = memory.data<u8>([
  0x20, 0x24, 0x23, 0x32, 0x20, 0x24, 0x23, 0x41, 0x20, 0x24, 0x23, 0x32, 0x20, 0x24, 0x23, 0x45,
]);

/** Codes of one to four symbols, whose lengths are given by their order. */
function readFew(d: usize, alphabet: u32, table: usize, bits: u32): u32 {
  const size = 32 - clz(alphabet - 1);
  if (!need(4)) return MORE_INPUT;
  const number: u32 = 1 + ((<u32>peek() >> 2) & 3);
  if (!need(4 + number * size + (number == 4 ? 1 : 0))) return MORE_INPUT;
  drop(4);
  const lengths = d + LENGTHS;
  memory.fill(lengths, 0, alphabet);
  let first: u32 = 0;
  let second: u32 = 0;
  for (let i: u32 = 0; i < number; i++) {
    const symbol = take(size);
    if (symbol >= alphabet || load<u8>(lengths + symbol)) return BAD;
    store<u8>(lengths + symbol, 2);
    if (i == 0) first = symbol;
    if (i == 1) second = symbol;
  }
  if (number == 1) {
    buildSingle(table, bits, first);
    return DONE;
  }
  const isSteep = number == 4 && take(1) != 0;
  if (isSteep) {
    for (let i: u32 = 0; i < alphabet; i++) if (load<u8>(lengths + i)) store<u8>(lengths + i, 3);
    store<u8>(lengths + second, 2);
  }
  if (number == 2) store<u8>(lengths + second, 1);
  if (number != 4 || isSteep) store<u8>(lengths + first, 1);
  return build(table, bits, lengths, alphabet, false) ? DONE : BAD;
}

function readCodeLengths(d: usize): u32 {
  const lengths = d + CODE_LENGTHS;
  let space = load<i32>(d, SPACE);
  let index = load<u32>(d, INDEX);
  for (; index < CODES && space > 0; index++) {
    need(4);
    const code = <u32>load<u8>(codes + (<usize>peek() & 15));
    if (code >> 4 > bitsCount()) {
      store<i32>(d, space, SPACE);
      store<u32>(d, index, INDEX);
      return MORE_INPUT;
    }
    drop(code >> 4);
    const length = code & 15;
    if (!length) continue;
    const symbol = <u32>load<u8>(order + index);
    store<u8>(lengths + symbol, <u8>length);
    space -= ALL_CODES >> length;
    store<u32>(d, load<u32>(d, NUMBER) + 1, NUMBER);
  }
  if (load<u32>(d, NUMBER) != 1) return space == 0 && build(d + CODE_TABLE, CODE_BITS, lengths, CODES, false) ? DONE : BAD;
  let only: u32 = 0;
  while (!load<u8>(lengths + only)) only++;
  buildSingle(d + CODE_TABLE, CODE_BITS, only);
  return DONE;
}

/** One item of the lengths: one, or a repetition, which may go on with the one before it. */
function readLength(d: usize, alphabet: u32): u32 {
  need(CODE_BITS + 3);
  const code = decodeSymbol(d + CODE_TABLE, CODE_BITS, peek());
  const symbol = symbolOf(code);
  const extra: u32 = symbol < REPEAT_PREVIOUS ? 0 : symbol == REPEAT_PREVIOUS ? 2 : 3;
  if ((code & 15) + extra > bitsCount()) return MORE_INPUT;
  drop(code & 15);
  const index = load<u32>(d, INDEX);
  if (symbol < REPEAT_PREVIOUS) {
    store<u8>(d + LENGTHS + index, <u8>symbol);
    store<u32>(d, index + 1, INDEX);
    store<u32>(d, 0, REPEAT);
    if (symbol) {
      store<u32>(d, symbol, PREVIOUS);
      store<i32>(d, load<i32>(d, SPACE) - (ALL >> symbol), SPACE);
    }
    return DONE;
  }
  const length = symbol == REPEAT_PREVIOUS ? load<u32>(d, PREVIOUS) : 0;
  const before = load<u32>(d, REPEATED) == length ? load<u32>(d, REPEAT) : 0;
  const repeat = (before ? (before - 2) << extra : 0) + take(extra) + 3;
  const count = repeat - before;
  if (index + count > alphabet) return BAD;
  memory.fill(d + LENGTHS + index, <u8>length, count);
  store<u32>(d, index + count, INDEX);
  store<u32>(d, repeat, REPEAT);
  store<u32>(d, length, REPEATED);
  if (length) store<i32>(d, load<i32>(d, SPACE) - <i32>count * (ALL >> length), SPACE);
  return DONE;
}

/** Reads the next prefix code, and makes the table for it. `alphabet`: number of symbols, at least 2. */
export function readCode(d: usize, alphabet: u32, table: usize, bits: u32): u32 {
  if (load<u32>(d, STEP) == START) {
    if (!need(2)) return MORE_INPUT;
    const skip = <u32>peek() & 3;
    if (skip == FEW) return readFew(d, alphabet, table, bits);
    drop(2);
    memory.fill(d + CODE, 0, 32 + 24);
    store<u32>(d, skip, INDEX);
    store<i32>(d, ALL_CODES, SPACE);
    store<u32>(d, READ_CODE_LENGTHS, STEP);
  }
  if (load<u32>(d, STEP) == READ_CODE_LENGTHS) {
    const result = readCodeLengths(d);
    if (result != DONE) return result;
    memory.fill(d + LENGTHS, 0, LONGEST_ALPHABET);
    store<u32>(d, 0, INDEX);
    store<i32>(d, ALL, SPACE);
    store<u32>(d, 8, PREVIOUS);
    store<u32>(d, READ_LENGTHS, STEP);
  }
  while (load<u32>(d, INDEX) < alphabet && load<i32>(d, SPACE) > 0) {
    const result = readLength(d, alphabet);
    if (result != DONE) return result;
  }
  store<u32>(d, START, STEP);
  return load<i32>(d, SPACE) == 0 && build(table, bits, d + LENGTHS, alphabet, false) ? DONE : BAD;
}
