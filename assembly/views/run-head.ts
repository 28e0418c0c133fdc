/** What a run holds, by its beginning. */
import { valueOf } from './alphabet';
import { judgeBegin, judgeByte, judgeEnd, judgeHead } from './judge';
import { hexValue } from './unit';

/** Neither text nor a gzip stream. */
export const HOLDS_NOTHING: u32 = 0;
/** It depends on bytes that have not come yet. */
export const HOLDS_MORE: u32 = 1;
export const HOLDS_BASE64: u32 = 2;
export const HOLDS_HEX: u32 = 3;
/** With one of the last two: the run begins with the magic number of gzip. */
export const HOLDS_GZIP: u32 = 4;

const SAMPLE: u32 = 63;
const HEX_SAMPLE: u32 = 128;
const LEAST_HEX: u32 = 16;
/** Identification of gzip, and its one method (RFC 1952, section 2.3.1). */
const MAGIC: u32 = 0x1f8b08;
const ALIGNMENTS: usize = 4;

let begin: usize = 0;

/** Where the run that `headOf` has seen begins: behind characters that were glued to it, or `0x`. */
export function headBegin(): usize {
  return begin;
}

function hexHead(p: usize, end: usize, final: bool): u32 {
  if (load<u8>(p) == 0x30 && (load<u8>(p, 1) | 32) == 0x78) p += 2;
  begin = p;
  judgeBegin();
  let count: u32 = 0;
  let byte: u32 = 0;
  for (; count < HEX_SAMPLE; count++, p++) {
    if (p == end) {
      if (!final) return HOLDS_MORE;
      break;
    }
    const digit = hexValue(load<u8>(p));
    if (digit > 15) {
      // Other characters of the alphabet may follow: then these were no hexadecimal digits.
      if (valueOf(load<u8>(p)) < 64) return HOLDS_NOTHING;
      break;
    }
    byte = (byte << 4) | digit;
    if ((count & 1) == 0) continue;
    if (!judgeByte(byte & 255)) return HOLDS_NOTHING;
    if (count == 5 && judgeHead() == MAGIC) return HOLDS_HEX | HOLDS_GZIP;
  }
  return count >= LEAST_HEX && (count & 1) == 0 && judgeEnd() ? HOLDS_HEX : HOLDS_NOTHING;
}

function base64Head(p: usize, end: usize, final: bool): u32 {
  begin = p;
  judgeBegin();
  let group: u32 = 0;
  let count: u32 = 0;
  for (let seen: u32 = 0; seen < SAMPLE; ) {
    if (p == end) {
      if (!final) return HOLDS_MORE;
      break;
    }
    const value = valueOf(load<u8>(p));
    if (value > 63) break;
    p++;
    group = (group << 6) | value;
    if (++count < 4) continue;
    if (!(judgeByte((group >> 16) & 255) && judgeByte((group >> 8) & 255) && judgeByte(group & 255))) return HOLDS_NOTHING;
    if (seen == 0 && judgeHead() == MAGIC) return HOLDS_BASE64 | HOLDS_GZIP;
    count = 0;
    seen += 3;
  }
  if (count == 2) judgeByte((group >> 4) & 255);
  if (count == 3) {
    judgeByte((group >> 10) & 255);
    judgeByte((group >> 2) & 255);
  }
  return judgeEnd() ? HOLDS_BASE64 : HOLDS_NOTHING;
}

/** What the run of at least 16 characters at `p` holds. */
export function headOf(p: usize, end: usize, final: bool): u32 {
  const hex = hexHead(p, end, final);
  if (hex != HOLDS_NOTHING) return hex;
  for (let glued: usize = 0; glued < ALIGNMENTS; glued++) {
    const base64 = base64Head(p + glued, end, final);
    if (base64 != HOLDS_NOTHING && (glued == 0 || !(base64 & HOLDS_GZIP))) return base64;
  }
  return HOLDS_NOTHING;
}
