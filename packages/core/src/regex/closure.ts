import { ASSERT, holds, looksAhead, MATCH, type Program, SAVE, SET, SPLIT } from './program.js';

/** In place of the next byte: there is none, and it is not known. */
export const END_OF_TEXT = -1;
export const UNKNOWN = -2;

/**
 * An ordered set of instructions, the preferred first: those that wait for a byte (SET), for what the next byte is (ASSERT), and
 * last, if it is there, MATCH: what stands behind a match in order of preference is never needed.
 */
export class InstructionSet {
  items = new Int32Array(64);
  length = 0;
  /** Where `add` began, in order: what the items are once the next byte is known follows from these. */
  entries = new Int32Array(64);
  entryCount = 0;
  /** An assertion is among the items. */
  pending = false;
  /** MATCH is among the items, or was reached. */
  matched = false;
  /** Instructions looked at since the start. */
  work = 0;
  #seen = new Int32Array(64);
  #stack = new Int32Array(64);
  #generation = 0;

  /** Empties the set, and makes room for the instructions of `program`. */
  reset(program: Program): void {
    const size = program.operations.length + 1;
    if (this.items.length < size) {
      this.items = new Int32Array(size * 2);
      this.entries = new Int32Array(size * 2);
      this.#seen = new Int32Array(size * 2);
      this.#stack = new Int32Array(size * 2);
      this.#generation = 0;
    }
    if (this.#generation === 0x7fffffff) {
      this.#seen.fill(0);
      this.#generation = 0;
    }
    this.#generation++;
    this.length = 0;
    this.entryCount = 0;
    this.pending = false;
    this.matched = false;
  }

  /** Adds what is reachable from `start` without a byte, between `before` (AFTER_…) and `next` (a byte, END_OF_TEXT, UNKNOWN). */
  add(program: Program, start: number, before: number, next: number): void {
    const seen = this.#seen;
    if (this.matched || seen[start] === this.#generation) return;
    this.entries[this.entryCount++] = start;
    const { operations, first, second } = program;
    const stack = this.#stack;
    let open = 0;
    stack[open++] = start;
    while (open > 0) {
      const at = stack[--open]!;
      this.work++;
      if (seen[at] === this.#generation) continue;
      seen[at] = this.#generation;
      switch (operations[at]) {
        case SPLIT:
          stack[open++] = second[at]!;
          stack[open++] = first[at]!;
          break;
        case SAVE:
          stack[open++] = first[at]!;
          break;
        case SET:
          this.items[this.length++] = at;
          break;
        case ASSERT:
          if (next === UNKNOWN && looksAhead(second[at]!)) {
            this.items[this.length++] = at;
            this.pending = true;
          } else if (holds(second[at]!, before, next)) {
            stack[open++] = first[at]!;
          }
          break;
        case MATCH:
          this.items[this.length++] = at;
          this.matched = true;
          return;
      }
    }
  }
}
