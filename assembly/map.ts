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
 * either is looked up in an index of its own; without vectors that takes longer than to look up both.
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

/**
 * What a scan finds: groups { address u32 of the first position, one bit for each u32 } where long literals may stand, and short
 * ones. Without vectors there are only the first, and they are about both.
 */
export const longs = memory.data(8 * (4096 / 8 + 2), 16);
export const shorts = ASC_FEATURE_SIMD ? memory.data(8 * (4096 / 16 + 2), 16) : longs;
export let longsEnd: usize = 0;
export let shortsEnd: usize = 0;

// @ts-ignore: decorator
@inline function scanVectors(map: usize, bits: u32, isFolded: bool, p: usize, limit: usize): void {
  const bases = i32x4.splat(<u32>map);
  // Loaded, not splat: a constant is made anew for every use.
  const mask = v128.load(isFolded ? folded : exact);
  const factor = v128.load(golden);
  const table = v128.load(classes);
  const low = v128.load(sevens);
  let long: usize = longs;
  let short: usize = shorts;
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
    const marked = i8x16.bitmask(all);
    store<u32>(long, <u32>p);
    store<u32>(long, clean ^ 0xffff, 4);
    long += <usize>(clean != 0xffff) << 3;
    store<u32>(short, <u32>p);
    store<u32>(short, marked, 4);
    short += <usize>(marked != 0) << 3;
  }
  longsEnd = long;
  shortsEnd = short;
}

/** 1 if a literal may stand at `p`, long or short. */
// @ts-ignore: decorator
@inline function laneAt(map: usize, bits: u32, mask: u32, p: usize): u32 {
  const cell = <u32>load<u8>(cellOf(map, bits, load<u32>(p) & mask));
  return ((cell & (classAt(p + 3) | SHORT)) + 0xff) >> 8;
}

/** The lanes of four positions above those in `lanes`. */
// @ts-ignore: decorator
@inline function fourLanes(map: usize, bits: u32, mask: u32, p: usize, lanes: u32): u32 {
  lanes = (lanes << 1) + laneAt(map, bits, mask, p + 3);
  lanes = (lanes << 1) + laneAt(map, bits, mask, p + 2);
  lanes = (lanes << 1) + laneAt(map, bits, mask, p + 1);
  return (lanes << 1) + laneAt(map, bits, mask, p);
}

// @ts-ignore: decorator
@inline function scanWords(map: usize, bits: u32, isFolded: bool, p: usize, limit: usize): void {
  const mask = isFolded ? FOLDED : EXACT;
  let group: usize = longs;
  for (; p < limit; p += 8) {
    const upper = fourLanes(map, bits, mask, p + 4, 0);
    // Keeps the compiler from loading for all eight at once, which takes more registers than there are.
    store<u32>(group, upper, 4);
    const lanes = fourLanes(map, bits, mask, p, upper);
    store<u32>(group, <u32>p);
    store<u32>(group, lanes, 4);
    group += <usize>(lanes != 0) << 3;
  }
  longsEnd = shortsEnd = group;
}

/** Positions that a scan takes at a time. */
export const MAP_STEP: usize = ASC_FEATURE_SIMD ? 16 : 8;

// @ts-ignore: decorator
@inline function scan(map: usize, bits: u32, isFolded: bool, p: usize, limit: usize): void {
  if (ASC_FEATURE_SIMD) scanVectors(map, bits, isFolded, p, limit);
  else scanWords(map, bits, isFolded, p, limit);
}

/**
 * One function for each size of map, called by number as those of sampler.ts are. Each notes, in steps of `MAP_STEP` positions from `p` to
 * `limit` or up to one step beyond, where a literal may stand: at most 4,096 positions at a time. No branch depends on what is found. It
 * reads up to 34 bytes past `limit`.
 */
export type MapScan = (map: usize, isFolded: bool, p: usize, limit: usize) => void;

function scan16(map: usize, isFolded: bool, p: usize, limit: usize): void {
  scan(map, 16, isFolded, p, limit);
}

function scan17(map: usize, isFolded: bool, p: usize, limit: usize): void {
  scan(map, 17, isFolded, p, limit);
}

function scan19(map: usize, isFolded: bool, p: usize, limit: usize): void {
  scan(map, 19, isFolded, p, limit);
}

/** Number of the function for a map of 1 << `bits` cells. */
export function mapScanOf(bits: u32): u32 {
  let scan: MapScan = scan19;
  if (bits == 16) scan = scan16;
  else if (bits == 17) scan = scan17;
  return scan.index;
}
