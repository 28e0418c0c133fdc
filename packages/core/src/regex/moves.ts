import { UNKNOWN } from './closure.js';
import { ASSERT, CONTEXTS, holds, looksAhead, MATCH, type Program, SAVE, SET, SPLIT } from './program.js';
import { type StateMemory, States } from './states.js';

/** What `#seen` can hold: a number that did not fit would never be found again, and a loop of instructions be followed for ever. */
const LAST_GENERATION = 0xffffffff;

/** Context of a state in which no assertion waits for the next byte: what stood before does not matter. */
const NO_CONTEXT = CONTEXTS;

/** So many bytes are looked at before it is asked whether what is still going on may last so long. */
export const STRETCH = 16;

/** For ever. */
const NO_END = 0x7fffffff;

/**
 * How a gate moves through its program: sets of instructions without an order, and what is reached from them. They are kept as the
 * states of a lazy automaton, whose transitions the gate knows.
 */
export class Moves {
  readonly states: States<Int16Array<ArrayBuffer>>;
  /** The instructions that were reached last, in the order in which they were, until `find` sorts them. */
  readonly reached: Int32Array;
  length = 0;
  /** A match has ended with them. */
  matched = false;
  /** Instructions looked at so far. */
  steps = 0;
  readonly #program: Program;
  readonly #classes: number;
  readonly #known: Int32Array;
  readonly #seen: Uint32Array;
  #generation = 0;
  #first = 0;
  readonly #open: Int32Array;

  /** @param lanes transitions of a state for each class of bytes */
  constructor(program: Program, lanes: number, memory: StateMemory | undefined) {
    const size = program.operations.length + 1;
    this.#program = program;
    this.#classes = program.examples.length;
    this.states = new States<Int16Array<ArrayBuffer>>(Int16Array, lanes * this.#classes, size, memory);
    this.reached = new Int32Array(size);
    this.#known = new Int32Array(size);
    this.#seen = new Uint32Array(size);
    this.#open = new Int32Array(2 * size);
  }

  /** The state of which nothing is known but that something may have begun; 0 if there is no room. */
  begin(): number {
    if (this.#first !== 0) return this.#first;
    const { operations } = this.#program;
    this.length = 0;
    for (let at = 0; at < operations.length; at++) if (operations[at] === SET) this.reached[this.length++] = at;
    this.#first = this.states.find(this.reached, this.length, NO_CONTEXT);
    return this.#first;
  }

  /** Forgets all states. */
  clear(): void {
    this.states.clear();
    this.#first = 0;
  }

  /**
   * Puts into `reached` what is reached from a state over a byte, or over its other case (-1: it has none).
   * @param sets 1 for each set that may take the byte; all if not given
   */
  step(state: number, byte: number, other: number, sets?: Uint8Array): void {
    const { classOf, contextOf, accepts, operations, first, second } = this.#program;
    const classes = this.#classes;
    const count = this.resolve(state, byte);
    const known = this.#known;
    this.reset();
    for (let i = 0; i < count; i++) {
      const item = known[i]!;
      if (operations[item] === MATCH) {
        this.add(item, contextOf[byte]!, UNKNOWN);
        continue;
      }
      const set = second[item]!;
      if (sets?.[set] === 0) continue;
      const row = set * classes;
      if (accepts[row + classOf[byte]!] === 1 || (other >= 0 && accepts[row + classOf[other]!] === 1)) {
        this.add(first[item]!, contextOf[byte]!, UNKNOWN);
      }
    }
    this.steps += count + this.length;
  }

  /** The state of what was reached, behind a byte of this context; 0 if it is new and there is no room. */
  find(context: number): number {
    const { operations } = this.#program;
    const items = this.reached.subarray(0, this.length).sort();
    const waits = items.some((item) => operations[item] === ASSERT);
    return this.states.find(items, items.length, waits ? context : NO_CONTEXT);
  }

  /**
   * Decides the assertions of a state by the next byte; returns how many instructions wait for it, or have matched before it. See `known`.
   */
  resolve(state: number, byte: number): number {
    const { operations } = this.#program;
    const { items } = this.states;
    const begin = this.states.itemsOf(state);
    const end = begin + this.states.countOf(state);
    const context = this.states.contextOf(state);
    this.reset();
    let count = 0;
    if (context === NO_CONTEXT) {
      for (let i = begin; i < end; i++) if (operations[items[i]!] === SET) this.#known[count++] = items[i]!;
      return count;
    }
    for (let i = begin; i < end; i++) if (operations[items[i]!] !== MATCH) this.add(items[i]!, context, byte);
    for (let i = 0; i < this.length; i++) {
      const item = this.reached[i]!;
      if (operations[item] !== ASSERT) this.#known[count++] = item;
    }
    return count;
  }

  /** What `resolve` found. */
  known(count: number): Int32Array {
    return this.#known.subarray(0, count);
  }

  reset(): void {
    this.length = 0;
    this.matched = false;
    if (this.#generation === LAST_GENERATION) {
      this.#seen.fill(0);
      this.#generation = 0;
    }
    this.#generation += 1;
  }

  /** Adds what is reachable from `from` without a byte, between `before` (AFTER_…) and `next`, a byte or UNKNOWN. */
  add(from: number, before: number, next: number): void {
    const { operations, first, second } = this.#program;
    const seen = this.#seen;
    const open = this.#open;
    let count = 0;
    open[count++] = from;
    while (count > 0) {
      const at = open[--count]!;
      if (seen[at] === this.#generation) continue;
      seen[at] = this.#generation;
      switch (operations[at]) {
        case SPLIT:
          open[count++] = second[at]!;
          open[count++] = first[at]!;
          break;
        case SAVE:
          open[count++] = first[at]!;
          break;
        case SET:
          this.reached[this.length++] = at;
          break;
        case ASSERT:
          if (next !== UNKNOWN || !looksAhead(second[at]!)) {
            if (holds(second[at]!, before, next)) open[count++] = first[at]!;
          } else {
            this.reached[this.length++] = at;
          }
          break;
        case MATCH:
          this.matched = true;
          this.reached[this.length++] = at;
          break;
      }
    }
  }

  /** So many bytes a match has at most that goes on from a state. */
  endOf(state: number): number {
    const known = this.states.endOf(state);
    if (known !== 0) return known;
    const { latest } = this.#program;
    const from = this.states.itemsOf(state);
    // One more, so that it is never 0.
    let end = 1;
    for (let i = from + this.states.countOf(state) - 1; i >= from; i--) {
      end = Math.max(end, Math.min(latest[this.states.items[i]!]! + 1, NO_END));
    }
    this.states.setEnd(state, end);
    return end;
  }
}
