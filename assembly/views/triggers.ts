/** Which decoders have something to do in a piece of text; one pass. */
import { halfMask, highHalves, isDigit64, lowHalves, notInAlphabet, prepareValues } from './alphabet';

const HAS_BACKSLASH: u32 = 1;
const HAS_PERCENT: u32 = 2;
const HAS_AMPERSAND: u32 = 4;
const HAS_RUN: u32 = 8;
const HAS_QUOTED: u32 = 16;

/** Characters of a run; and of its part in one of two pieces, if there is none in either. */
export const LEAST_RUN: u32 = 16;
export const LEAST_PART: u32 = 8;

/** An equals sign in front of a 3 or a line break may be quoted-printable. */
function quoted(p: usize, end: usize): u32 {
  if (load<u8>(p) != 0x3d) return 0;
  const next = p + 1 < end ? <u32>load<u8>(p, 1) : 0x33;
  return next == 0x33 || next == 0x0a || next == 0x0d ? HAS_QUOTED : 0;
}

// @ts-ignore: decorator
@inline function mayBeQuoted(text: v128, next: v128): v128 {
  const follows = v128.or(
    v128.or(i8x16.eq(next, i8x16.splat(0x33)), i8x16.eq(next, i8x16.splat(0x0a))), i8x16.eq(next, i8x16.splat(0x0d)),
  );
  return v128.and(i8x16.eq(text, i8x16.splat(0x3d)), follows);
}

function triggerOf(byte: u32): u32 {
  return byte == 0x5c ? HAS_BACKSLASH : byte == 0x25 ? HAS_PERCENT : byte == 0x26 ? HAS_AMPERSAND : 0;
}

/**
 * Bits 1 a backslash, 2 a percent sign, 4 an ampersand, 8 a run of 16 characters of base64, or the part of one that may go
 * on before or behind: at least 8 at the beginning or the end, or all there is; 16 an equals sign that may be quoted-printable.
 */
export function triggers(p: usize, length: usize): u32 {
  prepareValues();
  const end = p + length;
  let bits: u32 = 0;
  /** Characters of the alphabet directly before `p`; the first of them lies at the beginning while `isFirst`. */
  let run: usize = 0;
  let needed: usize = LEAST_PART;
  if (ASC_FEATURE_SIMD) {
    const a = lowHalves();
    const b = highHalves();
    const m = halfMask();
    let backslashes = i8x16.splat(0);
    let percents = i8x16.splat(0);
    let ampersands = i8x16.splat(0);
    let equals = i8x16.splat(0);
    let found = false;
    for (; !found && p + 17 <= end; p += 16) {
      const text = v128.load(p);
      backslashes = v128.or(backslashes, i8x16.eq(text, i8x16.splat(0x5c)));
      percents = v128.or(percents, i8x16.eq(text, i8x16.splat(0x25)));
      ampersands = v128.or(ampersands, i8x16.eq(text, i8x16.splat(0x26)));
      equals = v128.or(equals, mayBeQuoted(text, v128.load(p, 1)));
      // Bit 16 stands for whatever follows.
      const others = notInAlphabet(text, a, b, m) | 0x10000;
      found = found || run + ctz(others) >= needed;
      const isWhole = others == 0x10000;
      run = isWhole ? run + 16 : <usize>(clz(others & 0xffff) - 16);
      needed = isWhole ? needed : LEAST_RUN;
    }
    // Nothing more is to be told of runs.
    for (; p + 17 <= end; p += 16) {
      const text = v128.load(p);
      backslashes = v128.or(backslashes, i8x16.eq(text, i8x16.splat(0x5c)));
      percents = v128.or(percents, i8x16.eq(text, i8x16.splat(0x25)));
      ampersands = v128.or(ampersands, i8x16.eq(text, i8x16.splat(0x26)));
      equals = v128.or(equals, mayBeQuoted(text, v128.load(p, 1)));
    }
    bits =
      (v128.any_true(backslashes) ? HAS_BACKSLASH : 0) |
      (v128.any_true(percents) ? HAS_PERCENT : 0) |
      (v128.any_true(ampersands) ? HAS_AMPERSAND : 0) |
      (v128.any_true(equals) ? HAS_QUOTED : 0) |
      (found ? HAS_RUN : 0);
  }
  for (; p < end; p++) {
    const byte = <u32>load<u8>(p);
    bits |= triggerOf(byte) | quoted(p, end);
    if (isDigit64(byte)) run++;
    else {
      if (run >= needed) bits |= HAS_RUN;
      run = 0;
      needed = LEAST_RUN;
    }
  }
  if (run >= LEAST_PART || (run == length && run > 0)) bits |= HAS_RUN;
  return bits;
}
