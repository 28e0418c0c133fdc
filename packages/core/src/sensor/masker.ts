import type { EngineExports } from '../engine/wasm.js';
import type { EngineMemory } from './memory.js';

const STAR = 0x2a;

/**
 * Fields of an `extend` state, as drawn in `assembly/extend.ts`. Of two masks of one kind in one phase, the one with less
 * progress and more budget reaches at least as far as the other.
 */
const SAME = 0x3f;
const PHASE = 0x38;
const QUOTES = 2 << 3;
const PROGRESS = 0x7c0;
const PROGRESS_ONE = 0x40;
const BUDGET = 0xffff0000;

/** A mark is the length of the longest match with this end, and a bit for each kind of mask that begins there. */
const MARK_LENGTH = 8;

/**
 * Masks the matches of one stretch of bytes and what they introduce. A mask that is still open at the end goes on in the
 * next bytes. Matches come in any order; every byte is followed once per kind of mask, however many matches there are.
 *
 *   api_key " = x        blanks and quotes belong to the mask if a `:` or `=` follows them, and else not. Until that is
 *          └┬┘           known they are undecided: a caller who can keep them back gives them again with the next bytes,
 *       undecided        for any other they count as masked.
 */
export class Masker {
  /** Where `extend` leaves the state. */
  readonly #status: number;
  #target: Uint8Array = new Uint8Array(0);
  #shift = 0;
  #before = 0;
  #pointer = 0;
  #length = 0;
  /** Per end of a match, see MARK_LENGTH; all zero between two stretches. */
  #marks = new Uint32Array(0);
  /** Ends that have a mark. */
  #ends = new Uint32Array(0);
  #marked = 0;
  #restFrom = 0;
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
   * @param before how many bytes in front of `pointer` are those that the caller kept back
   */
  begin(
    pointer: number,
    length: number,
    target: Uint8Array,
    shift: number,
    open: readonly number[] | undefined,
    before = 0,
  ): void {
    this.#shift = shift;
    this.#before = before;
    this.#pointer = pointer;
    this.#length = length;
    this.#target = target;
    this.#open = open === undefined ? [] : [...open];
    this.#at = 0;
    this.#runStart = 0;
    this.#runEnd = 0;
    this.#restFrom = length;
    this.maskedTo = 0;
    if (this.#marks.length <= length) {
      // Sizes double, so that a flow of growing chunks does not allocate at each.
      const size = 2 ** Math.ceil(Math.log2(length + 1));
      this.#marks = new Uint32Array(size);
      this.#ends = new Uint32Array(size);
    }
  }

  /** A match `[start, end)`; `start` is negative where it began in earlier bytes, which are masked if `target` has them. */
  add(start: number, end: number, kind: number): void {
    const mark = this.#marks[end]!;
    if (mark === 0) this.#ends[this.#marked++] = end;
    const longest = Math.max(mark >>> MARK_LENGTH, end - start);
    this.#marks[end] = (longest << MARK_LENGTH) | (mark & 0xff) | (1 << kind);
  }

  /** Masks all from `start` on. */
  addRest(start: number): void {
    this.#restFrom = start;
  }

  /**
   * Masks. Returns the masks that are open at the end, `undefined` if none is.
   * @param keepsBack the caller keeps back the bytes that are undecided, see `undecidedBytes`
   */
  finish(keepsBack = false): readonly number[] | undefined {
    if (this.#marked > 1) this.#ends.subarray(0, this.#marked).sort();
    for (let i = 0; i < this.#marked; i++) {
      const end = this.#ends[i]!;
      const mark = this.#marks[end]!;
      this.#marks[end] = 0;
      this.#follow(end, false);
      this.#fill(Math.max(end - (mark >>> MARK_LENGTH), -this.#shift), end);
      for (let kind = 1; kind < MARK_LENGTH; kind++) if (mark & (1 << kind)) merge(this.#open, this.#open.length, kind);
    }
    this.#marked = 0;
    this.#follow(this.#length, !keepsBack);
    this.#fill(this.#restFrom, this.#length);
    return this.#open.length === 0 ? undefined : this.#open;
  }

  #follow(to: number, final: boolean): void {
    const from = this.#at;
    this.#at = to;
    if (this.#open.length === 0 || (to === from && !final)) return;
    const status = this.#status;
    const open = this.#open;
    let kept = 0;
    for (let i = 0; i < open.length; i++) {
      const state = open[i]!;
      const back = Math.min(undecided(state), from + this.#before);
      const start = from - back;
      const covered = this.engine.extend(state - back * PROGRESS_ONE, this.#pointer + start, to - start);
      const next = this.memory.words[status]!;
      this.#fill(start, start + covered - (final ? 0 : undecided(next)));
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

/** Bytes at the end of the text, 16 at most, of which these masks do not know yet whether they cover them. */
export function undecidedBytes(open: readonly number[] | undefined): number {
  return open === undefined ? 0 : open.reduce((most, state) => Math.max(most, undecided(state)), 0);
}

function undecided(state: number): number {
  return (state & PHASE) === QUOTES ? (state & PROGRESS) / PROGRESS_ONE : 0;
}

/** Puts `state` among the first `count` of `open`, in place of its twin if there is one. Returns how many there are then. */
function merge(open: number[], count: number, state: number): number {
  // Masks that reach back to different places stay apart until they know what they cover.
  const same = (state & PHASE) === QUOTES ? SAME | PROGRESS : SAME;
  for (let i = 0; i < count; i++) {
    const other = open[i]!;
    if (((other ^ state) & same) !== 0) continue;
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
