/**
 * Places where a value may stand that has no fixed bytes to look for: numbers, addresses. What it reports is cheap to find and
 * only a beginning: a regular expression then judges the place.
 *
 *   DIGITS  first digit of a group, from where on at least 8 digits follow with at most 2 of ` -./()` between any two, those of
 *           dates such as 2024-05-31 or 31.05.2024 not counted; behind none of [A-Za-z0-9], nor behind a digit and `.` or `-`.
 *           Behind a capital that stands alone, or it and a `-`, 7 digits are enough
 *   AT      `@` between [A-Za-z0-9._%+-] and [A-Za-z0-9]
 *   IBAN    [A-Z][A-Z][0-9][0-9], perhaps a blank between, within a token too: ids of persons have more letters in front
 *   DOTS    four groups of 1 to 3 digits with `.` between them, behind none of [A-Za-z0-9.]
 *   COLONS  the first of `::`, or a `:` between two groups of 1 to 4 hex digits of which the second has a `:` behind it
 *
 * Bytes in front of the text are looked at. Where the text ends before a place is certain the search stops, to go on there with more
 * bytes; if there are none, the place is reported. So the places do not depend on where the text was cut.
 */
import { HITS_CAPACITY, hits, setHits, setState } from './status';

export const DIGITS: u32 = 1;
export const AT: u32 = 2;
export const IBAN: u32 = 4;
export const DOTS: u32 = 8;
export const COLONS: u32 = 16;

const LEAST_DIGITS: u32 = 8;
/** A letter in front counts as one of them: X1234567L. */
const LEAST_BEHIND_LETTER: u32 = 7;
const MOST_BETWEEN: u32 = 2;
/** Bytes of a date, and the one behind it. */
const DATE: usize = 11;

// What a byte is, a bit for each.
const C_DIGIT: u8 = 1;
const C_UPPER: u8 = 2;
const C_LOWER: u8 = 4;
const C_HEX: u8 = 8;
const C_LOCAL: u8 = 16;
const C_BETWEEN: u8 = 32;
const C_AT: u8 = 64;
const C_COLON: u8 = 128;
const ALNUM: u8 = C_DIGIT | C_UPPER | C_LOWER;

/** What is asked about depends on bytes behind the text. */
let isOpen = false;

const classes = memory.data(256);
let ready = false;

function classify(): void {
  for (let b: usize = 0; b < 256; b++) {
    let c: u8 = 0;
    if (b - 48 < 10) c |= C_DIGIT | C_HEX | C_LOCAL;
    if (b - 65 < 26) c |= C_UPPER | C_LOCAL;
    if (b - 97 < 26) c |= C_LOWER | C_LOCAL;
    if ((b | 32) - 97 < 6) c |= C_HEX;
    if (b == 0x2e || b == 0x5f || b == 0x25 || b == 0x2b || b == 0x2d) c |= C_LOCAL;
    if (b == 0x20 || b == 0x2d || b == 0x2e || b == 0x2f || b == 0x28 || b == 0x29) c |= C_BETWEEN;
    if (b == 0x40) c |= C_AT;
    if (b == 0x3a) c |= C_COLON;
    store<u8>(classes + b, c);
  }
  ready = true;
}

// @ts-ignore: decorator
@inline function classOf(p: usize): u8 {
  return load<u8>(classes + <usize>load<u8>(p));
}

// @ts-ignore: decorator
@inline function isBelow(p: usize, first: u32, count: u32): bool {
  return <u32>load<u8>(p) - first < count;
}

// @ts-ignore: decorator
@inline function isYear(p: usize): bool {
  const century = load<u16>(p);
  return (century == 0x3931 || century == 0x3032) && (classOf(p + 2) & classOf(p + 3) & C_DIGIT) != 0;
}

/** Most numbers of 8 digits in ordinary text are dates: year, month, day, or the other way round, with the same of `-./` between. */
function isDate(p: usize): bool {
  if (classOf(p + 10) & C_DIGIT) return false;
  const year = isYear(p);
  const from = year ? p + 5 : p;
  const mark = load<u8>(year ? p + 4 : p + 2);
  return mark - 0x2d < 3 && load<u8>(year ? p + 7 : p + 5) == mark && (year || isYear(p + 6))
    && isBelow(from, 0x30, 4) && isBelow(from + 3, 0x30, 4) && (classOf(from + 1) & classOf(from + 4) & C_DIGIT) != 0;
}

/** Nothing speaks against it so far. */
function goesOn(): bool {
  isOpen = true;
  return true;
}

/** Whether so many digits may follow from `p` on. */
function manyDigits(p: usize, end: usize, least: u32): bool {
  let digits: u32 = 0;
  let between: u32 = 1;
  let mayBeDate = false;
  for (; p < end; p++) {
    const c = classOf(p);
    if (c & C_DIGIT) {
      if (between) {
        if (p + DATE > end) mayBeDate = true;
        else if (isDate(p)) return false;
      }
      if (++digits == least) return mayBeDate ? goesOn() : true;
      between = 0;
    } else if (!(c & C_BETWEEN) || ++between > MOST_BETWEEN) return false;
  }
  return goesOn();
}

/** Whether a capital that stands alone ends at `p`. */
function isLetter(p: usize, first: usize): bool {
  return p > first && (classOf(p - 1) & C_UPPER) != 0 && !(p > first + 1 && classOf(p - 2) & ALNUM);
}

/** Whether a number begins at `p`, a digit behind none. */
function number(p: usize, first: usize, end: usize): bool {
  const previous: u8 = p > first ? classOf(p - 1) : 0;
  if (previous & ALNUM) return isLetter(p, first) && manyDigits(p, end, LEAST_BEHIND_LETTER);
  const mark: u8 = p > first ? load<u8>(p - 1) : 0;
  if ((mark == 0x2e || mark == 0x2d) && p > first + 1 && classOf(p - 2) & C_DIGIT) return false;
  return manyDigits(p, end, mark == 0x2d && isLetter(p - 1, first) ? LEAST_BEHIND_LETTER : LEAST_DIGITS);
}

function dotted(p: usize, end: usize): bool {
  for (let group = 1; group < 4; group++) {
    const stop = min(p + 3, end);
    while (p < stop && classOf(p) & C_DIGIT) p++;
    if (p >= end) return goesOn();
    if (load<u8>(p) != 0x2e) return false;
    if (++p >= end) return goesOn();
    if (!(classOf(p) & C_DIGIT)) return false;
  }
  return true;
}

function account(p: usize, end: usize): bool {
  if (p + 1 >= end) return goesOn();
  if (!(classOf(p + 1) & C_UPPER)) return false;
  if (p + 2 < end && load<u8>(p + 2) == 0x20) p++;
  if (p + 2 >= end) return goesOn();
  if (!(classOf(p + 2) & C_DIGIT)) return false;
  return p + 3 >= end ? goesOn() : (classOf(p + 3) & C_DIGIT) != 0;
}

function colons(p: usize, first: usize, end: usize): bool {
  const previous: u8 = p > first ? classOf(p - 1) : 0;
  if (previous & C_COLON) return false;
  if (p + 1 >= end) return goesOn();
  if (classOf(p + 1) & C_COLON) return true;
  if (!(previous & C_HEX)) return false;
  const stop = min(p + 5, end);
  let q = p + 1;
  while (q < stop && classOf(q) & C_HEX) q++;
  if (q == p + 1) return false;
  return q >= end ? goesOn() : (classOf(q) & C_COLON) != 0;
}

// @ts-ignore: decorator
@inline function between(text: v128, low: i8, count: i8): v128 {
  return i8x16.lt_u(i8x16.sub(text, i8x16.splat(low)), i8x16.splat(count));
}

// @ts-ignore: decorator
@inline function hex(text: v128): v128 {
  return v128.or(between(text, 0x30, 10), between(v128.or(text, i8x16.splat(0x20)), 0x61, 6));
}

/**
 * Which of the 16 bytes at `at` something may begin with, as far as that can be seen from them and the next: bit i for byte i. Numbers of
 * which no other digit follows within three bytes are none.
 */
function candidates(at: usize, first: usize, kinds: u32): i32 {
  const text = v128.load(at);
  const next = v128.load(at + 1);
  let found: i32 = 0;
  if (kinds & (DIGITS | DOTS)) {
    const digit = i8x16.bitmask(between(text, 0x30, 10));
    if (digit) {
      const behindDigit = (digit << 1) | (at > first && <u32>load<u8>(at - 1) - 48 < 10 ? 1 : 0);
      // The last three may go on behind the 16.
      found = digit & ~behindDigit & ((digit >> 1) | (digit >> 2) | (digit >> 3) | 0xe000);
    }
  }
  if (kinds & AT) found |= i8x16.bitmask(i8x16.eq(text, i8x16.splat(0x40)));
  if (kinds & COLONS) {
    const colon = i8x16.eq(text, i8x16.splat(0x3a));
    if (v128.any_true(colon)) {
      let goesOn = i8x16.eq(next, i8x16.splat(0x3a));
      if (at > first) goesOn = v128.or(goesOn, v128.and(hex(v128.load(at - 1)), hex(next)));
      else goesOn = v128.or(goesOn, hex(next));
      found |= i8x16.bitmask(v128.and(colon, goesOn));
    }
  }
  if (kinds & IBAN) found |= i8x16.bitmask(v128.and(between(text, 0x41, 26), between(next, 0x41, 26)));
  return found;
}

/** Puts into `hits` what begins at `at`; returns how many there are then. `isOpen` says whether that is certain. */
function placesAt(count: u32, at: usize, p: usize, first: usize, end: usize, kinds: u32): u32 {
  isOpen = false;
  const c = classOf(at);
  const previous: u8 = at > first ? classOf(at - 1) : 0;
  if (c & C_DIGIT) {
    if (!(kinds & (DIGITS | DOTS)) || previous & C_DIGIT) return count;
    if (kinds & DIGITS && number(at, first, end)) count = put(count, DIGITS, at - p);
    if (kinds & DOTS && !(previous & ALNUM) && !(at > first && load<u8>(at - 1) == 0x2e) && dotted(at, end)) {
      count = put(count, DOTS, at - p);
    }
  } else if (c & C_AT) {
    if (!(kinds & AT) || !(previous & C_LOCAL)) return count;
    if (at + 1 >= end ? goesOn() : (classOf(at + 1) & ALNUM) != 0) count = put(count, AT, at - p);
  } else if (c & C_UPPER) {
    if (kinds & IBAN && account(at, end)) count = put(count, IBAN, at - p);
  } else if (c & C_COLON) {
    if (kinds & COLONS && colons(at, first, end)) count = put(count, COLONS, at - p);
  }
  return count;
}

/**
 * Puts the places in `[p + from, p + length)` into `hits` as { kind i32, position i32 relative to `p` }; `from` may be negative, and `before`
 * bytes in front of `p` are looked at, too. Returns how many. It has come to `p` + `status.state`: `status.more` is 1 if there was no room
 * for others, and 0 if it came to the end or, unless the text is `final`, to a place that is not certain.
 */
export function anchors(p: usize, from: i32, length: u32, before: u32, kinds: u32, final: u32): u32 {
  if (!ready) classify();
  const first = p - before;
  const end = p + length;
  let count: u32 = 0;
  let at = p + from;
  if (ASC_FEATURE_SIMD) {
    for (; at + 17 <= end && count + 2 * 16 <= HITS_CAPACITY; at += 16) {
      for (let found = candidates(at, first, kinds); found; found &= found - 1) {
        const place = at + ctz(found);
        const more = placesAt(count, place, p, first, end, kinds);
        if (isOpen && !final) return stop(count, place - p, false);
        count = more;
      }
    }
  }
  for (; at < end && count + 2 <= HITS_CAPACITY; at++) {
    const more = placesAt(count, at, p, first, end, kinds);
    if (isOpen && !final) return stop(count, at - p, false);
    count = more;
  }
  return stop(count, at - p, at < end);
}

function stop(count: u32, position: usize, hasMore: bool): u32 {
  setHits(count, hasMore ? 1 : 0);
  setState(<u32>position);
  return count;
}

// @ts-ignore: decorator
@inline function put(count: u32, kind: u32, position: usize): u32 {
  const entry = hits + ((<usize>count) << 3);
  store<u32>(entry, kind);
  store<u32>(entry, <u32>position, 4);
  return count + 1;
}
