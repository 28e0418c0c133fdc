/**
 * Prefix codes of deflate (RFC 1951, section 3.2.2) and Brotli (RFC 7932, section 3.2).
 *
 *   table   counts u16 × 16 │ short u16 × 2^bits │ symbols u16 × number of them, by length, then value
 *
 *   short   by the next `bits` bits:  symbol << 4 | length;  0: the code is longer, or there is none
 */
export const INVALID: u32 = 0;
/** With `symbol << 4`, which alone may be INVALID. */
const NO_BITS: u32 = 0x8000;
/** Codes are at most this long. */
export const LONGEST: u32 = 15;

const SHORT: usize = 32;

export const LITERAL_BITS: u32 = 10;
export const DISTANCE_BITS: u32 = 8;
export const LITERAL_TABLE: usize = 32 + 2048 + 288 * 2;
export const DISTANCE_TABLE: usize = 32 + 512 + 32 * 2;

// @ts-ignore: decorator
@inline function symbolsOf(table: usize, bits: u32): usize {
  return table + SHORT + (<usize>2 << bits);
}

/** Where the symbols of each length begin, u16 × 16. */
const offsets = memory.data(32, 2);

function reversed(code: u32, length: u32): u32 {
  let result: u32 = 0;
  for (let i: u32 = 0; i < length; i++, code >>= 1) result = (result << 1) | (code & 1);
  return result;
}

/**
 * Makes the table for `number` symbols whose code lengths are given. False if no code has such lengths: there are too many
 * short ones, or some bits mean nothing, which only a single code of one bit may leave, and only if `maySpare`.
 */
export function build(table: usize, bits: u32, lengths: usize, number: u32, maySpare: bool): bool {
  const symbols = symbolsOf(table, bits);
  memory.fill(table, 0, symbols - table);
  for (let i: u32 = 0; i < number; i++) {
    // Of large alphabets few symbols are used.
    if (i + 8 <= number && load<u64>(lengths + i) == 0) {
      i += 7;
      continue;
    }
    const count = table + (<usize>load<u8>(lengths + i) << 1);
    store<u16>(count, load<u16>(count) + 1);
  }
  store<u16>(table, 0);
  let left: i32 = 1;
  let used: u32 = 0;
  let longest: u32 = 0;
  for (let length: u32 = 1; length <= LONGEST; length++) {
    const count = <u32>load<u16>(table + (length << 1));
    left = (left << 1) - <i32>count;
    if (left < 0) return false;
    store<u16>(offsets + (length << 1), <u16>used);
    used += count;
    if (count) longest = length;
  }
  if (left > 0 && (longest > 1 || !maySpare)) return false;
  for (let i: u32 = 0; i < number; i++) {
    if (i + 8 <= number && load<u64>(lengths + i) == 0) {
      i += 7;
      continue;
    }
    const length = <usize>load<u8>(lengths + i);
    if (!length) continue;
    const place = offsets + (length << 1);
    store<u16>(symbols + (<usize>load<u16>(place) << 1), <u16>i);
    store<u16>(place, load<u16>(place) + 1);
  }
  let code: u32 = 0;
  let symbol = symbols;
  for (let length: u32 = 1; length <= bits; length++, code <<= 1) {
    for (let n = load<u16>(table + (length << 1)); n; n--, code++, symbol += 2) {
      const entry = <u16>(((<u32>load<u16>(symbol)) << 4) | length);
      for (let i = reversed(code, length); i < <u32>1 << bits; i += <u32>1 << length) {
        store<u16>(table + SHORT + (<usize>i << 1), entry);
      }
    }
  }
  return true;
}

/** Makes the table of a code that has one symbol, and no bits. */
export function buildSingle(table: usize, bits: u32, symbol: u32): void {
  // Four entries at a time: streams may have hundreds of such tables for one byte of text. There are 32 at least.
  const entries = <u64>(NO_BITS | (symbol << 4)) * 0x0001000100010001;
  for (let p = table + SHORT, end = symbolsOf(table, bits); p < end; p += 8) store<u64>(p, entries);
}

/** Of what `decodeSymbol` returns for a code that may have no bits. */
// @ts-ignore: decorator
@inline export function symbolOf(code: u32): u32 {
  return (code & ~NO_BITS) >> 4;
}

/** A code that is longer than the short ones, bit by bit. */
function decodeLong(table: usize, size: u32, bits: u64): u32 {
  const symbols = symbolsOf(table, size);
  let code: u32 = 0;
  let first: u32 = 0;
  let index: u32 = 0;
  for (let length: u32 = 1; length <= LONGEST; length++, bits >>= 1) {
    code |= <u32>bits & 1;
    const count = <u32>load<u16>(table + (length << 1));
    if (code - first < count) {
      return (<u32>load<u16>(symbols + (<usize>(index + code - first) << 1)) << 4) | length;
    }
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  return INVALID;
}

/** The symbol that `bits` begin with, `symbol << 4 | length of its code`; INVALID, by at most 15 bits, if there is none. */
// @ts-ignore: decorator
@inline export function decodeSymbol(table: usize, size: u32, bits: u64): u32 {
  const short = <u32>load<u16>(table + SHORT + (<usize>(<u32>bits & ((1 << size) - 1)) << 1));
  return short ? short : decodeLong(table, size, bits);
}
