import type { EngineExports } from '../engine/wasm.js';
import type { CompiledPolicy } from '../policy/compiled.js';
import { ALL, isAmong } from '../regex/anchor-gate.js';
import { BEHIND_SHIFT, OTHER, SIDE_OF } from '../regex/side.js';
import type { EngineMemory } from '../sensor/memory.js';

/** Hits looked at per piece and byte, and in the shortest piece: time must be bounded by the number of bytes. */
const PER_BYTE = 4;
const AT_LEAST = 4096;

// Keys sort by start, then length; behind both stands the hit's place in the list.
const PLACES = 2 ** 19;
const LENGTHS = 8192;
const SHIFT = 8192;

/** Lists of rules that are kept for a kind of anchor. */
const MOST_LISTS = 256;

/**
 * Where literals and anchors were found in a piece. Positions are relative to the piece; a literal's may be negative.
 *
 * Kept in arrays that only grow: a piece without hits allocates nothing.
 */
export class Hits {
  count = 0;
  /** Some hits were left out: there were too many. */
  flooded = false;
  #starts = new Int32Array(256);
  #ends = new Int32Array(256);
  /** A literal's index, or minus an anchor's kind. */
  #sources = new Int32Array(256);
  /** Of an anchor, which of its rules it is for, as bits: see `AnchorGate`. */
  #wanted = new Int32Array(256);
  readonly #lists = new Map<number, Map<number, readonly number[]>>();
  #keys = new Float64Array(256);
  readonly #status: number;
  readonly #hits: number;

  /** @param anchorRules rules by kind of anchor, see `assembly/anchors.ts` */
  constructor(
    readonly engine: EngineExports,
    readonly memory: EngineMemory,
    readonly literalRules: readonly (readonly number[])[],
    readonly anchorRules: ReadonlyMap<number, readonly number[]>,
  ) {
    this.#status = engine.statusPointer() >>> 2;
    this.#hits = engine.hitsPointer() >>> 2;
  }

  clear(): void {
    this.count = 0;
    this.flooded = false;
  }

  /**
   * Finds literals. Returns the automaton's state behind the piece.
   * @param before how many bytes in front of the piece are there to be looked at
   * @param sides of each literal, the kinds of bytes that may stand beside it; see `regex/side.ts`
   */
  literals(
    automaton: number,
    state: number,
    pointer: number,
    length: number,
    before: number,
    { lengths }: CompiledPolicy,
    sides: Uint8Array,
  ): number {
    const { engine, memory } = this;
    const { bytes } = memory;
    const most = Math.max(length * PER_BYTE, AT_LEAST);
    let count = engine.scanBegin(automaton, state, pointer, length);
    for (;;) {
      const { words } = memory;
      if (this.count + count > this.#starts.length) this.#grow(this.count + count);
      for (let i = 0; i < count; i++) {
        const literal = words[this.#hits + 2 * i]!;
        const end = words[this.#hits + 2 * i + 1]!;
        const start = end - lengths[literal]!;
        const front = start > -before ? SIDE_OF[bytes[pointer + start - 1]!]! : OTHER;
        const behind = end < length ? SIDE_OF[bytes[pointer + end]!]! : OTHER;
        if ((sides[literal]! & front) !== 0 && (sides[literal]! & (behind << BEHIND_SHIFT)) !== 0)
          this.#put(start, end, literal);
      }
      if (words[this.#status + 2] === 0) return words[this.#status + 3]!;
      // Going on to the end for the state's sake; what is beyond the bound is not looked at.
      if (this.count > most) {
        this.flooded = true;
        this.count = most;
      }
      count = engine.scanOn();
    }
  }

  /**
   * Finds anchors from `from` on, which may be negative; `before` bytes in front of the piece are there to be looked at. Returns where to go
   * on with more bytes: what stands there is not certain, unless the text is `final`.
   */
  anchors(kinds: number, pointer: number, from: number, length: number, before: number, final: boolean): number {
    const { engine, memory } = this;
    for (let next = from; ; ) {
      const count = engine.anchors(pointer, next, length, before, kinds, final ? 1 : 0);
      const { words } = memory;
      if (this.count + count > this.#starts.length) this.#grow(this.count + count);
      for (let i = 0; i < count; i++) {
        const kind = words[this.#hits + 2 * i]!;
        const at = words[this.#hits + 2 * i + 1]! | 0;
        this.#put(at, at + 1, -kind);
      }
      next = words[this.#status + 3]! | 0;
      if (words[this.#status + 2] === 0) return next;
    }
  }

  #put(start: number, end: number, source: number): void {
    const i = this.count;
    this.#starts[i] = start;
    this.#ends[i] = end;
    this.#sources[i] = source;
    this.#wanted[i] = ALL;
    this.count = i + 1;
  }

  /**
   * Drops the hits that are not wanted.
   * @param wanted 0 if it is not, ALL, or for which of an anchor's rules. `source`: a literal's index, or minus an anchor's kind
   */
  keep(wanted: (source: number, start: number, end: number) => number): void {
    const { count } = this;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const source = this.#sources[i]!;
      const start = this.#starts[i]!;
      const end = this.#ends[i]!;
      const rules = wanted(source, start, end);
      if (rules === 0) continue;
      this.#wanted[kept] = rules;
      this.#sources[kept] = source;
      this.#starts[kept] = start;
      this.#ends[kept] = end;
      kept += 1;
    }
    this.count = kept;
  }

  /** By start, then end. */
  sort(): void {
    const { count } = this;
    for (let i = 0; i < count; i++) {
      const start = this.#starts[i]!;
      this.#keys[i] = ((start + SHIFT) * LENGTHS + this.#ends[i]! - start) * PLACES + i;
    }
    if (count > 1) this.#keys.subarray(0, count).sort();
  }

  start(i: number): number {
    return this.#starts[this.#keys[i]! % PLACES]!;
  }

  end(i: number): number {
    return this.#ends[this.#keys[i]! % PLACES]!;
  }

  /** Rules that the hit is for, in the policy's order. */
  rules(i: number): readonly number[] {
    const at = this.#keys[i]! % PLACES;
    const source = this.#sources[at]!;
    if (source >= 0) return this.literalRules[source]!;
    const bits = this.#wanted[at]!;
    return bits === ALL ? this.anchorRules.get(-source)! : this.#rulesOf(-source, bits);
  }

  /** Those of an anchor's rules that are wanted: mostly the same few lists. */
  #rulesOf(kind: number, bits: number): readonly number[] {
    let lists = this.#lists.get(kind);
    if (lists === undefined || lists.size >= MOST_LISTS) {
      lists = new Map();
      this.#lists.set(kind, lists);
    }
    let list = lists.get(bits);
    if (list === undefined) {
      list = this.anchorRules.get(kind)!.filter((_, number) => isAmong(bits, number));
      lists.set(bits, list);
    }
    return list;
  }

  #grow(least: number): void {
    const size = 2 ** Math.ceil(Math.log2(least));
    const grow = (old: Int32Array<ArrayBuffer>) => {
      const larger = new Int32Array(size);
      larger.set(old);
      return larger;
    };
    this.#starts = grow(this.#starts);
    this.#ends = grow(this.#ends);
    this.#sources = grow(this.#sources);
    this.#wanted = grow(this.#wanted);
    this.#keys = new Float64Array(size);
  }
}
