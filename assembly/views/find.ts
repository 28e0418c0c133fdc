/** Looking for one byte, and copying up to it. */
import { outputAt, roomLeft } from './output';

/** Zero bytes of a word have their top bit set in the result, the lowest of them exactly. */
// @ts-ignore: decorator
@inline function zeros(word: u64): u64 {
  return (word - 0x0101010101010101) & ~word & 0x8080808080808080;
}

/** Address of the first `byte` in `[p, end)`, or `end`. */
export function find(byte: u32, p: usize, end: usize): usize {
  if (ASC_FEATURE_SIMD) {
    const wanted = i8x16.splat(<i8>byte);
    for (; p + 64 <= end; p += 64) {
      const a = i8x16.eq(v128.load(p), wanted);
      const b = i8x16.eq(v128.load(p, 16), wanted);
      const c = i8x16.eq(v128.load(p, 32), wanted);
      const d = i8x16.eq(v128.load(p, 48), wanted);
      if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) break;
    }
    for (; p + 16 <= end; p += 16) {
      const found = i8x16.bitmask(i8x16.eq(v128.load(p), wanted));
      if (found) return p + ctz(found);
    }
  } else {
    const wanted = <u64>byte * 0x0101010101010101;
    for (; p + 8 <= end; p += 8) {
      const found = zeros(load<u64>(p) ^ wanted);
      if (found) return p + <usize>(ctz(found) >> 3);
    }
  }
  while (p < end && <u32>load<u8>(p) != byte) p++;
  return p;
}

/**
 * Copies `[p, end)` to the output, up to the first `byte` and as far as there is room; returns how many bytes that was.
 * Every `+` is xor-ed with `plus`.
 */
export function copyUntil(byte: u32, p: usize, end: usize, plus: u32): usize {
  const begin = p;
  let to = outputAt();
  end = min(end, p + roomLeft());
  if (ASC_FEATURE_SIMD) {
    const wanted = i8x16.splat(<i8>byte);
    const sign = i8x16.splat(0x2b);
    const change = i8x16.splat(<i8>plus);
    for (; p + 16 <= end; p += 16, to += 16) {
      const text = v128.load(p);
      v128.store(to, v128.xor(text, v128.and(i8x16.eq(text, sign), change)));
      const found = i8x16.bitmask(i8x16.eq(text, wanted));
      if (found) return p + ctz(found) - begin;
    }
  } else {
    const wanted = <u64>byte * 0x0101010101010101;
    for (; p + 8 <= end; p += 8, to += 8) {
      const word = load<u64>(p);
      if (zeros(word ^ wanted) || (plus && zeros(word ^ 0x2b2b2b2b2b2b2b2b))) break;
      store<u64>(to, word);
    }
  }
  for (; p < end; p++, to++) {
    const b = <u32>load<u8>(p);
    if (b == byte) break;
    store<u8>(to, <u8>(b == 0x2b ? b ^ plus : b));
  }
  return p - begin;
}
