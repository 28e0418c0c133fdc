/** The characters of base64 and base64url (RFC 4648), without padding: A–Z a–z 0–9 + / - _ */

/** Value of each byte, 64 if it is none of them. */
const values = memory.data(256);
let isReady: bool = false;

/** Fills the table; once. */
export function prepareValues(): void {
  if (isReady) return;
  isReady = true;
  memory.fill(values, 64, 256);
  for (let i: u32 = 0; i < 26; i++) {
    store<u8>(values + 65 + i, <u8>i);
    store<u8>(values + 97 + i, <u8>(26 + i));
  }
  for (let i: u32 = 0; i < 10; i++) store<u8>(values + 48 + i, <u8>(52 + i));
  store<u8>(values, 62, 0x2b);
  store<u8>(values, 62, 0x2d);
  store<u8>(values, 63, 0x2f);
  store<u8>(values, 63, 0x5f);
}

// @ts-ignore: decorator
@inline export function valueOf(byte: u32): u32 {
  return load<u8>(values + byte);
}

// @ts-ignore: decorator
@inline export function isDigit64(byte: u32): bool {
  return valueOf(byte) < 64;
}

/**
 * A byte is in the alphabet if the tables of its two halves have a bit in common:
 *
 *   high half   2: + - /      3: 0–9    4, 6: letters 1–15    5: P–Z _    7: p–z
 *   bit         0             1         2                     3           4
 */
const halves = memory.data<u8>([
  0b11010, 0b11110, 0b11110, 0b11110, 0b11110, 0b11110, 0b11110, 0b11110,
  0b11110, 0b11110, 0b11100, 0b00101, 0b00100, 0b00101, 0b00100, 0b01101,
  0, 0, 1, 2, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0,
  15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
], 16);

// Loaded by those who use them, before the loop: a constant is made anew for every use.
// @ts-ignore: decorator
@inline export function lowHalves(): v128 {
  return v128.load(halves);
}

// @ts-ignore: decorator
@inline export function highHalves(): v128 {
  return v128.load(halves, 16);
}

// @ts-ignore: decorator
@inline export function halfMask(): v128 {
  return v128.load(halves, 32);
}

// @ts-ignore: decorator
@inline function lookup(table: v128, index: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? i8x16.relaxed_swizzle(table, index) : i8x16.swizzle(table, index);
}

/** One bit for each of 16 bytes that is not in the alphabet. */
// @ts-ignore: decorator
@inline export function notInAlphabet(text: v128, low: v128, high: v128, mask: v128): i32 {
  const bits = v128.and(
    lookup(low, v128.and(text, mask)),
    lookup(high, v128.and(i16x8.shr_u(text, 4), mask)),
  );
  return i8x16.bitmask(i8x16.eq(bits, i8x16.splat(0)));
}
