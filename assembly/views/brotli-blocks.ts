/**
 * Blocks of one category in a Brotli meta-block (RFC 7932, section 6): symbols of one type, up to the next switch.
 *
 *   switch   type: 0 the one before, 1 the next one, n the one numbered n - 2 │ count: base and extra bits
 */
import { bitsCount, drop, need, peek, take } from './bits';
import {
  CATEGORY_BYTES, COUNT, COUNT_TABLE, COUNT_TABLES, LITERALS, SHORT_BITS, TYPE, TYPE_BEFORE, TYPE_TABLE, TYPE_TABLES, TYPES,
} from './brotli-state';
import { decodeSymbol, symbolOf } from './huffman';
import { DONE, MORE_INPUT } from './symbols';

const bases = memory.data<u16>([
  1, 5, 9, 13, 17, 25, 33, 41, 49, 65, 81, 97, 113, 145, 177, 209, 241, 305, 369, 497, 753, 1265, 2289, 4337, 8433, 16625,
]);
const extras = memory.data<u8>([2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13, 24]);

// @ts-ignore: decorator
@inline export function typeTable(d: usize, category: u32): usize {
  return d + TYPE_TABLES + <usize>category * TYPE_TABLE;
}

// @ts-ignore: decorator
@inline export function countTable(d: usize, category: u32): usize {
  return d + COUNT_TABLES + <usize>category * COUNT_TABLE;
}

// @ts-ignore: decorator
@inline export function categoryAt(d: usize, category: u32): usize {
  return d + LITERALS + <usize>category * CATEGORY_BYTES;
}

/** How many symbols the next block has. `before`: bits to pass over first. */
function readCountBehind(d: usize, category: u32, before: u32): u32 {
  const code = decodeSymbol(countTable(d, category), SHORT_BITS, peek() >> before);
  const symbol = symbolOf(code);
  const extra = <u32>load<u8>(extras + symbol);
  if (before + (code & 15) + extra > bitsCount()) return MORE_INPUT;
  drop(before + (code & 15));
  store<u32>(categoryAt(d, category), <u32>load<u16>(bases + (symbol << 1)) + take(extra), COUNT);
  return DONE;
}

export function readCount(d: usize, category: u32): u32 {
  need(39);
  return readCountBehind(d, category, 0);
}

/** Begins the next block. */
export function switchBlock(d: usize, category: u32): u32 {
  need(56);
  const c = categoryAt(d, category);
  const code = decodeSymbol(typeTable(d, category), SHORT_BITS, peek());
  if ((code & 15) > bitsCount()) return MORE_INPUT;
  const result = readCountBehind(d, category, code & 15);
  if (result != DONE) return result;
  const symbol = symbolOf(code);
  const now = load<u32>(c, TYPE);
  const next = symbol == 0 ? load<u32>(c, TYPE_BEFORE) : symbol == 1 ? now + 1 : symbol - 2;
  store<u32>(c, now, TYPE_BEFORE);
  store<u32>(c, next == load<u32>(c, TYPES) ? 0 : next, TYPE);
  return DONE;
}
