/**
 * Streamed answers of AI services, as server-sent events (WHATWG HTML, 9.2.5) or as lines of JSON. Each event holds the next few
 * characters of a text, so a secret in it is nowhere in one piece.
 *
 *   stream = *( line LF )
 *   line   = "data:" [ SP ] document | document | comment | other field
 *
 * The pieces of each text are joined in a sink of its own, as they stand in the documents: JSON's escapes are still in them.
 * Which strings are pieces, and which belong together, is told in assembly/views/sse.ts. A document over several lines, which
 * events may have but answers do not, is not looked at.
 */
import { Carry } from './carry.js';
import type { Protocol, ViewHost, ViewSink } from './types.js';

/** Longer lines are passed over. */
export const MOST_LINE = 256 * 1024;
/** The oldest text is closed when there would be more. */
const MOST_TEXTS = 64;

const LF = 10;
const FIRST_VALUE = 4;
const VALUE_WORDS = 4;

export class EventStream implements Protocol {
  readonly #host: ViewHost;
  readonly #texts = new Map<number, ViewSink>();
  #next = 0;
  /** The beginning of a line that a cut goes through, and its offset. */
  readonly #line: Carry;
  #begin = 0;
  #isTooLong = false;

  constructor(host: ViewHost) {
    this.#host = host;
    this.#line = new Carry(host.memory, MOST_LINE);
  }

  get waiting(): number {
    return this.#line.length > 0 ? this.#begin : this.#next;
  }

  push(pointer: number, length: number, offset: number): void {
    const end = pointer + length;
    const shift = offset - pointer;
    let at = pointer;
    if (this.#line.length > 0 || this.#isTooLong) at = this.#endLine(at, end);
    if (at < end) at += this.#read(at, end - at, at + shift, false);
    if (at < end) this.#keep(at, end - at, at + shift);
    this.#next = offset + length;
  }

  end(): void {
    this.#readLine();
    for (const sink of this.#texts.values()) sink.end();
    this.#texts.clear();
  }

  free(): void {
    this.#line.free();
  }

  /** Takes the rest of the line under way. Returns the place behind it, or `end`. */
  #endLine(at: number, end: number): number {
    const length = this.#host.memory.bytes.subarray(at, end).indexOf(LF);
    const to = length < 0 ? end : at + length;
    if (to > at && !this.#isTooLong) this.#keep(at, to - at, this.#begin);
    if (length < 0) return end;
    this.#readLine();
    this.#isTooLong = false;
    return to + 1;
  }

  #keep(pointer: number, length: number, offset: number): void {
    if (this.#line.length === 0) this.#begin = offset;
    if (this.#line.append(pointer, length)) return;
    this.#isTooLong = true;
    this.#line.clear();
  }

  #readLine(): void {
    const { pointer, length } = this.#line;
    if (length > 0) this.#read(pointer, length, this.#begin, true);
    this.#line.clear();
  }

  /** Reads whole lines, and the last one if it is. Returns how many bytes they have. */
  #read(pointer: number, length: number, offset: number, isLine: boolean): number {
    const { engine } = this.#host.memory;
    let done = 0;
    for (;;) {
      const taken = engine.eventValues(pointer + done, length - done, MOST_LINE, isLine ? 1 : 0);
      if (taken === 0) return done;
      done += taken;
      this.#pass(offset - pointer);
    }
  }

  #pass(shift: number): void {
    const { memory } = this.#host;
    const at = memory.engine.eventValuesPointer() >>> 2;
    if (memory.words[at] === 0) return;
    const from = at + FIRST_VALUE;
    // A copy: what goes into a sink may call the engine again.
    const values = memory.words.slice(from, from + VALUE_WORDS * memory.words[at]!);
    for (let i = 0; i < values.length; i += VALUE_WORDS) {
      const key = (values[i + 3]! & 0xfffff) * 2 ** 32 + values[i + 2]!;
      this.#text(key).copy(values[i]!, values[i + 1]!, values[i]! + shift);
    }
  }

  #text(key: number): ViewSink {
    let sink = this.#texts.get(key);
    if (sink === undefined) {
      if (this.#texts.size >= MOST_TEXTS) this.#close(this.#texts.keys().next().value!);
      sink = this.#host.open('sse', 'none');
      this.#texts.set(key, sink);
    }
    return sink;
  }

  #close(key: number): void {
    const sink = this.#texts.get(key)!;
    this.#texts.delete(key);
    sink.end();
  }
}
