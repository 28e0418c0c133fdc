import { type ByteSet, complement, forEach, has, single, sizeOf, WORD } from './byte-set.js';
import { LINE_END, LINE_START, NO_WORD_BORDER, type Node, TEXT_END, TEXT_START, WORD_BORDER } from './syntax.js';

/**
 * A program for a Thompson automaton. An instruction is three numbers:
 *
 *   operation  first                 second
 *   SET        next instruction      number of the set that the byte must be in
 *   SPLIT      next, preferred       next, otherwise
 *   SAVE       next                  capture slot (2g begins group g, 2g + 1 ends it)
 *   ASSERT     next                  assertion of syntax.ts
 *   MATCH      -                     number of the expression, of several
 */
export const SET = 0;
export const SPLIT = 1;
export const SAVE = 2;
export const ASSERT = 3;
export const MATCH = 4;

/** What stands before a position, as far as an assertion can tell. */
export const AFTER_NOTHING = 0;
export const AFTER_NEWLINE = 1;
export const AFTER_WORD = 2;
export const AFTER_OTHER = 3;
export const CONTEXTS = 4;

export interface Program {
  readonly operations: Uint8Array;
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly start: number;
  /** Bytes that no set and no assertion tells apart are one class: class of each byte, and one byte of each class. */
  readonly classOf: Uint8Array;
  readonly examples: Uint8Array;
  /** 1 at `set * examples.length + class` if the class is in the set. */
  readonly accepts: Uint8Array;
  /** What stands behind each byte: AFTER_NEWLINE, AFTER_WORD or AFTER_OTHER, and AFTER_OTHER where no assertion cares. */
  readonly contextOf: Uint8Array;
  /** 1 for each byte that can begin a match. */
  readonly begins: Uint8Array;
  /** The most bytes that a match may have before each instruction; Infinity if there is no limit. */
  readonly latest: Float64Array;
}

/** Whether an assertion holds between what is `before` (AFTER_…) and `next`: a byte, or -1 for the end of the text. */
export function holds(assertion: number, before: number, next: number): boolean {
  switch (assertion) {
    case TEXT_START:
      return before === AFTER_NOTHING;
    case LINE_START:
      return before === AFTER_NOTHING || before === AFTER_NEWLINE;
    case TEXT_END:
      return next < 0;
    case LINE_END:
      return next < 0 || next === 0x0a;
    default: {
      const border = (before === AFTER_WORD) !== (next >= 0 && has(WORD, next));
      return border === (assertion === WORD_BORDER);
    }
  }
}

/** Whether the next byte must be known to say if the assertion holds. */
export function looksAhead(assertion: number): boolean {
  return assertion !== TEXT_START && assertion !== LINE_START;
}

export function compile(tree: Node): Program {
  return compileAll([tree], false);
}

/**
 * Compiles expressions of which any may match: the instructions of each begin with its MATCH.
 * @param loosely for gates: a byte that may be repeated many times more than it must be is not counted. Only `latest` tells then how long
 * that may last.
 */
export function compileAll(trees: readonly Node[], loosely: boolean): Program {
  const emitter = new Emitter(
    trees.reduce((sum, tree) => sum + tree.instructions + 2, 0),
    loosely,
  );
  const starts = trees.map((tree, number) => emitter.emit(tree, emitter.add(MATCH, 0, number, tree.most), 0));
  return emitter.finish(starts.reduceRight((otherwise, start) => emitter.add(SPLIT, start, otherwise, 0)));
}

/**
 * Optional bytes of one kind, of which so many or more in a row are a loop where it need not be exact. What is longer than a byte is counted:
 * it is seldom repeated often.
 */
const LOOSE = 4;

/** Emits from the end to the beginning, so that what comes next is always known. */
class Emitter {
  #operations: Uint8Array;
  #first: Int32Array;
  #second: Int32Array;
  #latest: Float64Array;
  #length = 0;
  readonly #sets: ByteSet[] = [];
  readonly #setNumbers = new Map<ByteSet | string, number>();
  #words = false;
  #lines = false;

  constructor(
    capacity: number,
    readonly loosely: boolean,
  ) {
    this.#operations = new Uint8Array(capacity);
    this.#first = new Int32Array(capacity);
    this.#second = new Int32Array(capacity);
    this.#latest = new Float64Array(capacity);
  }

  /** @param before the most bytes that stand before the instruction */
  add(operation: number, first: number, second: number, before: number): number {
    const at = this.#length++;
    this.#operations[at] = operation;
    this.#first[at] = first;
    this.#second[at] = second;
    this.#latest[at] = before;
    return at;
  }

  /** Emits `node`, then `next`; returns where it begins. At most `before` bytes stand before it. */
  emit(node: Node, next: number, before: number): number {
    switch (node.type) {
      case 'empty':
        return next;
      case 'set':
        return this.add(SET, next, this.#numberOf(node.set), before);
      case 'assert':
        this.#words ||= node.assertion === WORD_BORDER || node.assertion === NO_WORD_BORDER;
        this.#lines ||= node.assertion === LINE_START || node.assertion === LINE_END;
        return this.add(ASSERT, next, node.assertion, before);
      case 'group': {
        const end = this.add(SAVE, next, 2 * node.index + 1, before + node.most);
        return this.add(SAVE, this.emit(node.body, end, before), 2 * node.index, before);
      }
      case 'sequence': {
        const befores: number[] = [];
        node.parts.reduce((sum, part) => {
          befores.push(sum);
          return sum + part.most;
        }, before);
        return node.parts.reduceRight((behind, part, i) => this.emit(part, behind, befores[i]!), next);
      }
      case 'choice': {
        const starts = node.parts.map((part) => this.emit(part, next, before));
        return starts.reduceRight((otherwise, preferred) => this.add(SPLIT, preferred, otherwise, before));
      }
      case 'repeat':
        return this.#repeat(node, next, before);
    }
  }

  #repeat(node: Node & { type: 'repeat' }, next: number, before: number): number {
    const { body, min, greedy } = node;
    /** Before the last copy. */
    const last = node.most === Number.POSITIVE_INFINITY ? node.most : before + node.most - body.least;
    const uncounted = this.loosely && body.most === 1 && node.max - min >= LOOSE && last < Number.POSITIVE_INFINITY;
    const max = uncounted ? Number.POSITIVE_INFINITY : node.max;
    let at = next;
    let copies = min;
    if (max < Number.POSITIVE_INFINITY) {
      for (let optional = max - min; optional > 0; optional--) {
        at = this.#option(this.emit(body, at, last), next, greedy, last);
      }
    } else {
      const loop = this.add(SPLIT, 0, 0, last);
      const inside = this.emit(body, loop, last);
      this.#first[loop] = greedy ? inside : next;
      this.#second[loop] = greedy ? next : inside;
      if (copies > 0) {
        at = inside;
        copies--;
      } else {
        // What can be empty is tried once before the loop is left, as (x+)?: else x* would match less than x+ does.
        at = body.least === 0 ? this.#option(inside, next, greedy, last) : loop;
      }
    }
    for (; copies > 0; copies--) at = this.emit(body, at, last);
    return at;
  }

  #option(inside: number, next: number, greedy: boolean, before: number): number {
    return this.add(SPLIT, greedy ? inside : next, greedy ? next : inside, before);
  }

  #numberOf(set: ByteSet): number {
    const known = this.#setNumbers.get(set);
    if (known !== undefined) return known;
    const content = set.join();
    const number = this.#setNumbers.get(content) ?? this.#sets.push(set) - 1;
    this.#setNumbers.set(content, number);
    this.#setNumbers.set(set, number);
    return number;
  }

  finish(start: number): Program {
    const distinguished = [...this.#sets];
    if (this.#words) distinguished.push(WORD);
    if (this.#lines) distinguished.push(single(0x0a));
    const { classOf, examples } = classes(distinguished);
    const accepts = new Uint8Array(this.#sets.length * examples.length);
    this.#sets.forEach((set, number) => {
      examples.forEach((byte, index) => {
        accepts[number * examples.length + index] = has(set, byte) ? 1 : 0;
      });
    });
    const contextOf = new Uint8Array(256).fill(AFTER_OTHER);
    if (this.#words) {
      forEach(WORD, (byte) => {
        contextOf[byte] = AFTER_WORD;
      });
    }
    if (this.#lines) contextOf[0x0a] = AFTER_NEWLINE;
    const operations = this.#operations.slice(0, this.#length);
    const first = this.#first.slice(0, this.#length);
    const second = this.#second.slice(0, this.#length);
    const latest = this.#latest.slice(0, this.#length);
    const begins = this.#begins(start);
    return { operations, first, second, start, classOf, examples, accepts, contextOf, begins, latest };
  }

  /** The bytes that instructions reachable without one accept, taking every assertion for true. */
  #begins(start: number): Uint8Array {
    const begins = new Uint8Array(256);
    const seen = new Uint8Array(this.#length);
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen[at] === 1) continue;
      seen[at] = 1;
      const operation = this.#operations[at];
      if (operation === SET) {
        forEach(this.#sets[this.#second[at]!]!, (byte) => {
          begins[byte] = 1;
        });
      } else if (operation !== MATCH) {
        open.push(this.#first[at]!);
        if (operation === SPLIT) open.push(this.#second[at]!);
      }
    }
    return begins;
  }
}

/** The coarsest classes that the sets do not cut. */
function classes(sets: readonly ByteSet[]): { classOf: Uint8Array; examples: Uint8Array } {
  const classOf = new Uint8Array(256);
  const size = new Int16Array(256);
  const inside = new Int16Array(256);
  const split = new Int16Array(256);
  let count = 1;
  size[0] = 256;
  for (const set of sets) {
    // A set cuts as its complement does, so the smaller of the two will do.
    const cut = sizeOf(set) > 128 ? complement(set) : set;
    inside.fill(0, 0, count);
    split.fill(-1, 0, count);
    forEach(cut, (byte) => {
      inside[classOf[byte]!]! += 1;
    });
    forEach(cut, (byte) => {
      const old = classOf[byte]!;
      if (inside[old] === size[old]) return;
      if (split[old] === -1) split[old] = count++;
      classOf[byte] = split[old]!;
    });
    for (let old = 0; old < count; old++) {
      if (split[old]! <= old) continue;
      size[split[old]!] = inside[old]!;
      size[old]! -= inside[old]!;
    }
  }
  const examples = new Uint8Array(count);
  for (let byte = 255; byte >= 0; byte--) examples[classOf[byte]!] = byte;
  return { classOf, examples };
}
