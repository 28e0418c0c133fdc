/**
 * Is this text? Decoded bytes are judged one after the other, at most 64 of them: good are printable ASCII, tab, line breaks
 * and what UTF-8 (RFC 3629) allows. Random bytes fail after some seven.
 *
 *   on the way    bad ≤ 3 + seen / 16     a prefix glued to the run may spoil a few
 *   at the end    bad ≤ seen / 8          if fewer than 24 were seen; none if fewer than 16
 */
const FEW: u32 = 24;
const VERY_FEW: u32 = 16;

/**
 * Where the judgement stands, in one word that a caller keeps in a local variable; 0 at first.
 *
 *   bad │ seen │ wanted: continuation bytes that must follow │ 0
 *   31…24 23…16  15…8
 */
const BAD: u32 = 1 << 24;
const SEEN: u32 = 1 << 16;
const WANTED: u32 = 1 << 8;

/** Takes one more byte in. */
// @ts-ignore: decorator
@inline export function judgeByte(state: u32, byte: u32): u32 {
  state += SEEN;
  const wanted = state & 0xff00;
  if (wanted) {
    if (byte >> 6 == 2) return state - WANTED;
    state += BAD - wanted;
  }
  if (byte - 0x20 < 0x5f) return state;
  if (byte < 0x80) return byte == 9 || byte == 10 || byte == 13 ? state : state + BAD;
  if (byte - 0xc2 >= 0x33) return state + BAD;
  return state + (byte < 0xe0 ? WANTED : byte < 0xf0 ? 2 * WANTED : 3 * WANTED);
}

/** True as long as it may be text. */
// @ts-ignore: decorator
@inline export function mayBeText(state: u32): bool {
  return state >> 24 <= 3 + ((state >> 20) & 15);
}

/** The verdict on all bytes seen. */
export function isText(state: u32): bool {
  const bad = state >> 24;
  const seen = (state >> 16) & 255;
  if (seen < VERY_FEW) return seen > 0 && bad == 0;
  return seen < FEW ? bad << 3 <= seen : mayBeText(state);
}
