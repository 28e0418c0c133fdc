import { backtrack, mayBacktrack } from './backtrack.js';
import { capture } from './captures.js';
import { END_OF_TEXT, InstructionSet, UNKNOWN } from './closure.js';
import { AFTER_NOTHING, AFTER_OTHER, CONTEXTS, type Program, SET } from './program.js';
import { type StateMemory, States } from './states.js';

/** What `match` answers. */
export const NO_MATCH = 0;
export const MATCH = 1;
export const MORE = 2;

/*
 * What a transition over the byte at p does besides going to a state. Whether a match ends at p is known at once, unless an
 * assertion waits for the next byte: then the transition over that byte says so.
 */
/** A match ends before the byte. */
const BEFORE = 1;
/** A match ends behind the byte. */
const BEHIND = 2;
/** No other match can follow that would be preferred. */
const DEAD = 4;
/** All that was begun has failed; the state holds only what begins behind the byte. */
const FRESH = 8;
const FLAG_BITS = 4;
const FLAGS = 15;

/** Whether a match ends in a state at the end of the text: not asked yet, no, yes. */
const END_MATCHES = 2;
const END_FAILS = 1;

/**
 * Context of a state in which no assertion waits for the next byte: what stood before does not matter, and its items are what
 * waits for the byte. Those of the other states are where to begin once the byte is known.
 */
const NO_CONTEXT = CONTEXTS;

/** Scratch memory, shared by all expressions: a search is never interrupted by another one. */
const resolved = /* @__PURE__ */ new InstructionSet();
const reached = /* @__PURE__ */ new InstructionSet();

/**
 * Leftmost-first search with a DFA that is made while it runs. A state is an ordered set of instructions; the order is that of
 * preference, so what stands behind MATCH is dropped, and the search ends when nothing preferred is left.
 *
 *   from ........ to ................ end
 *   ├ another    ─┤ only what has      ┤ MORE, unless nothing is left or nothing follows
 *     match may     begun goes on
 *     begin
 */
export class Dfa {
  readonly #program: Program;
  readonly #states: States;
  readonly #classes: number;
  /** A match has at least one byte, so it begins with one of `program.begins`. */
  readonly #skips: boolean;
  /** The state in which a match begins, by what stands before. 0: not made yet. */
  readonly #starts = new Int32Array(CONTEXTS);
  readonly #spans: Int32Array;
  /** How often all states were forgotten. */
  #cleared = 0;
  /** Bytes and instructions looked at so far: the measure of work that is linear in the length of the text. */
  steps = 0;

  constructor(program: Program, minLength: number, spans: Int32Array, memory: StateMemory | undefined) {
    this.#program = program;
    this.#classes = program.examples.length;
    this.#states = new States<Int32Array<ArrayBuffer>>(
      Int32Array,
      2 * this.#classes,
      program.operations.length,
      memory,
    );
    this.#skips = minLength > 0;
    this.#spans = spans;
  }

  /** See `Regex.match`. */
  match(
    bytes: Uint8Array,
    from: number,
    to: number,
    end: number,
    atStart: boolean,
    final: boolean,
    least: number,
  ): number {
    if (from > to) return NO_MATCH;
    if (from > end) return final ? NO_MATCH : MORE;
    const { classOf, contextOf, begins } = this.#program;
    const states = this.#states;
    const last = Math.min(to, end);
    let at = from;
    if (this.#skips) {
      const stop = last < end ? last + 1 : end;
      while (at < stop && begins[bytes[at]!] === 0) at++;
      if (at > last) return this.#answer(NO_MATCH, at - from);
    }
    /** Until `limit`, transitions of `lane`: those behind which another match may begin, and from `last` on the others. */
    let lane = at < last ? this.#classes : 0;
    let limit = lane === 0 ? end : last;
    let base = at;
    let found = -1;
    let state = 0;
    let word = this.#start(at > 0 ? contextOf[bytes[at - 1]!]! : atStart ? AFTER_NOTHING : AFTER_OTHER);
    let { table } = states;
    const { stride } = states;
    for (;;) {
      if (word > 0) {
        state = word;
      } else {
        const flags = ~word & FLAGS;
        state = ~word >>> FLAG_BITS;
        if ((flags & FRESH) !== 0) {
          if (lane !== 0 && this.#skips) {
            const began = at;
            while (at < last && begins[bytes[at]!] === 0) at++;
            if (at > began) state = ~this.#start(contextOf[bytes[at - 1]!]!) >>> FLAG_BITS;
            table = states.table;
          }
          base = at;
        }
        if ((flags & BEFORE) !== 0) found = at - 1;
        if ((flags & BEHIND) !== 0) found = at;
        if ((flags & DEAD) !== 0) break;
        if (found >= 0 && lane !== 0) {
          lane = 0;
          limit = end;
        }
      }
      if (at === limit) {
        if (found < 0 && states.countOf(state) === 0 && !(to > end && !final && this.#mayBegin())) break;
        lane = 0;
        limit = end;
        if (at === end) {
          if (!final) return this.#answer(MORE, at - from);
          if (this.#matchesAtEnd(state)) found = end;
          break;
        }
      }
      const byteClass = classOf[bytes[at]!]!;
      word = table[state * stride + lane + byteClass]!;
      if (word === 0) {
        word = this.#step(state, lane, byteClass);
        table = states.table;
      }
      at++;
    }
    if (found < 0) return this.#answer(NO_MATCH, at - from);
    const begin = base === to ? base : this.#beginOf(bytes, base, to, found, end, atStart);
    if (begin >= 0 && (this.#spans.length === 2 || found < least)) {
      this.#spans[0] = begin;
      this.#spans[1] = found;
    } else {
      const least = begin < 0 ? base : begin;
      const most = begin < 0 ? to : begin;
      const groups = mayBacktrack(this.#program, found - least) ? backtrack : capture;
      this.steps += groups(this.#program, bytes, least, most, found, end, atStart, this.#spans);
    }
    return this.#answer(MATCH, at - from);
  }

  /**
   * Where in [base, to] the match begins that ends at `found`: at the first position from which there is any match. Most others
   * fail within a byte or two; if they do not, gives up and returns -1 before this takes more time than the search did.
   */
  #beginOf(bytes: Uint8Array, base: number, to: number, found: number, end: number, atStart: boolean): number {
    const { classOf, contextOf, begins } = this.#program;
    const last = Math.min(to, found);
    const limit = Math.min(found + 1, end);
    let budget = 2 * (limit - base) + 16;
    const allowed = budget;
    for (let begin = base; begin <= last && budget > 0; begin++) {
      if (this.#skips && begins[bytes[begin]!] === 0) continue;
      let word = this.#start(begin > 0 ? contextOf[bytes[begin - 1]!]! : atStart ? AFTER_NOTHING : AFTER_OTHER);
      for (let at = begin; budget > 0; at++, budget--) {
        const flags = word > 0 ? 0 : ~word & FLAGS;
        const state = word > 0 ? word : ~word >>> FLAG_BITS;
        if ((flags & (BEFORE | BEHIND)) !== 0 || (at === end && this.#matchesAtEnd(state))) {
          this.steps += allowed - budget;
          return begin;
        }
        if ((flags & DEAD) !== 0 || at === limit) break;
        const byteClass = classOf[bytes[at]!]!;
        word = this.#states.table[state * this.#states.stride + byteClass]!;
        if (word === 0) word = this.#step(state, 0, byteClass);
      }
    }
    this.steps += allowed - budget;
    return -1;
  }

  #answer(verdict: number, bytes: number): number {
    this.steps += bytes;
    return verdict;
  }

  /** The transition to where a match begins, `before` (AFTER_…) what stands there. */
  #start(before: number): number {
    const known = this.#starts[before]!;
    if (known !== 0) return known;
    const made = reached.work;
    reached.reset(this.#program);
    reached.add(this.#program, this.#program.start, before, UNKNOWN);
    const word = this.#transition(FRESH, before);
    this.#starts[before] = word;
    this.steps += reached.work - made;
    return word;
  }

  /** Whether a match can begin at all behind the start of the text. */
  #mayBegin(): boolean {
    for (let before = 1; before < CONTEXTS; before++) {
      if (this.#states.countOf(~this.#start(before) >>> FLAG_BITS) > 0) return true;
    }
    return false;
  }

  /** Makes the transition of a state over a class of bytes. */
  #step(state: number, lane: number, byteClass: number): number {
    const program = this.#program;
    const { operations, first, second, accepts } = program;
    const byte = program.examples[byteClass]!;
    const behind = program.contextOf[byte]!;
    const made = resolved.work + reached.work;
    const known = !this.#resolve(state, byte);
    const items = known ? this.#states.items : resolved.items;
    const begin = known ? this.#states.itemsOf(state) : 0;
    const count = known ? this.#states.countOf(state) : resolved.length;
    let flags = !known && resolved.matched ? BEFORE : 0;
    reached.reset(program);
    for (let index = begin; index < begin + count && !reached.matched; index++) {
      const item = items[index]!;
      if (operations[item] === SET && accepts[second[item]! * this.#classes + byteClass] === 1) {
        reached.add(program, first[item]!, behind, UNKNOWN);
      }
    }
    if (lane !== 0 && flags === 0) {
      if (reached.length === 0) flags = FRESH;
      reached.add(program, program.start, behind, UNKNOWN);
    } else if (reached.length === 0) {
      flags |= DEAD;
    }
    const cleared = this.#cleared;
    const word = this.#transition(flags, behind);
    if (cleared === this.#cleared) this.#states.table[state * this.#states.stride + lane + byteClass] = word;
    this.steps += count + resolved.work + reached.work - made;
    return word;
  }

  /** Puts into `resolved` what a state is once its assertions know the next byte. False if none of them waits for it. */
  #resolve(state: number, next: number): boolean {
    const states = this.#states;
    const before = states.contextOf(state);
    if (before === NO_CONTEXT) return false;
    const begin = states.itemsOf(state);
    const count = states.countOf(state);
    resolved.reset(this.#program);
    for (let index = begin; index < begin + count; index++) {
      resolved.add(this.#program, states.items[index]!, before, next);
    }
    return true;
  }

  /** A transition to what `reached` holds, which stands behind `behind`. */
  #transition(flags: number, behind: number): number {
    let all = flags;
    if (reached.matched) all |= reached.length === 1 ? BEHIND | DEAD : BEHIND;
    let state = this.#find(behind);
    if (state === 0) {
      this.#states.clear();
      this.#starts.fill(0);
      this.#cleared++;
      state = this.#find(behind);
    }
    return all === 0 ? state : ~((state << FLAG_BITS) | all);
  }

  #find(behind: number): number {
    if (reached.pending) return this.#states.find(reached.entries, reached.entryCount, behind);
    return this.#states.find(reached.items, reached.length, NO_CONTEXT);
  }

  #matchesAtEnd(state: number): boolean {
    const known = this.#states.endOf(state);
    if (known !== 0) return known === END_MATCHES;
    const made = resolved.work;
    const matches = this.#resolve(state, END_OF_TEXT) && resolved.matched;
    this.#states.setEnd(state, matches ? END_MATCHES : END_FAILS);
    this.steps += resolved.work - made;
    return matches;
  }
}
