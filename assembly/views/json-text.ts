/**
 * A JSON text (RFC 8259) as what it says: the escapes in its strings are undone, everything else is copied.
 *
 *               "                     a byte that JSON has nowhere else
 *     OUTSIDE ◀────▶ INSIDE             than in strings, or an escape that is none
 *        └──────────────┴────────────────────────────────────────────────────────▶ PLAIN: the rest is copied
 *
 * It is not parsed: brackets need not match, and words outside of strings may be any of the letters of true, false, null and numbers.
 * What follows only depends on where strings begin and end.
 *
 *   state, from 16:  phase u32
 *
 * An escape that a cut divides waits in front of the next input (island.ts).
 */
import { halfMask, notInAlphabet } from './alphabet';
import { BACKSLASH, parseBackslash, simple } from './json';
import { COPIED, fits, outputAt, roomLeft, wrote, wrotePair } from './output';
import { HELD, leave } from './state';
import { MORE, NONE, putUnit, unitSize } from './unit';

const PHASE: usize = 16;
export const JSON_TEXT_STATE: usize = 32;

/** Bits of a mask over 16 bytes: so a phase is what the bytes of a vector are at its beginning. */
const OUTSIDE: u32 = 0;
const INSIDE: u32 = 0xffff;
const PLAIN: u32 = u32.MAX_VALUE;

const QUOTE: u32 = 0x22;
/** Room for what an escape stands for, and for this and a vector's worth. */
const ESCAPE: usize = 8;
const ONE_TURN: usize = ESCAPE + 16;

/**
 * A byte may stand outside of strings if the tables of its two halves have a bit in common:
 *
 *   high half   0: \t \n \r    2: blank + , - .    3: 0–9 :    4: E    5: [ ]    6: a e f l n    7: r s t u { }
 *   bit         0              1                   2           3       4         5               6
 */
const halves = memory.data<u8>([
  0b0000110, 0b0100100, 0b1000100, 0b1000100, 0b1000100, 0b1101100, 0b0100100, 0b0000100,
  0b0000100, 0b0000101, 0b0000101, 0b1010010, 0b0100010, 0b1010011, 0b0100010, 0,
  1, 0, 2, 4, 8, 16, 32, 64, 0, 0, 0, 0, 0, 0, 0, 0,
], 16);

// @ts-ignore: decorator
@inline function mayBeOutside(byte: u32): bool {
  return (load<u8>(halves + <usize>(byte & 15)) & load<u8>(halves + <usize>(byte >> 4), 16)) != 0;
}

/** One bit for each of 16 bytes that may not stand outside of strings. */
// @ts-ignore: decorator
@inline function notOutside(text: v128): u32 {
  return notInAlphabet(text, v128.load(halves), v128.load(halves, 16), halfMask());
}

/** One bit for each of 16 bytes: an odd number of quotes stand there or before. */
// @ts-ignore: decorator
@inline function behindOdd(quotes: u32): u32 {
  let odd = quotes ^ (quotes << 1);
  odd ^= odd << 2;
  odd ^= odd << 4;
  return odd ^ (odd << 8);
}

let phase: u32 = OUTSIDE;

/**
 * Copies `[p, end)` to `to` up to a backslash within a string or a byte that is no JSON, and notes the phase there; returns where it
 * stopped.
 */
function copyText(p: usize, end: usize, to: usize): usize {
  let inside = phase;
  if (ASC_FEATURE_SIMD) {
    const quote = i8x16.splat(<i8>QUOTE);
    const backslash = i8x16.splat(<i8>BACKSLASH);
    for (; p + 16 <= end; p += 16, to += 16) {
      const text = v128.load(p);
      v128.store(to, text);
      const isQuote = i8x16.eq(text, quote);
      const isBackslash = i8x16.eq(text, backslash);
      // Most of a text is in the midst of a string, and most of what ends that is an escape.
      if (inside) {
        const either: u32 = i8x16.bitmask(v128.or(isQuote, isBackslash));
        if (!either) continue;
        const place = ctz(either);
        if (<u32>load<u8>(p + place) == BACKSLASH) {
          phase = INSIDE;
          return p + place;
        }
      }
      const quotes: u32 = i8x16.bitmask(isQuote);
      const behind = (behindOdd(quotes) ^ inside) & 0xffff;
      const within = ((behind << 1) | (inside & 1)) & 0xffff;
      const escapes = <u32>i8x16.bitmask(isBackslash) & within;
      const stops = escapes | (notOutside(text) & ~within & ~quotes);
      if (stops) {
        const place = ctz(stops);
        phase = (within >> place) & 1 ? INSIDE : OUTSIDE;
        return p + place;
      }
      inside = behind >> 15 ? INSIDE : OUTSIDE;
    }
  }
  for (; p < end; p++, to++) {
    const byte = <u32>load<u8>(p);
    if (byte == QUOTE) inside ^= INSIDE;
    else if (inside ? byte == BACKSLASH : !mayBeOutside(byte)) break;
    store<u8>(to, <u8>byte);
  }
  phase = inside;
  return p;
}

export function decodeJsonText(d: usize, input: usize, length: usize, final: bool): usize {
  const end = input + length;
  let p = input - load<u32>(d, HELD);
  phase = load<u32>(d, PHASE);
  let isFull = false;
  while (true) {
    if (!fits(ONE_TURN)) {
      isFull = true;
      break;
    }
    const begin = p;
    const limit = min(end, p + roomLeft() - ESCAPE);
    if (phase == PLAIN) {
      memory.copy(outputAt(), p, limit - p);
      p = limit;
    } else p = copyText(p, limit, outputAt());
    // Most escapes are pairs.
    const pair = phase == INSIDE && p + 1 < end && p < limit ? simple(load<u8>(p, 1)) : 0;
    if (pair) {
      store<u8>(outputAt() + (p - begin), <u8>pair);
      wrotePair(p - begin, begin);
      p += 2;
      continue;
    }
    if (p > begin) wrote(p - begin, begin, p, COPIED);
    if (p == end) break;
    if (p == limit) continue;
    if (phase == OUTSIDE) {
      phase = PLAIN;
      continue;
    }
    if (!fits(ESCAPE)) continue;
    const found = parseBackslash(p, end, final);
    if (found == MORE) break;
    if (found == NONE) {
      phase = PLAIN;
      continue;
    }
    putUnit(p);
    p += unitSize();
  }
  store<u32>(d, phase, PHASE);
  return leave(d, input, length, p, isFull);
}
