/**
 * A compiled set of literals: one block of memory, position-independent (every field is an offset from its start), so
 * that it can be copied out, checked and copied in again.
 *
 *     0  magic "SPAC"          32  width of a table entry, 2 or 4      64  lengths      u32 × literals
 *     4  version               36  longest literal, bytes              128 byte → class, u8 × 256
 *     8  size in bytes         40  shortest literal, bytes
 *    12  literals              44  table    entries: states << shift
 *    16  states                48  depths   u16 × states
 *    20  first matching state  52  outputs  12 bytes × matching states
 *    24  classes               56  next     u32 × literals
 *    28  shift                 60  (reserved)
 *
 * State 0 is the root. States from "first matching state" on end at least one literal. One step:
 *     state = table[(state << shift) + class[byte]]
 *
 * Outputs of a matching state: { exact u32, folded u32, link u32 }. `exact` and `folded` are 1 + the first literal that
 * ends here and is as long as the state is deep (0: none), `next` chains literals that are equal; `link` is the next
 * shorter matching state (0: none).
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
export const A_LENGTHS: usize = 64;
export const A_CLASS: usize = 128;
export const A_HEADER: usize = 384;

export const OUTPUT_BYTES: usize = 12;

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

/** Length of the longest literal prefix that the text so far ends with. */
export function depth(a: usize, state: u32): u32 {
  if (state >= load<u32>(a, A_STATES)) return 0;
  return <u32>load<u16>(a + load<u32>(a, A_DEPTHS) + ((<usize>state) << 1));
}

/** State after the bytes `[p, end)`, outputs ignored. */
export function walk(a: usize, state: u32, p: usize, end: usize): u32 {
  const table = a + load<u32>(a, A_TABLE);
  const shift = load<u32>(a, A_SHIFT);
  if (load<u32>(a, A_WIDTH) == 2) {
    for (; p < end; p++) state = load<u16>(table + (((<usize>state << shift) + load<u8>(a + load<u8>(p), A_CLASS)) << 1));
  } else {
    for (; p < end; p++) state = load<u32>(table + (((<usize>state << shift) + load<u8>(a + load<u8>(p), A_CLASS)) << 2));
  }
  return state;
}
