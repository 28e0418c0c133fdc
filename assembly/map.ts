/**
 * One map for literals of any length but one byte, asked at every position.
 *
 *    text     … w i t h i n g s …       "with" of "withings"
 *               └─┴─┘ │                 three bytes and bit 3 of the fourth: their hash picks a cell
 *                     └─▶ bits 0 … 2    pick a bit of the cell
 *
 *    cell, u8: bits 0 … 6: a gram whose fourth byte is of this class may stand here │ bit 7: a literal of two or three bytes may
 *
 * So one load answers for long literals and for short ones. A short literal marks the cells of all bytes that may follow it; of the third
 * byte only five bits count, so that one of two bytes marks no more than 64. What may be short is noted apart from what may be long, for
 * either is looked up in an index of its own.
 *
 * Where letters are folded the bit that is their case is taken away.
 */
import { GOLDEN } from './grams';

/** Bytes of the grams of long literals; those of fewer are short. */
export const MAP_GRAM: u32 = 4;
/** Bits of a gram that are hashed. */
const EXACT: u32 = 0x081f_ffff;
const FOLDED: u32 = 0x081f_dfdf;
const SHORT: u32 = 0x80;
/** What a short literal leaves open: of the third byte each value, of the fourth one bit. */
const THIRD: u32 = 0x01_0000;
const THIRDS: u32 = 32;
const FOURTH: u32 = 0x0800_0000;
/** Cells that a literal of three bytes marks, and one of two. */
export const MARKS_OF_THREE: u32 = 2;
export const MARKS_OF_TWO: u32 = 2 * THIRDS;
/** Values of a fourth byte that are told from each other. */
export const FOURTHS: u32 = 14;

/** Bit of a fourth byte in a cell, by its three low bits. */
const classes = memory.data<u8>([1, 2, 4, 8, 16, 32, 64, 64, 1, 2, 4, 8, 16, 32, 64, 64], 16);
const exact = memory.data<u32>([EXACT, EXACT, EXACT, EXACT], 16);
const folded = memory.data<u32>([FOLDED, FOLDED, FOLDED, FOLDED], 16);
const golden = memory.data<u32>([<u32>GOLDEN, <u32>GOLDEN, <u32>GOLDEN, <u32>GOLDEN], 16);
const sevens = memory.data<u32>([0x0707_0707, 0x0707_0707, 0x0707_0707, 0x0707_0707], 16);
/** Addresses u32 of the cells of 16 positions: those of positions 0, 4, 8, 12, then of 1, 5, … */
const cells = memory.data(64, 16);

/** Bits of the index into a map for `n` literals. There are few sizes, for shifts by constants are faster than others. */
export function cellBits(n: u32): u32 {
  return n <= 1 << 10 ? 16 : n <= 1 << 13 ? 17 : 19;
}

// @ts-ignore: decorator
@inline function cellOf(map: usize, bits: u32, gram: u32): usize {
  return map + <usize>((gram * <u32>GOLDEN) >> (32 - bits));
}

// @ts-ignore: decorator
@inline function classAt(p: usize): u32 {
  return load<u8>(classes + (load<u8>(p) & 7));
}

function mark(map: usize, bits: u32, gram: u32, bit: u32): void {
  const cell = cellOf(map, bits, gram);
  store<u8>(cell, load<u8>(cell) | bit);
}

/** Marks the gram of four bytes at `p`. */
export function markLong(map: usize, bits: u32, isFolded: bool, p: usize): void {
  mark(map, bits, load<u32>(p) & (isFolded ? FOLDED : EXACT), classAt(p + 3));
}

/** Marks the literal of two or three bytes at `p`. */
export function markShort(map: usize, bits: u32, isFolded: bool, p: usize, length: u32): void {
  let gram = load<u32>(p) & (isFolded ? FOLDED : EXACT) & (length == 2 ? 0xffff : 0xff_ffff);
  for (let left: u32 = length == 2 ? THIRDS : 1; left; left--, gram += THIRD) {
    mark(map, bits, gram, SHORT);
    mark(map, bits, gram | FOURTH, SHORT);
  }
}

// @ts-ignore: decorator
@inline function findCells(p: usize, k: usize, bits: u32, mask: v128, factor: v128, map: v128): void {
  const product = i32x4.mul(v128.and(v128.load(p), mask), factor);
  v128.store(cells + 16 * k, i32x4.add(i32x4.shr_u(product, 32 - bits), map));
}

/** The cells of positions k, k + 4, k + 8, k + 12, each in the lowest byte of a lane. */
// @ts-ignore: decorator
@inline function gather(k: usize): v128 {
  let four = i32x4.splat(0);
  four = v128.load_lane<u8>(load<u32>(cells + 16 * k), four, 0);
  four = v128.load_lane<u8>(load<u32>(cells + 16 * k + 4), four, 4);
  four = v128.load_lane<u8>(load<u32>(cells + 16 * k + 8), four, 8);
  return v128.load_lane<u8>(load<u32>(cells + 16 * k + 12), four, 12);
}

/** Where the groups of what may be short end, after a scan. */
export let shortsEnd: usize = 0;

// @ts-ignore: decorator
@inline function scanVectors(map: usize, bits: u32, isFolded: bool, p: usize, limit: usize, longs: usize, shorts: usize): usize {
  const bases = i32x4.splat(<u32>map);
  // Loaded, not splat: a constant is made anew for every use.
  const mask = v128.load(isFolded ? folded : exact);
  const factor = v128.load(golden);
  const table = v128.load(classes);
  const low = v128.load(sevens);
  for (; p < limit; p += 16) {
    findCells(p, 0, bits, mask, factor, bases);
    findCells(p + 1, 1, bits, mask, factor, bases);
    findCells(p + 2, 2, bits, mask, factor, bases);
    findCells(p + 3, 3, bits, mask, factor, bases);
    const all = v128.or(
      v128.or(gather(0), i32x4.shl(gather(1), 8)),
      v128.or(i32x4.shl(gather(2), 16), i32x4.shl(gather(3), 24)),
    );
    const wanted = i8x16.swizzle(table, v128.and(v128.load(p, 3), low));
    const clean = i8x16.bitmask(i8x16.eq(v128.and(all, wanted), i8x16.splat(0)));
    const short = i8x16.bitmask(all);
    store<u32>(longs, <u32>p);
    store<u32>(longs, clean ^ 0xffff, 4);
    longs += <usize>(clean != 0xffff) << 3;
    store<u32>(shorts, <u32>p);
    store<u32>(shorts, short, 4);
    shorts += <usize>(short != 0) << 3;
  }
  shortsEnd = shorts;
  return longs;
}

/** One bit for what may be long at `p`, and bit 16 for what may be short. */
// @ts-ignore: decorator
@inline function lanesAt(map: usize, bits: u32, mask: u32, p: usize): u32 {
  const cell = <u32>load<u8>(cellOf(map, bits, load<u32>(p) & mask));
  return (((cell & classAt(p + 3)) + 0x7f) >> 7) | ((cell & SHORT) << 9);
}

// @ts-ignore: decorator
@inline function scanWords(map: usize, bits: u32, isFolded: bool, p: usize, limit: usize, longs: usize, shorts: usize): usize {
  const mask = isFolded ? FOLDED : EXACT;
  for (; p < limit; p += 4) {
    let lanes = lanesAt(map, bits, mask, p + 3) << 1;
    lanes = (lanes | lanesAt(map, bits, mask, p + 2)) << 1;
    lanes = (lanes | lanesAt(map, bits, mask, p + 1)) << 1;
    lanes |= lanesAt(map, bits, mask, p);
    const long = lanes & 0xffff;
    const short = lanes >> 16;
    store<u32>(longs, <u32>p);
    store<u32>(longs, long, 4);
    longs += <usize>(long != 0) << 3;
    store<u32>(shorts, <u32>p);
    store<u32>(shorts, short, 4);
    shorts += <usize>(short != 0) << 3;
  }
  shortsEnd = shorts;
  return longs;
}

/** Positions that a scan takes at a time. */
export const MAP_STEP: usize = ASC_FEATURE_SIMD ? 16 : 4;

// @ts-ignore: decorator
@inline function scan(map: usize, bits: u32, isFolded: bool, p: usize, limit: usize, longs: usize, shorts: usize): usize {
  if (ASC_FEATURE_SIMD) return scanVectors(map, bits, isFolded, p, limit, longs, shorts);
  return scanWords(map, bits, isFolded, p, limit, longs, shorts);
}

/**
 * One function for each size of map, called by number as those of sampler.ts are. Each notes in `longs` and in `shorts`, in steps of
 * `MAP_STEP` positions from `p` to `limit` or up to one step beyond, where a long or a short literal may stand: { address u32 of the first
 * position, one bit for each u32 }. It returns the end of `longs`, and sets `shortsEnd`; no branch depends on what is found. It reads up to
 * 34 bytes past `limit`.
 */
export type MapScan = (map: usize, isFolded: bool, p: usize, limit: usize, longs: usize, shorts: usize) => usize;

function scan16(map: usize, isFolded: bool, p: usize, limit: usize, longs: usize, shorts: usize): usize {
  return scan(map, 16, isFolded, p, limit, longs, shorts);
}

function scan17(map: usize, isFolded: bool, p: usize, limit: usize, longs: usize, shorts: usize): usize {
  return scan(map, 17, isFolded, p, limit, longs, shorts);
}

function scan19(map: usize, isFolded: bool, p: usize, limit: usize, longs: usize, shorts: usize): usize {
  return scan(map, 19, isFolded, p, limit, longs, shorts);
}

/** Number of the function for a map of 1 << `bits` cells. */
export function mapScanOf(bits: u32): u32 {
  let scan: MapScan = scan19;
  if (bits == 16) scan = scan16;
  else if (bits == 17) scan = scan17;
  return scan.index;
}
