/** Which bytes of its input every byte of a decoded stream comes from. */
import { ENTRY_BYTES } from '../engine/decoder.js';
import type { EngineMemory } from '../sensor/memory.js';

const ENTRY_WORDS = ENTRY_BYTES / 4;

/** Runs that are known at least, if they are asked for, and at most so many more. */
const MOST_RUNS = 2048;

/** `inUnit << 16 | outUnit` of bytes that were copied. */
export const COPIED = (1 << 16) | 1;

/**
 * Runs of a decoded stream, oldest first. From `out` on, every `outUnit` bytes come from `inUnit` bytes of the input, until the
 * next run; with both 0, all of the run comes from all of the input up to where the next run's comes from.
 *
 *   out  0        4    5          12        decoded   k e y =  "  s e c r e t   │
 *   in   0        4    6          48        input     k e y = \"  \u0073 …      │ next
 *   ratio 1:1     2:1  6:1        1:1
 */
export class OffsetMap {
  // Arrays of the language: most streams are small, and typed ones take long to make.
  readonly #outs: number[] = [];
  readonly #ins: number[] = [];
  readonly #ratios: number[] = [];
  #count = 0;
  /** Runs that are not read yet, if any: those that a decoder has put into Wasm memory. */
  #lent = 0;
  #first = 0;
  #outBase = 0;
  #inBase = 0;
  #memory: EngineMemory | undefined;

  /**
   * The stream goes on with what a decoder has just put out. Its map is read when somebody asks, or at `trim`: of most of it, nobody asks.
   * @param pointer the map, drawn in `assembly/views/output.ts`; it must stay there until then
   * @param entries more than 0
   * @param out where the output begins
   * @param input what the map's inputs count from
   */
  lend(memory: EngineMemory, pointer: number, entries: number, out: number, input: number): void {
    if (this.#lent > 0) this.#read(0);
    this.#memory = memory;
    this.#first = pointer >>> 2;
    this.#lent = entries;
    this.#outBase = out;
    this.#inBase = input;
  }

  /** Reads what was lent, from the run on that the byte at `out` is in. */
  #read(out: number): void {
    const { words } = this.#memory!;
    const end = this.#first + this.#lent * ENTRY_WORDS;
    const from = this.#entryOf(out);
    this.#lent = 0;
    // Only the first may go on with the run before.
    this.add(this.#outBase + words[from]!, this.#inBase + (words[from + 1]! | 0), words[from + 2]!);
    const [outs, ins, ratios] = [this.#outs, this.#ins, this.#ratios];
    const [outBase, inBase] = [this.#outBase, this.#inBase];
    let count = this.#count;
    for (let i = from + ENTRY_WORDS; i < end; i += ENTRY_WORDS, count++) {
      outs[count] = outBase + words[i]!;
      ins[count] = inBase + (words[i + 1]! | 0);
      ratios[count] = words[i + 2]!;
    }
    this.#count = count;
  }

  /** The word where the entry begins that the byte at `out` is in; the first of what was lent, if it lies before. */
  #entryOf(out: number): number {
    const { words } = this.#memory!;
    let low = 0;
    let high = this.#lent;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#outBase + words[this.#first + middle * ENTRY_WORDS]! <= out) low = middle;
      else high = middle;
    }
    return this.#first + low * ENTRY_WORDS;
  }

  /** The stream goes on at `out` with bytes that come from `input` on. */
  add(out: number, input: number, ratio: number): void {
    if (this.#lent > 0) this.#read(0);
    const last = this.#count - 1;
    if (last >= 0) {
      if (this.#outs[last] === out) {
        // Nothing came from the last run.
        this.#ins[last] = input;
        this.#ratios[last] = ratio;
        return;
      }
      const goesOn = ratio === COPIED && this.#ratios[last] === COPIED && this.#continues(last, out, input);
      if (goesOn) return;
    }
    this.#outs[this.#count] = out;
    this.#ins[this.#count] = input;
    this.#ratios[this.#count] = ratio;
    this.#count += 1;
  }

  #continues(last: number, out: number, input: number): boolean {
    return out - this.#outs[last]! === input - this.#ins[last]!;
  }

  /** Forgets where bytes before `out` come from. */
  trim(out: number): void {
    if (this.#lent > 0) {
      if (out >= this.#outBase) this.#count = 0;
      this.#read(out);
    }
    const first = Math.max(this.#find(out), this.#count - MOST_RUNS);
    // Moving the rest takes time, too.
    if (first <= this.#count / 2) return;
    this.#count -= first;
    for (let i = 0; i < this.#count; i++) {
      this.#outs[i] = this.#outs[i + first]!;
      this.#ins[i] = this.#ins[i + first]!;
      this.#ratios[i] = this.#ratios[i + first]!;
    }
  }

  /** Number of runs that are known. */
  get runs(): number {
    return this.#count;
  }

  /** Where in the input the byte at `out` begins. */
  position(out: number): number {
    if (this.#lent > 0 && (out >= this.#outBase || this.#count === 0)) {
      const { words } = this.#memory!;
      const entry = this.#entryOf(out);
      const [begin, input] = [this.#outBase + words[entry]!, this.#inBase + (words[entry + 1]! | 0)];
      return beginOf(begin, input, words[entry + 2]!, Math.max(out, begin));
    }
    const i = this.#find(out);
    if (i < 0) return this.#count === 0 ? 0 : this.#ins[0]!;
    return this.#begin(i, out);
  }

  /** The input's bytes that `[start, end)` comes from, as pairs of begin and end added to `into`; pairs that touch are joined. */
  spans(start: number, end: number, into: number[]): void {
    if (this.#lent > 0) this.#read(0);
    let at = start;
    for (let i = Math.max(this.#find(start), 0); i < this.#count && at < end; i++) {
      const stop = i + 1 < this.#count ? Math.min(this.#outs[i + 1]!, end) : end;
      if (stop <= at) continue;
      push(into, this.#begin(i, at), this.#end(i, stop));
      at = stop;
    }
  }

  /** The last run that begins at or before `out`; -1 if there is none. */
  #find(out: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#outs[middle]! <= out) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #begin(i: number, out: number): number {
    return beginOf(this.#outs[i]!, this.#ins[i]!, this.#ratios[i]!, out);
  }

  #end(i: number, out: number): number {
    const ratio = this.#ratios[i]!;
    const input = this.#ins[i]!;
    const hasNext = i + 1 < this.#count;
    const next = hasNext ? this.#ins[i + 1]! : Number.POSITIVE_INFINITY;
    if (ratio === 0) return hasNext ? Math.max(next, input) : input;
    const unit = ratio & 0xffff;
    const end = input + Math.ceil((out - this.#outs[i]!) / unit) * (ratio >>> 16);
    // A run's last unit may be a shorter one: base64 without all of its padding. Whole ones may share a byte with the next run, whose
    // bits begin within it: deflate.
    const endsShort = hasNext && (this.#outs[i + 1]! - this.#outs[i]!) % unit !== 0;
    return endsShort && next >= input ? Math.min(end, next) : end;
  }
}

/** Where in the input the unit begins that the byte at `out` is in, of a run that begins at `begin`. */
function beginOf(begin: number, input: number, ratio: number, out: number): number {
  if (ratio === 0) return input;
  return input + Math.floor((out - begin) / (ratio & 0xffff)) * (ratio >>> 16);
}

function push(into: number[], start: number, end: number): void {
  if (end <= start) return;
  if (into.length > 0 && into[into.length - 1] === start) into[into.length - 1] = end;
  else into.push(start, end);
}
