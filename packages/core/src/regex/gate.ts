import { UNKNOWN } from './closure.js';
import { Moves, STRETCH } from './moves.js';
import { digitWithin } from './need.js';
import { parse } from './parse.js';
import { compileAll, type Program, SET } from './program.js';
import { type Literal, narrowSets, otherCase, saysOneOf } from './said.js';
import { ANY_SIDES, BEHIND_SHIFT, OTHER, SIDE_OF, WORD_SIDES } from './side.js';
import type { StateMemory } from './states.js';

/** What a transition leads to, if not to a state. 0: not made yet. */
const PASS = -1;
const FAIL = -2;

/**
 * Tells of most places of a literal, in a few steps, that no match of an expression holds it there. It knows but the byte in front, and so
 * takes a match for begun in every way that it could have; what lies beyond the bytes that are there it takes for what is wanted. So its
 * no is certain, and its yes is not.
 *
 *   front           literal      end
 *   ├ every set,    ├ what is    ┤ yes, unless nothing is left;
 *     every start     left         yes before, when a match ends
 *
 * Of an expression that says one of its literals in every match, a literal must moreover be what is said, and not lie in something wider
 * that is taken.
 *
 * A lazy DFA like that of `Dfa`, over sets of instructions without an order. It does not count the bytes of a
 * long gap, which would take a state for each number: it knows when all that is still going on would have to be over.
 */
export class Gate {
  readonly #program: Program;
  readonly #classes: number;
  readonly #moves: Moves;
  readonly #literals: readonly Literal[];
  /**
   * The states behind each literal, by class of the byte before, the last for none. 0: not made yet; PASS or FAIL: what follows does not
   * matter.
   */
  readonly #behind: Int16Array;
  readonly #within = new Map<string, number>();
  /** Sets in which the literals are said; `undefined` if they may be in any. */
  readonly #sets: Uint8Array | undefined;
  #bytes = 0;
  /** The kinds of bytes that are in each set; see `side.ts`. */
  readonly #kinds: Uint8Array;

  /**
   * @param literals of which every match contains one
   * @throws RegexError
   */
  constructor(source: string, literals: readonly Literal[], memory?: StateMemory) {
    const program = compileAll([parse(source, false).tree], true);
    this.#program = program;
    this.#classes = program.examples.length;
    const narrow = narrowSets(program);
    this.#kinds = kindsOf(program);
    this.#sets = saysOneOf(program, narrow, literals) ? narrow : undefined;
    this.#literals = literals;
    this.#behind = new Int16Array(literals.length * (this.#classes + 1));
    this.#moves = new Moves(program, 1, memory);
  }

  /** Bytes and instructions looked at so far. */
  get steps(): number {
    return this.#bytes + this.#moves.steps;
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
    const behind = this.#over(literal, this.#begin(), this.#sets);
    if (behind === FAIL) return 0;
    // First what follows: making other states may forget this one.
    let after = behind === PASS ? ANY_SIDES >>> BEHIND_SHIFT : OTHER;
    if (behind > 0) for (const side of WORD_SIDES) if (this.#goesOnWith(behind, side)) after |= side;
    let before = OTHER;
    for (const side of WORD_SIDES) if (this.#over(literal, this.#behindSide(side), this.#sets) !== FAIL) before |= side;
    return before | (after << BEHIND_SHIFT);
  }

  /** How many bytes behind a literal there is a digit at the latest, if there is a match; 0 if there need be none. */
  digitWithin(index: number): number {
    const state = this.#over(this.#literals[index]!, this.#begin(), this.#sets);
    if (state < 0) return 0;
    const { states } = this.#moves;
    const from = states.itemsOf(state);
    const items = states.items.subarray(from, from + states.countOf(state));
    const { length } = this.#literals[index]!.bytes;
    // Behind most literals of a rule the same follows.
    const key = `${length}: ${items.join()}`;
    let within = this.#within.get(key);
    if (within === undefined) {
      within = digitWithin(this.#program, this.#kinds, items, length);
      this.#within.set(key, within);
    }
    return within;
  }

  /** @param from where a match that is looked for has begun at the latest */
  #goOn(bytes: Uint8Array, state: number, from: number, begin: number, end: number): boolean {
    const { classOf } = this.#program;
    const { states } = this.#moves;
    const classes = this.#classes;
    let { table } = states;
    let current = state;
    for (let at = begin; at < end; ) {
      const stop = Math.min(at + STRETCH, end);
      for (; at < stop; at++) {
        const byteClass = classOf[bytes[at]!]!;
        let next = table[current * classes + byteClass]!;
        if (next <= 0) {
          if (next === 0) {
            next = this.#make(current, byteClass);
            table = states.table;
          }
          if (next < 0) {
            this.#bytes += at - begin;
            return next === PASS;
          }
        }
        current = next;
      }
      if (at - from >= this.#moves.endOf(current)) {
        this.#bytes += at - begin;
        return false;
      }
    }
    this.#bytes += end - begin;
    return true;
  }

  /** The state of which nothing is known but that something may have begun. */
  #begin(): number {
    const first = this.#moves.begin();
    if (first !== 0) return first;
    this.#clear();
    return this.#moves.begin();
  }

  #make(state: number, byteClass: number): number {
    const { examples, contextOf } = this.#program;
    const byte = examples[byteClass]!;
    const moves = this.#moves;
    moves.step(state, byte, -1);
    let next = PASS;
    if (!moves.matched) next = moves.length === 0 ? FAIL : moves.find(contextOf[byte]!);
    if (next === 0) return this.#clear();
    moves.states.table[state * this.#classes + byteClass] = next;
    return next;
  }

  /** The state behind a literal, by class of the byte before it. */
  #makeBehind(index: number, byteClass: number): number {
    const before = byteClass === this.#classes ? this.#begin() : this.#behindByte(this.#program.examples[byteClass]!);
    const state = this.#over(this.#literals[index]!, before, this.#sets);
    this.#behind[index * (this.#classes + 1) + byteClass] = state;
    return state;
  }

  /** The state behind a literal from `before` on, in these sets only or in any. */
  #over({ bytes, ignoreCase }: Literal, before: number, sets: Uint8Array | undefined): number {
    let state = before;
    for (let i = 0; state > 0 && i < bytes.length; i++) {
      const byte = bytes[i]!;
      const other = ignoreCase ? otherCase(byte) : -1;
      this.#moves.step(state, byte, other, sets);
      if (this.#moves.matched && i === bytes.length - 1) return PASS;
      if (this.#moves.length === 0) return FAIL;
      state = this.#moves.find(this.#program.contextOf[byte]!) || this.#clear();
    }
    return state;
  }

  /** What may have begun, or begins, behind a byte. */
  #behindByte(byte: number): number {
    const { contextOf, start } = this.#program;
    this.#moves.step(this.#begin(), byte, -1);
    this.#moves.add(start, contextOf[byte]!, UNKNOWN);
    return this.#moves.find(contextOf[byte]!) || this.#clear();
  }

  /** The same behind any byte of this kind. */
  #behindSide(side: number): number {
    const { operations, contextOf, first, second, start } = this.#program;
    const context = contextOf[SIDE_OF.indexOf(side)]!;
    this.#moves.reset();
    for (let at = 0; at < operations.length; at++) {
      if (operations[at] === SET && (this.#kinds[second[at]!]! & side) !== 0)
        this.#moves.add(first[at]!, context, UNKNOWN);
    }
    this.#moves.add(start, context, UNKNOWN);
    return this.#moves.find(context) || this.#clear();
  }

  /** Whether anything in a state takes a byte of this kind. What words end at is the same before all of its bytes. */
  #goesOnWith(state: number, side: number): boolean {
    const { second } = this.#program;
    const moves = this.#moves;
    const count = moves.resolve(state, SIDE_OF.indexOf(side));
    return moves.matched || moves.known(count).some((item) => (this.#kinds[second[item]!]! & side) !== 0);
  }

  /** There is no room for another state: all are forgotten. What was asked is answered with yes. */
  #clear(): number {
    this.#moves.clear();
    this.#behind.fill(0);
    return PASS;
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
