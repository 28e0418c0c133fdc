/**
 * The static dictionary of Brotli (RFC 7932, section 8 and appendices A and B): words of 4 to 24 bytes, in one of 121 forms.
 *
 *   distance - furthest - 1 = form << bits | index of the word, among 2^bits of its length
 *
 * The words are not in this module: whoever wants them decoded hands them in.
 */
import { crc32, prepareChecksums } from './checksum';

const DICTIONARY_BYTES: usize = 122784;
const DICTIONARY_SUM: u32 = 0x5136cb04;
const LONGEST_WORD: u32 = 24;
const FORMS: u32 = 121;

let words: usize = 0;

/** Takes the words over, if they are; `p`: what `alloc` returned. Asked with 0 whether they are there. */
export function brotliDictionary(p: usize): bool {
  if (!p || words) return words != 0;
  prepareChecksums();
  if (crc32(0, p, p + DICTIONARY_BYTES) == DICTIONARY_SUM) words = p;
  return words != 0;
}

/** Number of words of each length, as a power of two. */
const bits = memory.data<u8>([0, 0, 0, 0, 10, 10, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 7, 7, 8, 7, 7, 6, 6, 5, 5]);
const begins = memory.data<u32>([
  0, 0, 0, 0, 0, 4096, 9216, 21504, 35840, 44032, 53248, 63488, 74752, 87040, 93696, 100864, 104704, 106752, 108928, 113536, 115968,
  118528, 119872, 121280, 122016,
]);

/**
 * The forms, each with ~ behind it: what stands before the word, what is done with it, what stands behind.
 *
 *   =   as it is        ^   its first character in upper case     !   all of them
 *   1–9 so many bytes less at its end      a–i  … at its beginning
 */
const FORM_TEXT = `|=|~|=| ~ |=| ~|a|~|^| ~|=| the ~ |=|~s |=| ~|=| of ~|^|~|=| and ~|b|~|1|~, |=| ~|=|, ~ |^| ~|=| in ~|=| to ~e |=| ~
|=|"~|=|.~|=|">~|=|\n~|3|~|=|]~|=| for ~|c|~|2|~|=| a ~|=| that ~ |^|~|=|. ~.|=|~ |=|, ~|d|~|=| with ~|=|'~|=| from ~
|=| by ~|e|~|f|~ the |=|~|4|~|=|. The ~|!|~|=| on ~|=| as ~|=| is ~|7|~|1|ing ~|=|\n\t~|=|:~ |=|. ~|=|ed ~|i|~|g|~|6|~
|=|(~|^|, ~|8|~|=| at ~|=|ly ~ the |=| of ~|5|~|9|~ |^|, ~|^|"~.|=|(~|!| ~|^|">~|=|="~ |=|.~.com/|=|~ the |=| of the ~
|^|'~|=|. This ~|=|,~.|=| ~|^|(~|^|.~|=| not ~ |=|="~|=|er ~ |!| ~|=|al ~ |!|~|=|='~|!|"~|^|. ~ |=|(~|=|ful ~ |^|. ~
|=|ive ~|=|less ~|!|'~|=|est ~ |^|.~|!|">~ |=|='~|^|,~|=|ize ~|!|.~\xc2\xa0|=|~ |=|,~|^|="~|!|="~|=|ous ~|!|, ~|^|='~
 |^|,~ |!|="~ |!|, ~|!|,~|!|(~|!|. ~ |!|.~|!|='~ |!|. ~ |^|="~ |!|='~ |^|='~`;
const SEPARATOR: u32 = 0x7c;
const END: u32 = 0x7e;

/** Where each form begins in the text. */
const forms = memory.data(121 * 4, 4);
let isReady: bool = false;

export function prepareForms(): void {
  if (isReady) return;
  isReady = true;
  let p = changetype<usize>(FORM_TEXT);
  for (let i: usize = 0; i < FORMS; i++, p += 2) {
    // A line of the text ends there.
    if (load<u16>(p) == 0x0a) p += 2;
    store<u32>(forms + (i << 2), <u32>p);
    while (load<u16>(p) != END) p += 2;
  }
}

/** Changes the case of the character at `p` as the format does; returns its length. Those of three bytes have none in truth. */
function raise(p: usize): usize {
  const first = load<u8>(p);
  if (first < 0xc0) {
    if (<u32>first - 0x61 < 26) store<u8>(p, first ^ 32);
    return 1;
  }
  if (first < 0xe0) {
    store<u8>(p, load<u8>(p, 1) ^ 32, 1);
    return 2;
  }
  store<u8>(p, load<u8>(p, 2) ^ 5, 2);
  return 3;
}

/** No such word; no dictionary. */
export const NO_WORD: usize = usize.MAX_VALUE;
export const NO_WORDS: usize = usize.MAX_VALUE - 1;

/** Writes a word of `length` bytes to `to`, and up to 2 bytes more than it returns. */
export function putWord(to: usize, length: u32, place: u32): usize {
  if (length > LONGEST_WORD) return NO_WORD;
  const shift = <u32>load<u8>(bits + length);
  const form = place >> shift;
  if (!shift || form >= FORMS) return NO_WORD;
  if (!words) return NO_WORDS;
  const begin = to;
  let p = <usize>load<u32>(forms + (form << 2));
  for (; load<u16>(p) != SEPARATOR; p += 2) store<u8>(to++, load<u8>(p));
  const how = <u32>load<u16>(p, 2);
  const omitted = how - 0x61 < 9 ? min(how - 0x60, length) : 0;
  const cut = how - 0x31 < 9 ? min(how - 0x30, length) : 0;
  const rest = length - omitted - cut;
  const word = words + load<u32>(begins + (length << 2)) + (place & ((1 << shift) - 1)) * length;
  memory.copy(to, word + omitted, rest);
  const end = to + rest;
  if (how == 0x5e) raise(to);
  else if (how == 0x21) while (to < end) to += raise(to);
  to = end;
  for (p += 6; load<u16>(p) != END; p += 2) store<u8>(to++, load<u8>(p));
  return to - begin;
}
