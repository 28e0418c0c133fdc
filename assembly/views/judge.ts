/**
 * Is this text? Decoded bytes are judged one after the other, at most 64 of them: good are printable ASCII, tab, line breaks
 * and what UTF-8 (RFC 3629) allows. Random bytes fail after some seven.
 *
 *   on the way    bad ≤ 3 + seen / 16     a prefix glued to the run may spoil a few
 *   at the end    bad ≤ seen / 8          if fewer than 24 were seen; none if fewer than 16
 */
const FEW: u32 = 24;
const VERY_FEW: u32 = 16;

let seen: u32 = 0;
let bad: u32 = 0;
/** Continuation bytes that must follow. */
let wanted: u32 = 0;
let head: u32 = 0;

export function judgeBegin(): void {
  seen = bad = wanted = head = 0;
}

/** The first bytes, in the order read. */
export function judgeHead(): u32 {
  return head;
}

/** False if it is no text already. */
export function judgeByte(byte: u32): bool {
  if (seen < 3) head = (head << 8) | byte;
  seen++;
  if (wanted) {
    if (byte >> 6 == 2) {
      wanted--;
      return true;
    }
    bad++;
    wanted = 0;
  }
  if (byte < 0x80) {
    if (byte < 0x20 ? byte != 9 && byte != 10 && byte != 13 : byte == 0x7f) bad++;
  } else if (byte - 0xc2 < 0x33) {
    wanted = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  } else bad++;
  return bad <= 3 + (seen >> 4);
}

/** The verdict on all bytes seen. */
export function judgeEnd(): bool {
  if (seen < VERY_FEW) return seen > 0 && bad == 0;
  return seen < FEW ? bad << 3 <= seen : bad <= 3 + (seen >> 4);
}
