/**
 * Escapes with a backslash: those of JSON (RFC 8259, section 7), and \' and \xHH of programming languages.
 *
 *   \" \\ \/ \' \b \f \n \r \t    2 → 1
 *   \xHH                          4 → 1    that byte
 *   \uHHHH                        6 → 1, 2, 3 bytes of UTF-8; a lone surrogate is U+FFFD
 *   \uD8…HH\uDC…HH               12 → 4
 */
import { fits, outputAt, roomLeft, wrotePair } from './output';
import { hexValue, MORE, NONE, unitByte, unitCharacter } from './unit';

export const BACKSLASH: u32 = 0x5c;
/** A vector's worth, and the escape. */
const PAIR_ROOM: usize = 24;

/** What the letter behind the backslash stands for; 0 if nothing. */
const letters = memory.data(256);

export function prepareLetters(): void {
  store<u8>(letters, 0x22, 0x22);
  store<u8>(letters, 0x27, 0x27);
  store<u8>(letters, 0x2f, 0x2f);
  store<u8>(letters, 0x5c, 0x5c);
  store<u8>(letters, 8, 0x62);
  store<u8>(letters, 12, 0x66);
  store<u8>(letters, 10, 0x6e);
  store<u8>(letters, 13, 0x72);
  store<u8>(letters, 9, 0x74);
}

// @ts-ignore: decorator
@inline export function simple(letter: u32): u32 {
  return load<u8>(letters + letter);
}

/**
 * Copies text from `p` on and undoes escapes of two bytes, if the first begins within `first` bytes, and the others each within `most`
 * of the one before; returns where it stopped, in front of whatever it cannot do. Most bodies have nothing else.
 */
export function undoPairs(p: usize, end: usize, first: usize, most: usize): usize {
  if (!ASC_FEATURE_SIMD) return p;
  const backslash = i8x16.splat(<i8>BACKSLASH);
  let limit = min(p + first, end);
  while (fits(PAIR_ROOM)) {
    const begin = p;
    let to = outputAt();
    const full = min(limit, p + roomLeft());
    let found: i32 = 0;
    for (; p + 16 <= full; p += 16, to += 16) {
      const text = v128.load(p);
      v128.store(to, text);
      found = i8x16.bitmask(i8x16.eq(text, backslash));
      if (found) break;
    }
    if (!found) return begin;
    const place = ctz(found);
    p += place;
    to += place;
    const byte = p + 1 < end ? simple(load<u8>(p, 1)) : 0;
    if (!byte) return begin;
    store<u8>(to, <u8>byte);
    wrotePair(p - begin, begin);
    p += 2;
    limit = min(p + most, end);
  }
  return p;
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
