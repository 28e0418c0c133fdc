/**
 * A compiled set of literals: one block of memory, position-independent (every field is an offset from its start), so
 * that it can be copied out, checked and copied in again. Only `prefilter` is an address, and 0 in a copy.
 *
 *     0  magic "SPAC"          32  width of a table entry: 2, 4;        60  texts      bytes of all literals
 *     4  version                   0: sparse                            64  lengths    u32 × literals
 *     8  size in bytes         36  longest literal, bytes               68  text at    u32 × literals, from `texts`
 *    12  literals              40  shortest literal, bytes              72  fail       u32 × states          (sparse)
 *    16  states                44  table, or edges of each state        76  edges                            (sparse)
 *    20  first matching state  48  depths   u16 × states                80  prefilter  address, 0 for none
 *    24  classes               52  outputs  12 bytes × matching states
 *    28  shift                 56  next     u32 × literals              84  checksum, in the serial form
 *                                                                      128  byte → class, u8 × 256
 *
 * State 0 is the root. States from "first matching state" on end at least one literal.
 *
 * Dense: `table` has states << shift entries of 2 or 4 bytes. One step:
 *     state = table[(state << shift) + class[byte]]
 * Sparse, for sets whose table would be too large: `table` has states + 1 numbers u32, the edges of state s are
 * edges[table[s] … table[s + 1]), each { class u8, target u24 }; the root has one for every class. Where a state has no
 * edge for a class, its failure state is asked.
 *
 * Outputs of a matching state: { exact u32, folded u32, link u32 }. `exact` and `folded` are 1 + the first literal that
 * ends here and is as long as the state is deep (0: none), `next` chains literals that are equal; `link` is the next
 * shorter matching state (0: none).
 *
 * Length of a literal: bits 0 … 12; bit 31 is set if it is case-insensitive (then its text is in lower case).
 */
export const MAGIC: u32 = 0x43415053;
export const VERSION: u32 = 1;

export const A_SIZE: usize = 8;
export const A_LITERALS: usize = 12;
export const A_STATES: usize = 16;
export const A_FIRST: usize = 20;
export const A_CLASSES: usize = 24;
export const A_SHIFT: usize = 28;
export const A_WIDTH: usize = 32;
export const A_LONGEST: usize = 36;
export const A_SHORTEST: usize = 40;
export const A_TABLE: usize = 44;
export const A_DEPTHS: usize = 48;
export const A_OUTPUTS: usize = 52;
export const A_NEXT: usize = 56;
export const A_TEXTS: usize = 60;
export const A_LENGTHS: usize = 64;
export const A_TEXT_AT: usize = 68;
export const A_FAIL: usize = 72;
export const A_EDGES: usize = 76;
export const A_PREFILTER: usize = 80;
export const A_CLASS: usize = 128;
export const A_HEADER: usize = 384;

export const SPARSE: u32 = 0;
export const OUTPUT_BYTES: usize = 12;
export const FOLDED: u32 = 0x80000000;
export const LENGTH_MASK: u32 = 0x1fff;

export function maxLength(a: usize): u32 {
  return load<u32>(a, A_LONGEST);
}

export function stateCount(a: usize): u32 {
  return load<u32>(a, A_STATES);
}

export function classCount(a: usize): u32 {
  return load<u32>(a, A_CLASSES);
}

export function byteSize(a: usize): u32 {
  return load<u32>(a, A_SIZE);
}

// @ts-ignore: decorator
@inline export function depthOf(a: usize, state: u32): u32 {
  return <u32>load<u16>(a + load<u32>(a, A_DEPTHS) + ((<usize>state) << 1));
}

/** Length of the longest literal prefix that the text so far ends with. */
export function depth(a: usize, state: u32): u32 {
  return state < load<u32>(a, A_STATES) ? depthOf(a, state) : 0;
}

// @ts-ignore: decorator
@inline export function lengthWord(a: usize, literal: u32): u32 {
  return load<u32>(a + load<u32>(a, A_LENGTHS) + ((<usize>literal) << 2));
}

// @ts-ignore: decorator
@inline export function lengthOf(a: usize, literal: u32): u32 {
  return lengthWord(a, literal) & LENGTH_MASK;
}

// @ts-ignore: decorator
@inline export function textOf(a: usize, literal: u32): usize {
  return a + load<u32>(a, A_TEXTS) + load<u32>(a + load<u32>(a, A_TEXT_AT) + ((<usize>literal) << 2));
}
