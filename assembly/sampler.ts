/**
 * Sampled grams, for literals that are not short.
 *
 * Of a literal of at least L bytes, s = L - q + 1 grams of q bytes start one after the other in some stretch of L bytes. Wherever
 * the literal stands, one of them starts at a position divisible by s; so only every s-th position of the text is looked
 * at. A gram's hash picks a bit; most positions end there.
 *
 *    text      T h e   i m p l e m e n t a t i o n   o f          s = 6, q = 4
 *    looked at ▲           ▲           ▲           ▲
 *    grams     implem: "impl" "mple" "plem" "leme" "emen" "ment"  ═▶ "plem"
 *
 * The stretch is the literal's rarest one.
 */
import { FOLD_ALL, hashGram } from './grams';
import { verifyGram } from './search';

/**
 * Goes over the positions p, p + stride, … below `limit` and gives those whose bit is set to `verifyGram`. Returns where to
 * go on: `limit` or more, or the position at which the hits area was full. Reads up to 8 bytes past `limit`.
 */
export function sampleScan(bits: usize, shift: u64, q: u32, fold: bool, stride: usize, p: usize, limit: usize): usize {
  const drop: u64 = 64 - 8 * q;
  const mask: u64 = fold ? FOLD_ALL : 0;
  for (; p < limit; p += stride) {
    const hash = hashGram(load<u64>(p), mask, drop);
    const at = hash >> shift;
    if ((load<u8>(bits + <usize>(at >> 3)) >> <u8>(at & 7)) & 1) {
      if (!verifyGram(p, hash)) return p;
    }
  }
  return p;
}

export function setBit(bits: usize, shift: u64, hash: u64): void {
  const at = hash >> shift;
  const byte = bits + <usize>(at >> 3);
  store<u8>(byte, load<u8>(byte) | (<u8>1 << <u8>(at & 7)));
}
