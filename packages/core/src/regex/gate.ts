import { UNKNOWN } from './closure.js';
import { digitWithin } from './need.js';
import { parse } from './parse.js';
import { ASSERT, CONTEXTS, compile, holds, looksAhead, MATCH, type Program, SAVE, SET, SPLIT } from './program.js';
import { type Literal, narrowSets, otherCase, saysOneOf } from './said.js';
import { ANY_SIDES, BEHIND_SHIFT, OTHER, SIDE_OF, WORD_SIDES } from './side.js';
import { type StateMemory, States } from './states.js';

/** What a transition leads to, if not to a state. 0: not made yet. */
const PASS = -1;
const FAIL = -2;

/** So many bytes are looked at before it is asked whether what is still going on may last so long. */
const STRETCH = 16;
/** For ever. */
const NO_END = 0x7fffffff;

/** What `#seen` can hold: a number that did not fit would never be found again, and a loop of instructions be followed for ever. */
const LAST_GENERATION = 0xffffffff;

/** Context of a state in which no assertion waits for the next byte: what stood before does not matter. */
const NO_CONTEXT = CONTEXTS;

/**
 * Tells of most places, in a few steps, that no match of some expressions lies there. It knows but a few bytes in front of the place, and
 * so takes a match for begun in every way that it could have; what lies beyond the bytes that are there it takes for what is wanted.
 * So its no is certain, and its yes is not.
 *
 *   from           place                    end
 *   ├ every set at ├ what is left after     ┤ yes, unless nothing is left;
 *     once, and      each byte                yes before, when a match ends
 *     every start
 *
 * Of an expression that says one of its literals in every match, a literal must moreover be what is said, and not lie in something wider
 * that is taken.
 *
 * A lazy DFA like that of `Dfa`, over sets of instructions without an order. It does not count how often something is repeated that may
 * be repeated often, which would take a state for each number: it knows when all that is still going on would have to be over.
 */
export class Gate {
  /** Bytes and instructions looked at so far. */
  steps = 0;
  readonly #program: Program;
  readonly #classes: number;
  readonly #states: States<Int16Array<ArrayBuffer>>;
  readonly #literals: readonly Literal[];
  /**
   * The states behind each literal, by class of the byte before, the last for none. 0: not made yet; PASS or FAIL: what follows does not
   * matter.
   */
  readonly #behind: Int16Array;
  readonly #within = new Map<string, number>();
  readonly #isSaid: boolean;
  #first = 0;
  /** 1 for each set of few bytes. */
  readonly #narrow: Uint8Array;
  /** The kinds of bytes that are in each set; see `side.ts`. */
  readonly #kinds: Uint8Array;
  // What a state is made in: instructions that were reached, in the order in which they were, and then sorted.
  readonly #reached: Int32Array;
  #length = 0;
  #matched = false;
  readonly #known: Int32Array;
  readonly #seen: Uint32Array;
  #generation = 0;
  readonly #open: Int32Array;

  /**
   * @param literals of which every match contains one; none for an anchor
   * @throws RegexError
   */
  constructor(sources: readonly string[], literals: readonly Literal[], memory?: StateMemory) {
    const parts = sources.map((source) => parse(source, false).tree);
    const instructions = parts.reduce((sum, part) => sum + part.instructions + 1, 0);
    const least = Math.min(...parts.map((part) => part.least));
    const most = Math.max(...parts.map((part) => part.most));
    const program = compile(
      parts.length === 1 ? parts[0]! : { type: 'choice', parts, least, most, instructions },
      true,
    );
    const size = program.operations.length + 1;
    this.#program = program;
    this.#classes = program.examples.length;
    this.#narrow = narrowSets(program);
    this.#kinds = kindsOf(program);
    this.#isSaid = saysOneOf(program, this.#narrow, literals);
    this.#literals = literals;
    this.#behind = new Int16Array(literals.length * (this.#classes + 1));
    // Before an anchor, transitions are another lane.
    const lanes = literals.length === 0 ? 2 : 1;
    this.#states = new States<Int16Array<ArrayBuffer>>(Int16Array, lanes * this.#classes, size, memory);
    this.#reached = new Int32Array(size);
    this.#known = new Int32Array(size);
    this.#seen = new Uint32Array(size);
    this.#open = new Int32Array(2 * size);
  }

  /** Whether a match may cover bytes[place]. The bytes in [from, place) are known, too; what is at or behind `end` is not. */
  mayCover(bytes: Uint8Array, from: number, place: number, end: number): boolean {
    const { classOf } = this.#program;
    let state = this.#begin();
    for (let at = from; at < place; at++) {
      const byteClass = classOf[bytes[at]!]!;
      const { table, stride } = this.#states;
      state = table[state * stride + this.#classes + byteClass]! || this.#make(state, this.#classes, byteClass);
      if (state === PASS) return true;
    }
    this.steps += place - from;
    return this.#goOn(bytes, state, place, place, end);
  }

  /**
   * Whether there may be a match in which the literal of this number stands at [start, behind).
   * @param first index of the first byte that is known
   */
  mayHold(index: number, bytes: Uint8Array, first: number, start: number, behind: number, end: number): boolean {
    const before = start > first ? this.#program.classOf[bytes[start - 1]!]! : this.#classes;
    let state = this.#behind[index * (this.#classes + 1) + before]!;
    if (state === 0) state = this.#makeBehind(index, before);
    if (state < 0) return state === PASS;
    return this.#goOn(bytes, state, start, behind, end);
  }

  /** The kinds of bytes that may stand beside a literal: as bits, see `side.ts`. */
  sidesOf(index: number): number {
    const literal = this.#literals[index]!;
    const behind = this.#over(literal, this.#begin(), this.#isSaid);
    if (behind === FAIL) return 0;
    // First what follows: making other states may forget this one.
    let after = behind === PASS ? ANY_SIDES >>> BEHIND_SHIFT : OTHER;
    if (behind > 0) for (const side of WORD_SIDES) if (this.#goesOnWith(behind, side)) after |= side;
    let before = OTHER;
    for (const side of WORD_SIDES)
      if (this.#over(literal, this.#behindSide(side), this.#isSaid) !== FAIL) before |= side;
    return before | (after << BEHIND_SHIFT);
  }

  /** How many bytes behind a literal there is a digit at the latest, if there is a match; 0 if there need be none. */
  digitWithin(index: number): number {
    const state = this.#over(this.#literals[index]!, this.#begin(), this.#isSaid);
    if (state < 0) return 0;
    const from = this.#states.itemsOf(state);
    const items = this.#states.items.subarray(from, from + this.#states.countOf(state));
    // Behind most literals of a rule the same follows.
    const key = items.join();
    let within = this.#within.get(key);
    if (within === undefined) {
      within = digitWithin(this.#program, this.#kinds, items, this.#literals[index]!.bytes.length);
      this.#within.set(key, within);
    }
    return within;
  }

  /** @param from where a match that is looked for has begun at the latest */
  #goOn(bytes: Uint8Array, state: number, from: number, begin: number, end: number): boolean {
    const { classOf } = this.#program;
    const { stride } = this.#states;
    let { table } = this.#states;
    let current = state;
    for (let at = begin; at < end; ) {
      const stop = Math.min(at + STRETCH, end);
      for (; at < stop; at++) {
        const byteClass = classOf[bytes[at]!]!;
        let next = table[current * stride + byteClass]!;
        if (next <= 0) {
          if (next === 0) {
            next = this.#make(current, 0, byteClass);
            table = this.#states.table;
          }
          if (next < 0) {
            this.steps += at - begin;
            return next === PASS;
          }
        }
        current = next;
      }
      if (at - from >= this.#endOf(current)) {
        this.steps += at - begin;
        return false;
      }
    }
    this.steps += end - begin;
    return true;
  }

  /** So many bytes a match has at most that goes on from a state. */
  #endOf(state: number): number {
    const known = this.#states.endOf(state);
    if (known !== 0) return known;
    const { latest } = this.#program;
    const from = this.#states.itemsOf(state);
    // One more, so that it is never 0.
    let end = 1;
    for (let i = from + this.#states.countOf(state) - 1; i >= from; i--) {
      end = Math.max(end, Math.min(latest[this.#states.items[i]!]! + 1, NO_END));
    }
    this.#states.setEnd(state, end);
    return end;
  }

  /** The state of which nothing is known but that something may have begun. */
  #begin(): number {
    if (this.#first !== 0) return this.#first;
    const { operations } = this.#program;
    this.#length = 0;
    for (let at = 0; at < operations.length; at++) if (operations[at] === SET) this.#reached[this.#length++] = at;
    this.#first = this.#states.find(this.#reached, this.#length, NO_CONTEXT);
    if (this.#first !== 0) return this.#first;
    this.#clear();
    return this.#begin();
  }

  /** Makes a transition: in the lane behind the place, or in that before it, where matches may still begin. */
  #make(state: number, lane: number, byteClass: number): number {
    const { examples, contextOf, start } = this.#program;
    const byte = examples[byteClass]!;
    const isBefore = lane !== 0;
    this.#step(state, byte, -1, false);
    // A match that ends before the place does not cover it.
    const matched = this.#matched && !isBefore;
    if (isBefore) this.#add(start, contextOf[byte]!, UNKNOWN);
    let next = PASS;
    if (!matched) next = this.#length === 0 && !isBefore ? FAIL : this.#find(contextOf[byte]!);
    if (next === 0) return this.#clear();
    if (lane < this.#states.stride) this.#states.table[state * this.#states.stride + lane + byteClass] = next;
    return next;
  }

  /** The state behind a literal, by class of the byte before it. */
  #makeBehind(index: number, byteClass: number): number {
    const begin = this.#begin();
    const before = byteClass === this.#classes ? begin : this.#make(begin, this.#classes, byteClass);
    const state = this.#over(this.#literals[index]!, before, this.#isSaid);
    this.#behind[index * (this.#classes + 1) + byteClass] = state;
    return state;
  }

  /** The state behind a literal from `before` on, in `narrow` sets only or in any. */
  #over({ bytes, ignoreCase }: Literal, before: number, narrow: boolean): number {
    let state = before;
    for (let i = 0; state > 0 && i < bytes.length; i++) {
      const byte = bytes[i]!;
      const other = ignoreCase ? otherCase(byte) : -1;
      this.#step(state, byte, other, narrow);
      if (this.#matched && i === bytes.length - 1) return PASS;
      if (this.#length === 0) return FAIL;
      state = this.#find(this.#program.contextOf[byte]!) || this.#clear();
    }
    return state;
  }

  /** What may have begun, or begins, behind a byte of this kind. */
  #behindSide(side: number): number {
    const { operations, contextOf, first, second, start } = this.#program;
    const context = contextOf[SIDE_OF.indexOf(side)]!;
    this.#reset();
    for (let at = 0; at < operations.length; at++) {
      if (operations[at] === SET && (this.#kinds[second[at]!]! & side) !== 0) this.#add(first[at]!, context, UNKNOWN);
    }
    this.#add(start, context, UNKNOWN);
    return this.#find(context) || this.#clear();
  }

  /** Whether anything in a state takes a byte of this kind. What words end at is the same before all of its bytes. */
  #goesOnWith(state: number, side: number): boolean {
    const { second } = this.#program;
    const count = this.#resolve(state, SIDE_OF.indexOf(side));
    return this.#matched || this.#known.subarray(0, count).some((item) => (this.#kinds[second[item]!]! & side) !== 0);
  }

  /** There is no room for another state: all are forgotten. What was asked is answered with yes. */
  #clear(): number {
    this.#states.clear();
    this.#first = 0;
    this.#behind.fill(0);
    return PASS;
  }

  /** Puts into `#reached` what is reached from a state over a byte, or over its other case. */
  #step(state: number, byte: number, other: number, narrow: boolean): void {
    const { classOf, contextOf, accepts, first, second } = this.#program;
    const classes = this.#classes;
    const count = this.#resolve(state, byte);
    const matched = this.#matched;
    this.#reset();
    for (let i = 0; i < count; i++) {
      const item = this.#known[i]!;
      const set = second[item]!;
      if (narrow && this.#narrow[set] === 0) continue;
      const row = set * classes;
      if (accepts[row + classOf[byte]!] === 1 || (other >= 0 && accepts[row + classOf[other]!] === 1)) {
        this.#add(first[item]!, contextOf[byte]!, UNKNOWN);
      }
    }
    this.#matched ||= matched;
    this.steps += count + this.#length;
  }

  #find(context: number): number {
    const { operations } = this.#program;
    const items = this.#reached.subarray(0, this.#length).sort();
    const waits = items.some((item) => operations[item] === ASSERT);
    return this.#states.find(items, items.length, waits ? context : NO_CONTEXT);
  }

  /** Puts the sets that a state waits in into `#known`, its assertions decided by the next byte; returns how many. */
  #resolve(state: number, byte: number): number {
    const { operations } = this.#program;
    const { items } = this.#states;
    const begin = this.#states.itemsOf(state);
    const count = this.#states.countOf(state);
    const context = this.#states.contextOf(state);
    this.#reset();
    if (context === NO_CONTEXT) {
      this.#known.set(items.subarray(begin, begin + count));
      return count;
    }
    for (let index = begin; index < begin + count; index++) this.#add(items[index]!, context, byte);
    let sets = 0;
    for (let i = 0; i < this.#length; i++) {
      const item = this.#reached[i]!;
      if (operations[item] === SET) this.#known[sets++] = item;
    }
    return sets;
  }

  #reset(): void {
    this.#length = 0;
    this.#matched = false;
    if (this.#generation === LAST_GENERATION) {
      this.#seen.fill(0);
      this.#generation = 0;
    }
    this.#generation += 1;
  }

  /** Adds what is reachable from `from` without a byte, between `before` (AFTER_…) and `next`, a byte or UNKNOWN. */
  #add(from: number, before: number, next: number): void {
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
          this.#reached[this.#length++] = at;
          break;
        case ASSERT:
          if (next !== UNKNOWN || !looksAhead(second[at]!)) {
            if (holds(second[at]!, before, next)) open[count++] = first[at]!;
          } else {
            this.#reached[this.#length++] = at;
          }
          break;
        case MATCH:
          this.#matched = true;
          break;
      }
    }
  }
}

function kindsOf({ classOf, examples, accepts }: Program): Uint8Array {
  const classes = examples.length;
  const ofClass = new Uint8Array(classes);
  classOf.forEach((byteClass, byte) => {
    ofClass[byteClass]! |= SIDE_OF[byte]!;
  });
  const kinds = new Uint8Array(accepts.length / classes);
  for (let i = 0; i < accepts.length; i++)
    if (accepts[i] === 1) kinds[Math.floor(i / classes)]! |= ofClass[i % classes]!;
  return kinds;
}
