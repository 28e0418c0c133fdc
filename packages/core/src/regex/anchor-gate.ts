import { UNKNOWN } from './closure.js';
import { Moves, STRETCH } from './moves.js';
import { parse } from './parse.js';
import { compileAll, MATCH, type Program } from './program.js';
import type { StateMemory } from './states.js';

/**
 * What a transition leads to: 0 if it is not made yet, a state, or FAIL. To a state in which a match has ended it is negative: MATCHED
 * less the state.
 */
const FAIL = -1;
const MATCHED = -1;

/** Expressions beyond so many share a bit. */
const MOST_BITS = 31;
/** All expressions. */
export const ALL = -1;

/** Whether the expression of this number is among those that `mayCover` tells. */
export function isAmong(bits: number, number: number): boolean {
  return ((bits >>> Math.min(number, MOST_BITS - 1)) & 1) === 1;
}

/**
 * Tells which of some expressions may have a match that covers a place, as `Gate` tells it of one and a literal. Most places are passed
 * over for all of them at once; elsewhere few of many expressions are left.
 *
 *   from           place                     end
 *   ├ every set at ├ what is left after each ┤ those that have ended a match,
 *     once, and      byte, until nothing is     and those that go on
 *     every start
 */
export class AnchorGate {
  readonly #program: Program;
  readonly #classes: number;
  readonly #moves: Moves;
  /** Of each instruction, the bit of its expression. */
  readonly #bits: Int32Array;
  readonly #all: number;
  #bytes = 0;

  /** @throws RegexError */
  constructor(sources: readonly string[], memory?: StateMemory) {
    const program = compileAll(
      sources.map((source) => parse(source, false).tree),
      true,
    );
    this.#program = program;
    this.#classes = program.examples.length;
    this.#moves = new Moves(program, 2, memory);
    this.#all = 2 ** Math.min(sources.length, MOST_BITS) - 1;
    let bit = 0;
    this.#bits = Int32Array.from(program.operations, (operation, at) => {
      if (operation === MATCH) bit = 1 << Math.min(program.second[at]!, MOST_BITS - 1);
      return bit;
    });
  }

  /** Bytes and instructions looked at so far. */
  get steps(): number {
    return this.#bytes + this.#moves.steps;
  }

  /**
   * The expressions of which a match may cover bytes[place], as bits by their number, those from the 31st on as one. The bytes in
   * [from, place) are known, too; what is at or behind `end` is not.
   */
  mayCover(bytes: Uint8Array, from: number, place: number, end: number): number {
    const { classOf } = this.#program;
    const { states } = this.#moves;
    const { stride } = states;
    let state = this.#begin();
    this.#bytes += place - from;
    for (let at = from; at < place; at++) {
      const lane = this.#classes + classOf[bytes[at]!]!;
      state = states.table[state * stride + lane]! || this.#makeBefore(state, classOf[bytes[at]!]!);
      if (state === 0) return ALL;
    }
    let { table } = states;
    let found = 0;
    for (let at = place; at < end; ) {
      const stop = Math.min(at + STRETCH, end);
      for (; at < stop; at++) {
        const byteClass = classOf[bytes[at]!]!;
        let next = table[state * stride + byteClass]!;
        if (next <= 0) {
          if (next === 0) {
            next = this.#make(state, byteClass);
            table = states.table;
            if (next === 0) return ALL;
          }
          if (next < 0) {
            if (next === FAIL) {
              this.#bytes += at - place;
              return found;
            }
            next = MATCHED - next;
            found |= this.#bitsOf(next, true);
            if (found === this.#all) {
              this.#bytes += at - place;
              return found;
            }
          }
        }
        state = next;
      }
      const isOver = at - place >= this.#moves.endOf(state);
      if (isOver || (found !== 0 && (this.#bitsOf(state, false) & ~found) === 0)) {
        this.#bytes += at - place;
        return found;
      }
    }
    this.#bytes += end - place;
    return found | this.#bitsOf(state, false);
  }

  /** The expressions that have ended a match in a state, or those that may go on. */
  #bitsOf(state: number, matched: boolean): number {
    const { operations } = this.#program;
    const { states } = this.#moves;
    const begin = states.itemsOf(state);
    const end = begin + states.countOf(state);
    let bits = 0;
    for (let i = begin; i < end; i++) {
      const item = states.items[i]!;
      if ((operations[item] === MATCH) === matched) bits |= this.#bits[item]!;
    }
    return bits;
  }

  #begin(): number {
    const first = this.#moves.begin();
    if (first !== 0) return first;
    this.#clear();
    return this.#moves.begin();
  }

  /** The transition in front of the place, where matches may begin, and none that ends counts; 0 if there is no room. */
  #makeBefore(state: number, byteClass: number): number {
    const { examples, contextOf, operations, start } = this.#program;
    const byte = examples[byteClass]!;
    const moves = this.#moves;
    moves.step(state, byte, -1);
    moves.add(start, contextOf[byte]!, UNKNOWN);
    let length = 0;
    for (let i = 0; i < moves.length; i++) {
      const item = moves.reached[i]!;
      if (operations[item] !== MATCH) moves.reached[length++] = item;
    }
    moves.length = length;
    return this.#keep(state, this.#classes + byteClass, moves.find(contextOf[byte]!), false);
  }

  /** The transition behind the place; 0 if there is no room. */
  #make(state: number, byteClass: number): number {
    const { examples, contextOf } = this.#program;
    const byte = examples[byteClass]!;
    const moves = this.#moves;
    moves.step(state, byte, -1);
    const next = moves.length === 0 ? FAIL : moves.find(contextOf[byte]!);
    return this.#keep(state, byteClass, next, moves.matched);
  }

  #keep(state: number, transition: number, next: number, matched: boolean): number {
    const { states } = this.#moves;
    if (next === 0) return this.#clear();
    const word = matched ? MATCHED - next : next;
    states.table[state * states.stride + transition] = word;
    return word;
  }

  /** There is no room for another state: all are forgotten. */
  #clear(): 0 {
    this.#moves.clear();
    return 0;
  }
}
