/** Where runs of the alphabet begin and end. */
import { halfMask, highHalves, isDigit64, lowHalves, notInAlphabet } from './alphabet';
import { LEAST_RUN } from './triggers';

/**
 * Address of the first run of 16 characters at or behind `p`; if there is none, of the shorter one that `end` cuts off (`end`
 * if there is none either). `p` must not lie inside a run.
 *
 * 64 bytes at a time, with 16 of overlap; bit i of a mask says that byte i is in the alphabet:
 *
 *   m  …11111111111111111100111…       m & m >> 1, that & that >> 2, >> 4, >> 8:
 *      …00000000000000000100000…       bit i: bytes i … i + 15 are
 */
export function findRun(p: usize, end: usize): usize {
  if (ASC_FEATURE_SIMD) {
    const a = lowHalves();
    const b = highHalves();
    const m = halfMask();
    if (p + 16 <= end && !notInAlphabet(v128.load(p), a, b, m)) return p;
    for (; p + 64 <= end; p += 48) {
      const low = notInAlphabet(v128.load(p), a, b, m) | (notInAlphabet(v128.load(p, 16), a, b, m) << 16);
      const high = notInAlphabet(v128.load(p, 32), a, b, m) | (notInAlphabet(v128.load(p, 48), a, b, m) << 16);
      let runs = ~((<u64>(<u32>high) << 32) | <u64>(<u32>low));
      runs &= runs >> 1;
      runs &= runs >> 2;
      runs &= runs >> 4;
      runs &= runs >> 8;
      if (runs) return p + <usize>ctz(runs);
    }
  }
  while (p + LEAST_RUN <= end) {
    // From behind: what is no digit rules out all beginnings before it.
    let last = p + LEAST_RUN;
    while (last > p && isDigit64(load<u8>(last - 1))) last--;
    if (last == p) return p;
    p = last;
  }
  let begin = end;
  while (begin > p && isDigit64(load<u8>(begin - 1))) begin--;
  return begin;
}

/** Address of the first byte in `[p, end)` that is not in the alphabet, or `end`. */
export function runEnd(p: usize, end: usize): usize {
  if (ASC_FEATURE_SIMD) {
    const a = lowHalves();
    const b = highHalves();
    const m = halfMask();
    for (; p + 16 <= end; p += 16) {
      const others = notInAlphabet(v128.load(p), a, b, m);
      if (others) return p + ctz(others);
    }
  }
  while (p < end && isDigit64(load<u8>(p))) p++;
  return p;
}
