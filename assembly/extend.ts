/**
 * How far the mask of a match reaches: the bytes that follow a literal and belong to the secret it introduces. It works on
 * any cut of the text: `state` is all that is carried over.
 *
 *   state  ┌──────────────┬──────────┬───────────┬────────┬───────┐
 *          │ budget left  │ (0)      │ progress  │ phase  │ kind  │
 *          │ 31 … 16      │ 15 … 11  │ 10 … 6    │ 5 … 3  │ 2 … 0 │
 *          └──────────────┴──────────┴───────────┴────────┴───────┘
 *
 *   1 TOKEN   start ─▶ QUOTES ─▶ EQUALS ─▶ SPACE ─▶ RUN ─▶ 0     separators only if they hold a `:` or `=`
 *   2 LINE    start ─▶ LEAD ─▶ RUN ─▶ 0
 *   3 BLOCK   start ─▶ UNTIL_END ─▶ UNTIL_DASHES ─▶ 0
 *   4 VALUE   start ─▶ LEAD ─▶ (TOKEN's) QUOTES ─▶ …
 *
 * A caller begins with the bare kind (phase 0). State 0 at the end: the mask is complete.
 *
 * When a chunk ends among quotes and spaces of which it is not known yet whether a `:` or `=` follows, they count as
 * covered. If none follows, a few bytes too many are masked; never too few.
 */
import { setState } from './status';

const TOKEN: u32 = 1;
const LINE: u32 = 2;
const BLOCK: u32 = 3;
const VALUE: u32 = 4;

const START: u32 = 0;
const LEAD: u32 = 1;
const QUOTES: u32 = 2;
const EQUALS: u32 = 3;
const SPACE: u32 = 4;
const RUN: u32 = 5;
const UNTIL_END: u32 = 6;
const UNTIL_DASHES: u32 = 7;

const TOKEN_BUDGET: u32 = 4096;
const LINE_BUDGET: u32 = 4096;
const BLOCK_BUDGET: u32 = 16384;
const SEPARATORS: u32 = 16;
const VALUE_LEAD: u32 = 8;

/** Space, tab, quotes, backslash. */
// @ts-ignore: decorator
@inline function isQuote(b: u32): bool {
  return b == 0x20 || b == 0x09 || b == 0x22 || b == 0x27 || b == 0x5c;
}

// @ts-ignore: decorator
@inline function isEquals(b: u32): bool {
  return b == 0x3a || b == 0x3d;
}

/** Everything except controls, space, DEL and " ' ` , ; < > ( ) { } [ ] | & \ */
function isTokenByte(b: u32): bool {
  if (b <= 0x20) return false;
  switch (b) {
    case 0x22: case 0x26: case 0x27: case 0x28: case 0x29: case 0x2c: case 0x3b: case 0x3c: case 0x3e:
    case 0x5b: case 0x5c: case 0x5d: case 0x60: case 0x7b: case 0x7c: case 0x7d: case 0x7f:
      return false;
  }
  return true;
}

/** Bytes of `-----END` seen after one more byte, `seen` (0 … 7) before it. */
function endProgress(seen: u32, b: u32): u32 {
  if (b == 0x2d) return seen < 5 ? seen + 1 : seen == 5 ? 5 : 1;
  const wanted: u32 = seen == 5 ? 0x45 : seen == 6 ? 0x4e : seen == 7 ? 0x44 : 0x100;
  return b == wanted ? seen + 1 : 0;
}

function budgetOf(kind: u32): u32 {
  return kind == BLOCK ? BLOCK_BUDGET : kind == LINE ? LINE_BUDGET : TOKEN_BUDGET;
}

/** How many of the bytes `[p, p + length)` are covered; `status.state`: where it stands, 0 when complete. */
export function extend(state: u32, p: usize, length: usize): u32 {
  const kind = state & 7;
  let phase = (state >> 3) & 7;
  let progress = (state >> 6) & 31;
  let budget = state >> 16;
  setState(0);
  if (kind < TOKEN || kind > VALUE) return 0;
  if (phase == START) {
    budget = budgetOf(kind);
    progress = 0;
    phase = kind == TOKEN ? QUOTES : kind == BLOCK ? UNTIL_END : LEAD;
  }
  const begin = p;
  const end = p + length;
  // Where the coverage falls back to when quotes and spaces turn out not to lead to a `:` or `=`.
  let sure = p;
  while (p < end) {
    const b = <u32>load<u8>(p);
    if (phase == LEAD) {
      const most = kind == LINE ? SEPARATORS : VALUE_LEAD;
      if (progress < most && (isQuote(b) || (kind == LINE && isEquals(b)))) {
        progress++;
        p++;
      } else {
        phase = kind == LINE ? RUN : QUOTES;
        progress = 0;
        sure = p;
      }
    } else if (phase == QUOTES) {
      if (isQuote(b)) {
        if (progress == SEPARATORS) return <u32>(sure - begin);
        progress++;
        p++;
      } else if (isEquals(b) && progress < SEPARATORS) {
        phase = EQUALS;
      } else if (progress) {
        return <u32>(sure - begin);
      } else {
        phase = RUN;
      }
    } else if (phase == EQUALS || phase == SPACE) {
      if (progress < SEPARATORS && isEquals(b) && phase == EQUALS) {
        progress++;
        p++;
      } else if (progress < SEPARATORS && isQuote(b)) {
        phase = SPACE;
        progress++;
        p++;
      } else {
        phase = RUN;
      }
    } else if (phase == RUN) {
      const goesOn = kind == LINE ? b >= 0x20 && b != 0x22 : isTokenByte(b);
      if (!goesOn || budget == 0) return <u32>(p - begin);
      budget--;
      p++;
    } else {
      if (budget == 0) return <u32>(p - begin);
      budget--;
      p++;
      if (phase == UNTIL_END) {
        progress = endProgress(progress, b);
        if (progress == 8) {
          phase = UNTIL_DASHES;
          progress = 0;
        }
      } else {
        progress = b == 0x2d ? progress + 1 : 0;
        if (progress == 5) return <u32>(p - begin);
      }
    }
  }
  setState((budget << 16) | (progress << 6) | (phase << 3) | kind);
  return <u32>(p - begin);
}
