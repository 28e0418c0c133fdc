/** What the parsers of escapes return: one escape, and what it stands for. */
import { outputAt, WHOLE, wrote } from './output';

/** Not an escape: the byte stands for itself. */
export const NONE: u32 = 0;
/** It depends on bytes that have not come yet. */
export const MORE: u32 = 1;
export const UNIT: u32 = 2;

/** Up to four bytes of output, the first lowest; none if the length is 0. */
let bytes: u32 = 0;
let length: usize = 0;
let size: usize = 0;
let isWhole: bool = false;

/** Bytes of input. */
// @ts-ignore: decorator
@inline export function unitSize(): usize {
  return size;
}

/** Puts out what the escape at `p` stands for, if anything. */
export function putUnit(p: usize): void {
  if (!length) return;
  store<u32>(outputAt(), bytes);
  wrote(length, p, p + size, isWhole ? WHOLE : (<u32>size << 16) | <u32>length);
}

/** An escape of `from` bytes that stands for one byte. */
export function unitByte(byte: u32, from: usize): u32 {
  bytes = byte;
  length = 1;
  size = from;
  isWhole = false;
  return UNIT;
}

/** An escape of `from` bytes that stands for nothing. */
export function unitNothing(from: usize): u32 {
  length = 0;
  size = from;
  return UNIT;
}

/** An escape of `from` bytes that stands for a character, in UTF-8 (RFC 3629); for U+FFFD if there is no such character. */
export function unitCharacter(code: u32, from: usize, whole: bool): u32 {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
  if (code < 0x80) {
    bytes = code;
    length = 1;
  } else if (code < 0x800) {
    bytes = 0x80c0 | (code >> 6) | ((code & 63) << 8);
    length = 2;
  } else if (code < 0x10000) {
    bytes = 0x8080e0 | (code >> 12) | (((code >> 6) & 63) << 8) | ((code & 63) << 16);
    length = 3;
  } else {
    bytes = 0x808080f0 | (code >> 18) | (((code >> 12) & 63) << 8) | (((code >> 6) & 63) << 16) | ((code & 63) << 24);
    length = 4;
  }
  size = from;
  isWhole = whole;
  return UNIT;
}

/** Value of a hexadecimal digit, 16 or more for any other byte. */
// @ts-ignore: decorator
@inline export function hexValue(byte: u32): u32 {
  const letter = (byte | 32) - 97;
  const digit = byte - 48;
  return digit < 10 ? digit : letter < 6 ? letter + 10 : 16;
}
