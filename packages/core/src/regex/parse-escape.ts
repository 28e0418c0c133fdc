import { RegexError } from '../errors.js';

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const HEXADECIMAL = /\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y;
const OCTAL = /\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/y;

/**
 * The escape of one character at `at`, where the backslash is: \n and the like, \xHH, \x{H…}, \ooo, or a quoted sign. A value
 * below 256 is that byte; one above is a code point.
 */
export function parseByteEscape(source: string, at: number): { value: number; end: number } {
  const char = source[at + 1];
  if (char === undefined) throw new RegexError(at, 'a backslash at the end');
  const control = CONTROLS[char];
  if (control !== undefined) return { value: control, end: at + 2 };
  if (char === 'x') {
    HEXADECIMAL.lastIndex = at;
    const found = HEXADECIMAL.exec(source);
    const value = Number.parseInt(found?.[1] ?? found?.[2] ?? '', 16);
    const isCharacter = value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
    if (!isCharacter) throw new RegexError(at, 'write \\xHH with two hexadecimal digits, or \\x{H…}');
    return { value, end: HEXADECIMAL.lastIndex };
  }
  OCTAL.lastIndex = at;
  const octal = OCTAL.exec(source)?.[1];
  if (octal !== undefined && Number.parseInt(octal, 8) < 256) {
    return { value: Number.parseInt(octal, 8), end: OCTAL.lastIndex };
  }
  if (/[1-9]/.test(char) || char === 'k') throw new RegexError(at, 'back-references are not supported');
  if (char === 'p' || char === 'P') throw new RegexError(at, 'Unicode classes are not supported: bytes are matched');
  const isSign = char < '\x7f' && !/[A-Za-z0-9]/.test(char);
  if (!isSign) throw new RegexError(at, 'unknown escape');
  return { value: char.charCodeAt(0), end: at + 2 };
}
