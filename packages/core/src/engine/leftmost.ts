/**
 * Leftmost-longest: of all occurrences, those that a reader from left to right would mark, none overlapping.
 *
 *   text        a b c d b c x             literals: abcdef ab bcd bc
 *   occurrences └─┘     └─┘               `ab` begins first; `bc` and `bcd` begin inside of it
 *                 └─┘
 *                 └───┘
 *   reported    ab      bc
 *
 * What begins at a place is certain only when nothing that begins there or before can still become an occurrence: after
 * `abcd`, the longer `abcdef` may follow. So occurrences are held until the text is known to have passed their start.
 */
import type { Match } from './automaton.js';

/** More occurrences than this, and those that cannot be reported are thrown out. */
const MOST_HELD = 1 << 14;

/** Earliest start first, then the longest, then the first literal. */
function byPreference(a: Match, b: Match): number {
  return a.start - b.start || b.end - a.end || a.pattern - b.pattern;
}

export class LeftmostLongest {
  /** At most one for each start once it was sorted, and then no more than the longest literal has bytes, less one. */
  #held: Match[] = [];
  #room = MOST_HELD;
  /** End of what was reported last. */
  #from = 0;

  /** Takes an occurrence; they may come in any order. */
  add(match: Match): void {
    if (match.start < this.#from) return;
    this.#held.push(match);
    if (this.#held.length < this.#room) return;
    this.#sort();
    this.#room = 2 * this.#held.length + MOST_HELD;
  }

  #sort(): void {
    const sorted = this.#held.sort(byPreference);
    this.#held = sorted.filter((match, i) => i === 0 || match.start !== sorted[i - 1]!.start);
  }

  /** Reports what begins before `limit`: no occurrence that begins there will be added any more. */
  settle(limit: number): Match[] {
    if (this.#held.length === 0) return [];
    this.#sort();
    const found: Match[] = [];
    let at = 0;
    for (; at < this.#held.length && this.#held[at]!.start < limit; at++) {
      const match = this.#held[at]!;
      if (match.start < this.#from) continue;
      found.push(match);
      this.#from = match.end;
    }
    this.#held = this.#held.slice(at).filter(({ start }) => start >= this.#from);
    this.#room = this.#held.length + MOST_HELD;
    return found;
  }
}
