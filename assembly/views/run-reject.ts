/**
 * Which of the four ways to read a run as base64 give no text, at a glance: most runs are names and paths.
 *
 * The first 32 characters are looked at all at once. The six bits of their values stand in six masks; what these come to in the
 * decoded bytes depends on where in its group of four a character stands, so there is a lane for each way:
 *
 *   characters   aaaaaa bbbbbb cccccc dddddd      top bits of byte 0: a5 a4    1: b3 b2    2: c1 c0
 *   bytes        aaaaaabb bbbbcccc ccdddddd       a byte is noted at the place of a, b or c
 *
 * Counted is what is bad for certain: control characters, bytes that continue a character (RFC 3629) after ASCII, and others after
 * a first byte. judge.ts counts no less; what may still be text is judged there.
 */
import { halfMask, highHalves, isDigit64, lowHalves, notInAlphabet } from './alphabet';

/** Bytes of text that must be there. */
export const GLANCE: usize = 33;

/** What is added to a letter or digit to get its value, by the high half of it. */
const shifts = memory.data<i8>([0, 0, 0, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0], 16);
/** Places of the bytes 0, 1, 2 in each of the four ways. */
const places = memory.data<u32>([
  0x11111111, 0x22222222, 0x44444444, 0x88888888,
  0x22222222, 0x44444444, 0x88888888, 0x11111110,
  0x44444444, 0x88888888, 0x11111110, 0x22222220,
], 16);
/** Per length of the run, 32 for all that are longer, how many bad ones judge.ts lets pass in each way. */
const allowed = memory.data(33 * 16, 16);
let isReady: bool = false;

export function prepareGlance(): void {
  if (isReady) return;
  isReady = true;
  for (let length: u32 = 0; length <= 32; length++) {
    for (let way: u32 = 0; way < 4; way++) {
      const bytes = length > way ? ((length - way) * 3) >> 2 : 0;
      store<u32>(allowed + (length << 4) + (way << 2), length == 32 ? 4 : bytes < 16 ? 0 : bytes >> 3);
    }
  }
}

// @ts-ignore: decorator
@inline function valuesOf(text: v128, mask: v128): v128 {
  const high = v128.and(i16x8.shr_u(text, 4), mask);
  const plain = i8x16.add(text, i8x16.swizzle(v128.load(shifts), high));
  // 62: + and -; 63: / and _
  const six = i8x16.splat(6);
  const sign = i8x16.sub(i8x16.splat(62), i8x16.eq(v128.and(text, six), six));
  const isSign = v128.or(i8x16.eq(high, i8x16.splat(2)), i8x16.eq(text, i8x16.splat(0x5f)));
  return v128.bitselect(sign, plain, isSign);
}

// @ts-ignore: decorator
@inline function bits(first: v128, second: v128): v128 {
  return i32x4.splat(i8x16.bitmask(first) | (i8x16.bitmask(second) << 16));
}

/** Bits that the halves of a hexadecimal digit have in common: digits, letters. */
const hexHalves = memory.data<u8>([
  1, 3, 3, 3, 3, 3, 3, 1, 1, 1, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 1, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0,
], 16);

/** True if the 16 characters at `p` are hexadecimal digits. */
export function isHex(p: usize): bool {
  const text = v128.load(p);
  const mask = halfMask();
  const low = i8x16.swizzle(v128.load(hexHalves), v128.and(text, mask));
  const high = i8x16.swizzle(v128.load(hexHalves, 16), v128.and(i16x8.shr_u(text, 4), mask));
  return i8x16.all_true(v128.and(low, high));
}

/** Address of the first byte in `[p, end)` that is no letter or digit, or `end`. */
export function partEnd(p: usize, end: usize): usize {
  if (ASC_FEATURE_SIMD) {
    const mask = halfMask();
    const low = lowHalves();
    const high = highHalves();
    for (; p + 16 <= end; p += 16) {
      const text = v128.load(p);
      const isSign = v128.or(
        i8x16.eq(v128.and(i16x8.shr_u(text, 4), mask), i8x16.splat(2)), i8x16.eq(text, i8x16.splat(0x5f)),
      );
      const found = notInAlphabet(text, low, high, mask) | i8x16.bitmask(isSign);
      if (found) return p + ctz(found);
    }
  }
  while (p < end && isDigit64(load<u8>(p)) && !isJoint(load<u8>(p))) p++;
  return p;
}

/** Characters behind which something else may begin: + - / _ */
// @ts-ignore: decorator
@inline export function isJoint(byte: u32): bool {
  return byte == 0x2b || byte == 0x2d || byte == 0x2f || byte == 0x5f;
}

/**
 * One bit for each way to begin, by leaving out none to three characters, that may give text. `p`: a run of at least 16 characters,
 * with GLANCE bytes of text from there on.
 */
export function mayHoldText(p: usize): u32 {
  const mask = halfMask();
  const low = lowHalves();
  const high = highHalves();
  let first = v128.load(p);
  let second = v128.load(p, 16);
  const others = notInAlphabet(first, low, high, mask) | (notInAlphabet(second, low, high, mask) << 16);
  const length = others ? <usize>ctz(others) : 32;
  first = valuesOf(first, mask);
  second = valuesOf(second, mask);
  const b5 = bits(i8x16.shl(first, 2), i8x16.shl(second, 2));
  const b4 = bits(i8x16.shl(first, 3), i8x16.shl(second, 3));
  const b3 = bits(i8x16.shl(first, 4), i8x16.shl(second, 4));
  const b2 = bits(i8x16.shl(first, 5), i8x16.shl(second, 5));
  const b1 = bits(i8x16.shl(first, 6), i8x16.shl(second, 6));
  const b0 = bits(i8x16.shl(first, 7), i8x16.shl(second, 7));
  const at0 = v128.load(places);
  const at1 = v128.load(places, 16);
  const at2 = v128.load(places, 32);
  const isHigh = v128.or(v128.or(v128.and(b5, at0), v128.and(b3, at1)), v128.and(b1, at2));
  const isFirst = v128.or(
    v128.or(v128.and(v128.and(b5, b4), at0), v128.and(v128.and(b3, b2), at1)), v128.and(v128.and(b1, b0), at2),
  );
  const continues = v128.andnot(isHigh, isFirst);
  const behind = v128.or(at1, at2);
  const afterHigh = v128.or(v128.and(i32x4.shl(isHigh, 1), behind), v128.and(i32x4.shl(isHigh, 2), at0));
  const afterFirst = v128.or(v128.and(i32x4.shl(isFirst, 1), behind), v128.and(i32x4.shl(isFirst, 2), at0));
  // Below 8, but for 2 and 3, which may be tab or line breaks; 1, of 0 to 15; 0 and below 32, but for 8 to 15.
  const control0 = v128.andnot(v128.andnot(at0, v128.or(v128.or(b5, b4), b3)), v128.andnot(b1, b2));
  const control1 = v128.andnot(v128.and(b0, at1), v128.or(v128.or(b3, b2), b1));
  const next = i32x4.shr_u(v128.or(b5, v128.andnot(b3, b4)), 1);
  const control2 = v128.andnot(at2, v128.or(v128.or(b1, b0), next));
  const bad = v128.or(
    v128.or(v128.andnot(continues, afterHigh), v128.andnot(afterFirst, continues)),
    v128.or(v128.or(control0, control1), control2),
  );
  // The last character of a byte must be of the run, too.
  const known = i32x4.splat((1 << (<i32>length - 1)) - 1);
  const counts = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(v128.and(bad, known))));
  return ~<u32>i32x4.bitmask(i32x4.gt_s(counts, v128.load(allowed + (length << 4)))) & 15;
}
