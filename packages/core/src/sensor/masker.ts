import type { EngineExports } from '../engine/wasm.js';
import type { EngineMemory } from './memory.js';

const STAR = 0x2a;

/**
 * Fields of an `extend` state, as drawn in `assembly/extend.ts`. Of two masks of one kind in one phase, the one with less
 * progress and more budget reaches at least as far as the other.
 */
const SAME = 0x3f;
const PROGRESS = 0x7c0;
const BUDGET = 0xffff0000;

/**
 * Masks the matches of one stretch of bytes, in the order of their ends, and what they introduce. A mask that is still open
 * at the end goes on in the flow's next bytes. Every byte is followed once per kind of mask, however many matches there are.
 */
export class Masker {
  /** Where `extend` leaves the state. */
  readonly #status: number;
  #target: Uint8Array = new Uint8Array(0);
  #shift = 0;
  #pointer = 0;
  #length = 0;
  /** States of the masks that are open at `#at`. */
  #open: number[] = [];
  #at = 0;
  /** The latest masked run, so that overlapping masks are not written again and again. */
  #runStart = 0;
  #runEnd = 0;
  /** End of the last masked byte, 0 if none is. */
  maskedTo = 0;

  constructor(
    readonly engine: EngineExports,
    readonly memory: EngineMemory,
  ) {
    this.#status = (engine.statusPointer() >>> 2) + 3;
  }

  /**
   * @param pointer,length the bytes in Wasm memory
   * @param target a copy of them, or of more around them, to be masked
   * @param shift where in `target` they begin
   * @param open masks left open by the bytes before
   */
  begin(pointer: number, length: number, target: Uint8Array, shift: number, open: readonly number[] | undefined): void {
    this.#shift = shift;
    this.#pointer = pointer;
    this.#length = length;
    this.#target = target;
    this.#open = open === undefined ? [] : [...open];
    this.#at = 0;
    this.#runStart = 0;
    this.#runEnd = 0;
    this.maskedTo = 0;
  }

  /** A match `[start, end)`; `start` is negative where it began in earlier bytes, which are masked if `target` has them. */
  add(start: number, end: number, kind: number): void {
    if (end > this.#at) this.#follow(end);
    this.#fill(Math.max(start, -this.#shift), end);
    merge(this.#open, this.#open.length, kind);
  }

  /** Masks all from `start` on. */
  addRest(start: number): void {
    this.#fill(start, this.#length);
  }

  /** Follows open masks to the end. Returns those that are open there, `undefined` if none is. */
  finish(): readonly number[] | undefined {
    this.#follow(this.#length);
    return this.#open.length === 0 ? undefined : this.#open;
  }

  #follow(to: number): void {
    const from = this.#at;
    this.#at = to;
    if (this.#open.length === 0 || to === from) return;
    const status = this.#status;
    const open = this.#open;
    let kept = 0;
    for (let i = 0; i < open.length; i++) {
      const covered = this.engine.extend(open[i]!, this.#pointer + from, to - from);
      const next = this.memory.words[status]!;
      this.#fill(from, from + covered);
      if (next !== 0) kept = merge(open, kept, next);
    }
    open.length = kept;
  }

  #fill(start: number, end: number): void {
    const shift = this.#shift;
    if (end <= start) return;
    if (end > this.maskedTo) this.maskedTo = end;
    if (start > this.#runEnd || end < this.#runStart) {
      stars(this.#target, shift + start, shift + end);
      this.#runStart = start;
      this.#runEnd = end;
      return;
    }
    if (start < this.#runStart) {
      stars(this.#target, shift + start, shift + this.#runStart);
      this.#runStart = start;
    }
    if (end > this.#runEnd) {
      stars(this.#target, shift + this.#runEnd, shift + end);
      this.#runEnd = end;
    }
  }
}

/** Puts `state` among the first `count` of `open`, in place of its twin if there is one. Returns how many there are then. */
function merge(open: number[], count: number, state: number): number {
  for (let i = 0; i < count; i++) {
    const other = open[i]!;
    if (((other ^ state) & SAME) !== 0) continue;
    const progress = Math.min(other & PROGRESS, state & PROGRESS);
    const budget = Math.max((other & BUDGET) >>> 0, (state & BUDGET) >>> 0);
    open[i] = (budget | progress | (state & SAME)) >>> 0;
    return count;
  }
  open[count] = state;
  return count + 1;
}

/** As `target.fill`, which takes its time to begin. */
function stars(target: Uint8Array, from: number, to: number): void {
  if (to - from > 32) target.fill(STAR, from, to);
  else for (let i = from; i < to; i++) target[i] = STAR;
}
