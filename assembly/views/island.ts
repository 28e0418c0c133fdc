/**
 * Undoes escapes, and outputs only the neighbourhood of what it changed; of a form all of it, for there a blank is a `+`.
 *
 *   input   …………………………………………\n……………………\"…………………………………………………token……………
 *                   │◀─ 256 ─▶│           │◀─ 256 ─▶│  ▲
 *   output          └──────────────── island ─────────────┘ 0x0A  next island
 *
 *               an escape: back up to 256            256 bytes without one
 *     OUTSIDE ─────────────────────────▶ NEAR ◀──────────────────────────┐
 *        ▲                                 └──▶ TOKEN ──▶ LAST           │ an escape
 *        └── delimiter, or 1,024 bytes ───────────┴─────────┴────────────┘
 *
 * The cursor may stand before the input, up to 1,024 bytes: what it has not passed yet lies there. So an escape that a cut
 * divides is parsed again when the rest is there, and an island is opened by moving the cursor back; no byte is kept here.
 *
 *   state, from 16:  phase u32 │ left u32 │ budget u32 │ gap u32 │ islands u32
 *
 *   left     bytes until the phase ends; TOKEN: how many are known to be of the token
 *   budget   bytes that the token may still have
 *   gap      bytes between the last island, or the beginning, and the cursor; 257: more than an island reaches back
 *   islands  0 before the first, 1 then, 2: a separator is due
 */
import { AMPERSAND, parseEntity } from './entity';
import { copyUntil, find } from './find';
import { BACKSLASH, parseBackslash, undoPairs } from './json';
import { COPIED, fits, outputAt, separate, wrote } from './output';
import { parsePercent, PERCENT, PLUS_TO_SPACE } from './percent';
import { EQUALS, opensQuoted, parseQuoted } from './quoted';
import { FORM, HELD, JSON_ESCAPES, KIND, leave, PERCENT_ESCAPES, QUOTED, SEEN } from './state';
import { MORE, NONE, putUnit, unitSize } from './unit';

const NEIGHBOURHOOD: u32 = 256;
const FAR: u32 = NEIGHBOURHOOD + 1;
const LONGEST_TOKEN: u32 = 1024;
/** More than an input has. */
const ENDLESS: u32 = 1 << 24;
/** What one turn of the loop may output besides copying: a separator or an escape. */
const ONE_TURN: usize = 8;

const PHASE: usize = 16;
const LEFT: usize = 20;
const BUDGET: usize = 24;
const GAP: usize = 28;
const ISLANDS: usize = 32;
export const ISLAND_STATE: usize = 48;

const OUTSIDE: u32 = 0;
const NEAR: u32 = 1;
const TOKEN: u32 = 2;
const LAST: u32 = 3;

// @ts-ignore: decorator
@inline function parse(kind: u32, p: usize, end: usize, final: bool): u32 {
  if (kind == JSON_ESCAPES) return parseBackslash(p, end, final);
  if (kind == PERCENT_ESCAPES || kind == FORM) return parsePercent(p, end, final);
  return kind == QUOTED ? parseQuoted(p, end, final) : parseEntity(p, end, final);
}

/** Address of the first white space, quote or angle bracket in `[p, end)`, or `end`. */
function tokenEnd(p: usize, end: usize): usize {
  for (; p < end; p++) {
    const b = <u32>load<u8>(p);
    if (b == 0x20 || b - 9 < 5 || b == 0x22 || b == 0x27 || b == 0x3c || b == 0x3e) break;
  }
  return p;
}

/** True if no escape is under way, no island open, and none so near that the next one would go on from it. */
export function islandIsIdle(d: usize): bool {
  const isNear = load<u32>(d, ISLANDS) != 0 && load<u32>(d, GAP) < FAR;
  return load<u32>(d, PHASE) == OUTSIDE && load<u32>(d, HELD) == 0 && !isNear;
}

export function islandSkip(d: usize, bytes: u32): void {
  store<u32>(d, min(load<u32>(d, GAP) + min(bytes, FAR), FAR), GAP);
}

export function unescape(d: usize, input: usize, length: usize, final: bool): usize {
  const kind = load<u32>(d, KIND);
  const isPercent = kind == PERCENT_ESCAPES || kind == FORM;
  const trigger = kind == JSON_ESCAPES ? BACKSLASH : isPercent ? PERCENT : kind == QUOTED ? EQUALS : AMPERSAND;
  const plus: u32 = isPercent ? PLUS_TO_SPACE : 0;
  const end = input + length;
  let p = input - load<u32>(d, HELD);
  let phase = load<u32>(d, PHASE);
  let left = load<u32>(d, LEFT);
  let budget = load<u32>(d, BUDGET);
  let gap = load<u32>(d, GAP);
  let islands = load<u32>(d, ISLANDS);
  let isFull = false;
  while (true) {
    if (kind == FORM) {
      phase = NEAR;
      left = ENDLESS;
    }
    if (phase == OUTSIDE) {
      const at = find(trigger, p, end);
      gap = <u32>min<usize>(<usize>gap + (at - p), FAR);
      p = at;
      if (p == end) break;
      const found = parse(kind, p, end, final);
      if (found == MORE) break;
      if (found == NONE || (kind == QUOTED && !opensQuoted(p, input - load<u32>(d, SEEN)))) {
        gap = min(gap + 1, FAR);
        p++;
        continue;
      }
      if (islands) islands = gap == FAR ? 2 : 1;
      else islands = 1;
      const back = min(gap, NEIGHBOURHOOD);
      p -= back;
      // It is not over before the escape is reached again.
      left = back + 1;
      gap = 0;
      phase = NEAR;
    }
    if (!fits(ONE_TURN)) {
      isFull = true;
      break;
    }
    if (islands == 2) {
      separate(p);
      islands = 1;
      continue;
    }
    if (left == 0) {
      if (phase == LAST || (phase == TOKEN && budget == 0)) {
        phase = OUTSIDE;
        continue;
      }
      if (phase == NEAR) {
        phase = TOKEN;
        budget = LONGEST_TOKEN;
      }
      if (p == end) break;
      const most = min(end, p + budget);
      const over = tokenEnd(p, most);
      left = <u32>(over - p);
      budget -= left;
      if (over < most) phase = LAST;
      continue;
    }
    if (kind == JSON_ESCAPES && phase == NEAR) {
      const to = undoPairs(p, end, left, NEIGHBOURHOOD);
      if (to != p) {
        p = to;
        left = NEIGHBOURHOOD;
        continue;
      }
    }
    const limit = min(end, p + left);
    const count = copyUntil(trigger, p, limit, plus);
    if (count) {
      wrote(count, p, p + count, COPIED);
      p += count;
      left -= <u32>count;
    }
    if (p == end) break;
    // Out of room, or at the end of what is left.
    if (p == limit || <u32>load<u8>(p) != trigger || !fits(ONE_TURN)) continue;
    const found = parse(kind, p, end, final);
    if (found == MORE) break;
    if (found == NONE) {
      store<u8>(outputAt(), load<u8>(p));
      wrote(1, p, p + 1, COPIED);
      p++;
      left--;
      continue;
    }
    putUnit(p);
    p += unitSize();
    left = NEIGHBOURHOOD;
    phase = NEAR;
  }
  store<u32>(d, phase, PHASE);
  store<u32>(d, left, LEFT);
  store<u32>(d, budget, BUDGET);
  store<u32>(d, gap, GAP);
  store<u32>(d, islands, ISLANDS);
  return leave(d, input, length, p, isFull);
}
