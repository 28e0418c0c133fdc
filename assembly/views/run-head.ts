/** What a run holds, by its beginning. */
import { valueOf } from './alphabet';
import { isText, judgeByte, mayBeText } from './judge';
import { GLANCE, isHex, mayHoldText } from './run-reject';
import { LEAST_RUN } from './triggers';
import { hexValue } from './unit';

/** Nothing that is decoded. */
export const HOLDS_NOTHING: u32 = 0;
/** It depends on bytes that have not come yet. */
export const HOLDS_MORE: u32 = 1;
export const HOLDS_BASE64: u32 = 2;
export const HOLDS_HEX: u32 = 3;
/** With one of the last two: the run begins like a gzip stream, a zlib stream, text in UTF-16, the low bytes first. */
export const HOLDS_GZIP: u32 = 4;
export const HOLDS_ZLIB: u32 = 8;
export const HOLDS_UTF16: u32 = 16;
export const HOLDS_OTHER: u32 = HOLDS_GZIP | HOLDS_ZLIB | HOLDS_UTF16;

const SAMPLE: u32 = 63;
const HEX_SAMPLE: u32 = 128;
const LEAST_HEX: u32 = 16;
/** Identification of gzip, and its one method (RFC 1952, section 2.3.1). */
const MAGIC: u32 = 0x1f8b08;
const ALIGNMENTS: usize = 4;
/** Decoded bytes that must look like UTF-16, all of them. */
const WIDE_SAMPLE: u32 = 12;

let begin: usize = 0;

/** Where the run that `headOf` has seen begins: behind characters that were glued to it, or `0x`. */
export function headBegin(): usize {
  return begin;
}

function hexHead(p: usize, end: usize, final: bool): u32 {
  if (load<u8>(p) == 0x30 && (load<u8>(p, 1) | 32) == 0x78) p += 2;
  begin = p;
  let judged: u32 = 0;
  let count: u32 = 0;
  let bytes: u32 = 0;
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
    bytes = (bytes << 4) | digit;
    if ((count & 1) == 0) continue;
    judged = judgeByte(judged, bytes & 255);
    if (!mayBeText(judged)) return HOLDS_NOTHING;
    if (count == 5 && (bytes & 0xffffff) == MAGIC) return HOLDS_HEX | HOLDS_GZIP;
  }
  return count >= LEAST_HEX && (count & 1) == 0 && isText(judged) ? HOLDS_HEX : HOLDS_NOTHING;
}

/** True if the run begins like a hash: as base64 it would hold no text. */
function looksHex(p: usize): bool {
  let count: usize = 0;
  while (count < LEAST_RUN && hexValue(load<u8>(p + count)) < 16) count++;
  return count == LEAST_RUN;
}

function base64Head(p: usize, end: usize, final: bool): u32 {
  begin = p;
  let judged: u32 = 0;
  let group: u32 = 0;
  let count: u32 = 0;
  let other: u32 = HOLDS_NOTHING;
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
    group &= 0xffffff;
    judged = judgeByte(judged, group >> 16);
    judged = judgeByte(judged, (group >> 8) & 255);
    judged = judgeByte(judged, group & 255);
    if (seen == 0) {
      if (group == MAGIC) return HOLDS_BASE64 | HOLDS_GZIP;
      if (beginsZlib(group)) other = HOLDS_BASE64 | HOLDS_ZLIB;
    }
    if (!mayBeText(judged)) return other;
    count = 0;
    seen += 3;
  }
  if (count == 2) judged = judgeByte(judged, (group >> 4) & 255);
  if (count == 3) {
    judged = judgeByte(judged, (group >> 10) & 255);
    judged = judgeByte(judged, (group >> 2) & 255);
  }
  return isText(judged) ? HOLDS_BASE64 : other;
}

/** The header of zlib (RFC 1950, section 2.2) as its compressor writes it, and a block of a type that exists. */
function beginsZlib(bytes: u32): bool {
  const header = bytes >> 8;
  return header >> 8 == 0x78 && header % 31 == 0 && !(bytes & 0x2000) && (bytes & 6) != 6;
}

/** Is it text in UTF-16, with or without a byte order mark? The run has at least 16 characters. */
function isWide(p: usize): bool {
  for (let seen: u32 = 0; seen < WIDE_SAMPLE; seen += 3, p += 4) {
    const group =
      (valueOf(load<u8>(p)) << 18) | (valueOf(load<u8>(p, 1)) << 12) | (valueOf(load<u8>(p, 2)) << 6) | valueOf(load<u8>(p, 3));
    if (seen == 0 && group >> 8 == 0xfffe) continue;
    for (let i: u32 = 0; i < 3; i++) {
      const byte = (group >> (16 - 8 * i)) & 255;
      const isLow = ((seen + i) & 1) == 0;
      if (isLow ? byte - 0x20 >= 0x5f && byte != 9 && byte != 10 && byte != 13 : byte != 0) return false;
    }
  }
  return true;
}

/** True if the run may hold UTF-16: of the first six bytes, two are zero. */
// @ts-ignore: decorator
@inline function mayBeWide(p: usize): bool {
  return load<u8>(p, 4) == 0x41 && load<u8>(p, 7) == 0x41;
}

/** True if the run begins as gzip does, in base64 or hexadecimal digits, or as zlib, or with `0x`. */
// @ts-ignore: decorator
@inline function isSpecial(p: usize): bool {
  const word = load<u32>(p);
  const letter = (word >> 8) & 255;
  if ((word & 255) == 0x65 && (letter == 0x41 || letter == 0x46 || letter == 0x4a || letter == 0x4e)) return true;
  return word == 0x49733448 || (word | 0x20000020) == 0x62386631 || (word & 0xdfff) == 0x5830;
}

/** What the run of at least 16 characters at `p` holds. Only behind no joint may something be glued to it. */
export function headOf(p: usize, end: usize, final: bool, isBehindJoint: bool): u32 {
  if (mayBeWide(p) && isWide(p)) {
    begin = p;
    return HOLDS_BASE64 | HOLDS_UTF16;
  }
  if (ASC_FEATURE_SIMD && end - p >= GLANCE && !isSpecial(p) && !isHex(p)) {
    for (let ways = mayHoldText(p) & (isBehindJoint ? 1 : 15); ways; ways &= ways - 1) {
      const base64 = base64Head(p + ctz(ways), end, final);
      if (base64 != HOLDS_NOTHING && !(base64 & HOLDS_OTHER)) return base64;
    }
    return HOLDS_NOTHING;
  }
  const hex = hexHead(p, end, final);
  if (hex != HOLDS_NOTHING) return hex;
  if (looksHex(p)) return HOLDS_NOTHING;
  const most: usize = isBehindJoint ? 1 : ALIGNMENTS;
  for (let glued: usize = 0; glued < most; glued++) {
    const base64 = base64Head(p + glued, end, final);
    if (base64 != HOLDS_NOTHING && (glued == 0 || !(base64 & HOLDS_OTHER))) return base64;
  }
  return HOLDS_NOTHING;
}
