/**
 * The blocks of a deflated stream (RFC 1951). What a cut divides is read again when the rest is there.
 *
 *   BLOCK ─┬─ 0 ─▶ STORED_SIZE ─▶ STORED ─────────────────────────────┬─▶ BLOCK; behind the last one it is over
 *          ├─ 1 ─▶ fixed tables ──────────────────────────▶ SYMBOLS ──┤
 *          └─ 2 ─▶ SIZES ─▶ CODE_LENGTHS ─▶ LENGTHS ──────▶ SYMBOLS ──┘       anything else: damaged
 *
 *   state   phase u32 │ isLast u32 │ stored u32 │ literals u32 │ distances u32 │ codes u32 │ known u32 │ isFixed u32 │
 *           lengths u8 × 320 │ table of literals and lengths │ table of distances
 *
 *   stored                       bytes of a stored block still to come
 *   literals, distances, codes   how many lengths there will be; `known`: how many of those that are being read there are
 */
import { bitsAt, bitsCount, bitsEnd, drop, need, peek, setBits, take, toByte } from './bits';
import { build, decodeSymbol, DISTANCE_BITS, DISTANCE_TABLE, INVALID, LITERAL_BITS, LITERAL_TABLE } from './huffman';
import { COPIED, fits, roomLeft } from './output';
import { BAD, DONE, FULL, MORE_INPUT, symbols } from './symbols';
import { LONGEST_GROUP, putStored, slide } from './window';

const PHASE: usize = 0;
const IS_LAST: usize = 4;
const STORED_LEFT: usize = 8;
const LITERALS: usize = 12;
const DISTANCES: usize = 16;
const CODES: usize = 20;
const KNOWN: usize = 24;
const IS_FIXED: usize = 28;
const LENGTHS_AT: usize = 32;
const LITERALS_AT: usize = LENGTHS_AT + 320;
const DISTANCES_AT: usize = LITERALS_AT + LITERAL_TABLE;
export const BLOCKS_STATE: usize = DISTANCES_AT + DISTANCE_TABLE;

const BLOCK: u32 = 0;
const STORED_SIZE: u32 = 1;
const STORED: u32 = 2;
const SIZES: u32 = 3;
const CODE_LENGTHS: u32 = 4;
const LENGTHS: u32 = 5;
const SYMBOLS: u32 = 6;

const END_OF_BLOCK: usize = 256;
const CODE_LENGTH_CODES: u32 = 19;
const CODE_LENGTH_BITS: u32 = 7;
const order = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

const fixedLengths = memory.data(320);
const fixedLiterals = memory.data(32 + 2048 + 288 * 2, 2);
const fixedDistances = memory.data(32 + 512 + 32 * 2, 2);
let isReady: bool = false;

/** Makes the tables of section 3.2.6; once. */
export function prepareFixed(): void {
  if (isReady) return;
  isReady = true;
  memory.fill(fixedLengths, 8, 144);
  memory.fill(fixedLengths + 144, 9, 112);
  memory.fill(fixedLengths + 256, 7, 24);
  memory.fill(fixedLengths + 280, 8, 8);
  memory.fill(fixedLengths + 288, 5, 32);
  build(fixedLiterals, LITERAL_BITS, fixedLengths, 288, false);
  build(fixedDistances, DISTANCE_BITS, fixedLengths + 288, 32, false);
}

function readSizes(s: usize): u32 {
  if (!need(14)) return MORE_INPUT;
  store<u32>(s, 257 + take(5), LITERALS);
  store<u32>(s, 1 + take(5), DISTANCES);
  store<u32>(s, 4 + take(4), CODES);
  if (load<u32>(s, LITERALS) > 286 || load<u32>(s, DISTANCES) > 30) return BAD;
  memory.fill(s + LENGTHS_AT, 0, CODE_LENGTH_CODES);
  store<u32>(s, 0, KNOWN);
  return DONE;
}

function readCodeLengths(s: usize): u32 {
  const codes = load<u32>(s, CODES);
  for (let known = load<u32>(s, KNOWN); known < codes; known++) {
    store<u32>(s, known, KNOWN);
    if (!need(3)) return MORE_INPUT;
    store<u8>(s + LENGTHS_AT + load<u8>(order + known), <u8>take(3));
  }
  if (!build(s + LITERALS_AT, CODE_LENGTH_BITS, s + LENGTHS_AT, CODE_LENGTH_CODES, false)) return BAD;
  store<u32>(s, 0, KNOWN);
  return DONE;
}

/** One item of the lengths: one, or a repetition. */
function readLength(s: usize, total: u32): u32 {
  need(CODE_LENGTH_BITS + 7);
  const known = load<u32>(s, KNOWN);
  const code = decodeSymbol(s + LITERALS_AT, CODE_LENGTH_BITS, peek());
  if (code == INVALID) return bitsCount() < CODE_LENGTH_BITS ? MORE_INPUT : BAD;
  const symbol = code >> 4;
  const extra: u32 = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
  if ((code & 15) + extra > bitsCount()) return MORE_INPUT;
  drop(code & 15);
  const more = take(extra);
  const count: u32 = symbol < 16 ? 1 : symbol == 18 ? 11 + more : 3 + more;
  const at = s + LENGTHS_AT + known;
  if (known + count > total || (symbol == 16 && known == 0)) return BAD;
  memory.fill(at, symbol < 16 ? <u8>symbol : symbol == 16 ? load<u8>(at - 1) : 0, count);
  store<u32>(s, known + count, KNOWN);
  return DONE;
}

function readLengths(s: usize): u32 {
  const literals = load<u32>(s, LITERALS);
  const distances = load<u32>(s, DISTANCES);
  while (load<u32>(s, KNOWN) < literals + distances) {
    const result = readLength(s, literals + distances);
    if (result != DONE) return result;
  }
  const lengths = s + LENGTHS_AT;
  if (!load<u8>(lengths + END_OF_BLOCK)) return BAD;
  if (!build(s + LITERALS_AT, LITERAL_BITS, lengths, literals, true)) return BAD;
  return build(s + DISTANCES_AT, DISTANCE_BITS, lengths + literals, distances, true) ? DONE : BAD;
}

function readStoredSize(s: usize): u32 {
  if (!need(32)) return MORE_INPUT;
  const size = take(16);
  if ((size ^ take(16)) != 0xffff) return BAD;
  store<u32>(s, size, STORED_LEFT);
  return DONE;
}

function readStored(s: usize): u32 {
  toByte();
  while (load<u32>(s, STORED_LEFT)) {
    const p = bitsAt();
    if (p == bitsEnd()) return MORE_INPUT;
    if (!fits(LONGEST_GROUP)) return FULL;
    slide();
    const most = min(<usize>load<u32>(s, STORED_LEFT), min(bitsEnd() - p, roomLeft()));
    const took = putStored(p, most, COPIED);
    setBits(p + took, 0, 0);
    store<u32>(s, load<u32>(s, STORED_LEFT) - <u32>took, STORED_LEFT);
  }
  return DONE;
}

/** Returns MORE_INPUT, FULL, BAD, or DONE behind the last block. */
export function inflateBlocks(s: usize): u32 {
  while (true) {
    const phase = load<u32>(s, PHASE);
    let next = BLOCK;
    let result = DONE;
    if (phase == BLOCK) {
      if (load<u32>(s, IS_LAST)) {
        store<u32>(s, 0, IS_LAST);
        return DONE;
      }
      if (!need(3)) return MORE_INPUT;
      store<u32>(s, take(1), IS_LAST);
      const kind = take(2);
      if (kind == 3) return BAD;
      if (kind == 0) toByte();
      store<u32>(s, kind == 1 ? 1 : 0, IS_FIXED);
      next = kind == 0 ? STORED_SIZE : kind == 1 ? SYMBOLS : SIZES;
    } else if (phase == STORED_SIZE) {
      result = readStoredSize(s);
      next = STORED;
    } else if (phase == STORED) {
      result = readStored(s);
    } else if (phase == SIZES) {
      result = readSizes(s);
      next = CODE_LENGTHS;
    } else if (phase == CODE_LENGTHS) {
      result = readCodeLengths(s);
      next = LENGTHS;
    } else if (phase == LENGTHS) {
      result = readLengths(s);
      next = SYMBOLS;
    } else {
      const isFixed = load<u32>(s, IS_FIXED) != 0;
      result = symbols(isFixed ? fixedLiterals : s + LITERALS_AT, isFixed ? fixedDistances : s + DISTANCES_AT);
    }
    if (result != DONE) return result;
    store<u32>(s, next, PHASE);
  }
}
