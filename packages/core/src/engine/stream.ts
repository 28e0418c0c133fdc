/** Matches of a text that comes in pieces, the same however it is cut. */
import type { Automaton, Match } from './automaton.js';
import { LeftmostLongest } from './leftmost.js';

/**
 * One stream. It keeps the automaton's state and how far it has come, 12 bytes; of matches that do not overlap also those that
 * are not decided yet: none as a rule, and at most one for each byte of the longest literal but one.
 */
export class MatchStream {
  readonly #automaton: Automaton;
  #state = 0;
  #offset = 0;
  #chosen: LeftmostLongest | undefined;

  /** @internal */
  constructor(automaton: Automaton) {
    this.#automaton = automaton;
    this.#begin();
  }

  #begin(): void {
    this.#state = 0;
    this.#offset = 0;
    this.#chosen = this.#automaton.matchKind === 'leftmost-longest' ? new LeftmostLongest() : undefined;
  }

  /**
   * The matches that are certain now, in offsets of the stream. Of those that do not overlap, one at the very end of the chunk may be
   * left to the next call.
   *
   * @throws EngineError `ENGINE_MEMORY` if the chunk does not fit into memory, and then nothing of it was taken.
   */
  push(chunk: Uint8Array): Match[] {
    const automaton = this.#automaton;
    const offset = this.#offset;
    const chosen = this.#chosen;
    const found: Match[] = [];
    this.#state = automaton.scan(chunk, this.#state, (pattern, last) => {
      const end = offset + last;
      const match = { pattern, start: end - automaton.lengths[pattern]!, end };
      if (chosen) chosen.add(match);
      else found.push(match);
    });
    this.#offset += chunk.length;
    // What may still become a match begins with the longest beginning of a literal that the text ends with.
    if (chosen) return chosen.settle(this.#offset - automaton.engine.depth(automaton.handle, this.#state));
    return found.sort(byPosition);
  }

  /** The matches that only the end of the text makes certain. After it the stream is as new. */
  end(): Match[] {
    const rest = this.#chosen?.settle(Number.POSITIVE_INFINITY) ?? [];
    this.#begin();
    return rest;
  }
}

/** By start, then end, then pattern. */
export function byPosition(a: Match, b: Match): number {
  return a.start - b.start || a.end - b.end || a.pattern - b.pattern;
}
