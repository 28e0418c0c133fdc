/**
 * Escapes with a backslash: those of JSON (RFC 8259, section 7), and \' and \xHH of programming languages.
 *
 *   \" \\ \/ \' \b \f \n \r \t    2 → 1
 *   \xHH                          4 → 1    that byte
 *   \uHHHH                        6 → 1, 2, 3 bytes of UTF-8; a lone surrogate is U+FFFD
 *   \uD8…HH\uDC…HH               12 → 4
 */
import { hexValue, MORE, NONE, unitByte, unitCharacter } from './unit';

export const BACKSLASH: u32 = 0x5c;

/** What the letter behind the backslash stands for; 0 if nothing. */
function simple(letter: u32): u32 {
  switch (letter) {
    case 0x22: case 0x27: case 0x2f: case 0x5c: return letter;
    case 0x62: return 8;
    case 0x66: return 12;
    case 0x6e: return 10;
    case 0x72: return 13;
    case 0x74: return 9;
  }
  return 0;
}

/** Value of `count` hexadecimal digits; MISSING if the text ends before, NO_DIGITS if one of them is none. */
const MISSING: u32 = u32.MAX_VALUE;
const NO_DIGITS: u32 = u32.MAX_VALUE - 1;

function digits(p: usize, end: usize, count: usize): u32 {
  let value: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    if (p + i >= end) return MISSING;
    const digit = hexValue(load<u8>(p + i));
    if (digit > 15) return NO_DIGITS;
    value = (value << 4) | digit;
  }
  return value;
}

/** The low surrogate that `\uHHHH` at `p` stands for; MISSING while it can become one, NO_DIGITS if it is none. */
function lowSurrogate(p: usize, end: usize): u32 {
  if (p >= end) return MISSING;
  if (<u32>load<u8>(p) != BACKSLASH) return NO_DIGITS;
  if (p + 1 >= end) return MISSING;
  if (load<u8>(p, 1) != 0x75) return NO_DIGITS;
  const value = digits(p + 2, end, 4);
  return value < NO_DIGITS && value >> 10 != 0x37 ? NO_DIGITS : value;
}

/** The escape that begins with the backslash at `p`. */
export function parseBackslash(p: usize, end: usize, final: bool): u32 {
  const missing = final ? NONE : MORE;
  if (p + 1 >= end) return missing;
  const letter = <u32>load<u8>(p, 1);
  if (letter == 0x75) {
    const code = digits(p + 2, end, 4);
    if (code >= NO_DIGITS) return code == MISSING ? missing : NONE;
    if (code >> 10 != 0x36) return unitCharacter(code, 6, false);
    const low = lowSurrogate(p + 6, end);
    if (low == MISSING && !final) return MORE;
    if (low >= NO_DIGITS) return unitCharacter(code, 6, false);
    return unitCharacter(0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff), 12, true);
  }
  if (letter == 0x78) {
    const byte = digits(p + 2, end, 2);
    return byte >= NO_DIGITS ? (byte == MISSING ? missing : NONE) : unitByte(byte, 4);
  }
  const byte = simple(letter);
  return byte ? unitByte(byte, 2) : NONE;
}
