/**
 * Character references of HTML (https://html.spec.whatwg.org/multipage/named-characters.html).
 *
 *   &#65  &#x41     up to 10 digits; the semicolon may be missing; what is no character is U+FFFD
 *   &amp;           the names below, in HTML's own case, with a semicolon
 */
import { hexValue, MORE, NONE, unitCharacter } from './unit';

export const AMPERSAND: u32 = 0x26;
const MOST_DIGITS: usize = 10;
const MOST_LETTERS: usize = 8;

/**
 * Name, space, character, and a space or line break. The most frequent ones first. It is one literal: strings that are joined
 * would be made at run time, by an allocator that knows nothing of the heap.
 */
const NAMES = `amp & lt < gt > quot " apos ' nbsp \u00a0 equals = colon : sol / lowbar _ hyphen \u2010 dash \u2010 num #
period . comma , commat @ plus + bsol \\ semi ; excl ! dollar $ percnt % lpar ( rpar ) ast * midast * quest ? lsqb [ lbrack [
rsqb ] rbrack ] Hat ^ UnderBar _ grave \` lcub { lbrace { rcub } rbrace } verbar | vert | Tab \t NewLine \n AMP & LT < GT >
QUOT " tilde \u02dc ndash \u2013 mdash \u2014 hellip \u2026 lsquo \u2018 rsquo \u2019 ldquo \u201c rdquo \u201d bull \u2022 middot \u00b7
copy \u00a9 reg \u00ae trade \u2122 deg \u00b0 para \u00b6 sect \u00a7 euro \u20ac pound \u00a3 yen \u00a5 cent \u00a2 laquo \u00ab raquo \u00bb
times \u00d7 shy \u00ad ensp \u2002 emsp \u2003 thinsp \u2009 zwj \u200d zwnj \u200c `;

/** The names, packed into u64, each with its code u64. */
const MOST_NAMES: usize = 128;
const table = memory.data(128 * 16, 8);
let count: usize = 0;

/** Fills the table from the names; once. */
export function prepareNames(): void {
  if (count) return;
  let p = changetype<usize>(NAMES);
  const end = p + ((<usize>NAMES.length) << 1);
  while (p < end && count < MOST_NAMES) {
    let name: u64 = 0;
    for (let shift: u64 = 0; load<u16>(p) != 0x20; p += 2, shift += 8) name |= <u64>load<u16>(p) << shift;
    store<u64>(table + (count << 4), name);
    store<u64>(table + (count << 4), load<u16>(p, 2), 8);
    p += 6;
    count++;
  }
}

function parseNumber(p: usize, end: usize, final: bool): u32 {
  let at = p + 2;
  if (at >= end) return final ? NONE : MORE;
  const radix: u32 = (load<u8>(at) | 32) == 0x78 ? 16 : 10;
  if (radix == 16) at++;
  const first = at;
  const most = at + MOST_DIGITS;
  let code: u32 = 0;
  for (; at < end && at < most; at++) {
    const digit = hexValue(load<u8>(at));
    if (digit >= radix) break;
    // Once it is beyond all characters it may be any number that is.
    code = min<u32>(code * radix + digit, 0x200000);
  }
  if (at == end && !final) return MORE;
  if (at == first) return NONE;
  if (at < end && load<u8>(at) == 0x3b) at++;
  return unitCharacter(code == 0 ? 0xfffd : code, at - p, true);
}

function parseName(p: usize, end: usize, final: bool): u32 {
  let name: u64 = 0;
  for (let i: usize = 0; i <= MOST_LETTERS; i++) {
    if (p + 1 + i >= end) return final ? NONE : MORE;
    const byte = <u32>load<u8>(p + 1 + i);
    if (byte == 0x3b) {
      for (let n: usize = 0; n < count; n++) {
        const row = table + (n << 4);
        if (load<u64>(row) == name) return unitCharacter(<u32>load<u64>(row, 8), i + 2, true);
      }
      return NONE;
    }
    if ((byte | 32) - 97 >= 26) return NONE;
    name |= <u64>byte << (<u64>i << 3);
  }
  return NONE;
}

/** The reference that begins with the ampersand at `p`. */
export function parseEntity(p: usize, end: usize, final: bool): u32 {
  if (p + 1 >= end) return final ? NONE : MORE;
  return load<u8>(p, 1) == 0x23 ? parseNumber(p, end, final) : parseName(p, end, final);
}
