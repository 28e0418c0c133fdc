import { MASK_TOKEN, TOKEN_BUDGET, tokenRun } from '../policy/mask.js';
import type { Detector } from './detector.js';

/** Behind these a token may still be to come: quotes, blanks, a backslash, `:` and `=`. */
const LEAD = new Uint8Array(256);
for (const character of '"\'\\ \t:=') LEAD[character.charCodeAt(0)] = 1;

/**
 * How far masks reach in a stream. Where literals stand close together in one long token, the mask of each covers the same characters: they
 * are looked at once.
 *
 *          known ├──────────────────────┤ token characters
 *   literal │ mask ├────────────────────┼──────▶ only this is looked at
 */
export class MaskEnd {
  /** A state of the engine's `extend` behind the last mask; 0 if it is complete. */
  state = 0;
  #known = 0;
  #knownEnd = 0;

  constructor(readonly detector: Detector) {}

  /**
   * The end of a mask as far as it can be seen.
   * @param from where its literal ends, or what is seen of it so far
   * @param state a kind of mask, or where it stood
   * @param pointer address of the byte at `from`
   */
  find(from: number, state: number, pointer: number): number {
    const { engine, memory, window, status } = this.detector;
    const isRun = state === MASK_TOKEN && LEAD[memory.bytes[pointer]!] === 0;
    const isKnown = isRun && from >= this.#known && from < this.#knownEnd;
    const skipped = isKnown ? Math.min(this.#knownEnd - from, TOKEN_BUDGET) : 0;
    const begin = isKnown ? tokenRun(TOKEN_BUDGET - skipped) : state;
    const end = from + skipped + engine.extend(begin, pointer + skipped, window.end - from - skipped);
    this.state = memory.words[status + 3]!;
    if (isRun && end > from) {
      if (!isKnown) this.#known = from;
      this.#knownEnd = isKnown ? Math.max(this.#knownEnd, end) : end;
    }
    return end;
  }
}
