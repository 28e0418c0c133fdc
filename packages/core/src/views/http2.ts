/**
 * One direction of an HTTP/2 connection (RFC 9113): DATA goes to a stream of its own for each of its streams, fields of HEADERS
 * to 'http2/headers'. Frames of all kinds are drawn in http2-frame.ts; these have a payload that is looked at:
 *
 *   DATA           [ Pad Length (8) ] Data, Padding
 *   HEADERS        [ Pad Length (8) ] [ Stream Dependency (32), Weight (8) ] Field Block Fragment, Padding
 *   PUSH_PROMISE   [ Pad Length (8) ] Promised Stream (32)                   Field Block Fragment, Padding
 *   CONTINUATION                                                             Field Block Fragment
 *
 *   START ──▶ HEADER ──▶ [ PAD ] ──▶ [ SKIP ] ──▶ CONTENT ──▶ [ SKIP ] ──▶ HEADER …
 *               └── breaks the rules of its type ──▶ PLAIN
 */
import { openBody } from './body.js';
import { BodyFields } from './body-fields.js';
import { HeaderBlocks } from './header-block.js';
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  FRAME_HEADER,
  HAS_PRIORITY,
  HEADERS,
  isAllowed,
  lengthOf,
  PADDED,
  PREFACE,
  PUSH_PROMISE,
  RST_STREAM,
  streamOf,
} from './http2-frame.js';
import type { Protocol, ViewHost, ViewSink } from './types.js';

/** The oldest stream is closed when there would be more. */
const MOST_STREAMS = 128;

interface Stream {
  readonly fields: BodyFields;
  /** Where its data goes; `undefined` before the first byte. */
  sink: ViewSink | 'nowhere' | undefined;
}

const START = 0;
const HEADER = 1;
const PAD = 2;
const CONTENT = 3;
const PLAIN = 4;

export class Http2 implements Protocol {
  readonly #host: ViewHost;
  readonly #blocks: HeaderBlocks;
  readonly #streams = new Map<number, Stream>();
  #state = START;
  /** There was a preface: what looks like data is data, and moves if it is not encoded. */
  #isSure = false;
  #next = 0;
  /** Bytes to pass over: of the preface, of a frame's other fields, of its padding. */
  #skip = 0;
  readonly #header = new Uint8Array(FRAME_HEADER);
  #headerLength = 0;

  #type = 0;
  #flags = 0;
  #stream = 0;
  /** Bytes to come of what the frame carries, and of the padding behind. */
  #left = 0;
  #padding = 0;
  /** The stream whose header block is under way; 0: none. */
  #blockOf = 0;

  constructor(host: ViewHost) {
    this.#host = host;
    this.#blocks = new HeaderBlocks(host);
  }

  get waiting(): number {
    return this.#blocks.begin ?? this.#next;
  }

  push(pointer: number, length: number, offset: number): void {
    const end = pointer + length;
    const shift = offset - pointer;
    for (let at = pointer; at < end; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, end - at);
        this.#skip -= skipped;
        at += skipped;
      } else if (this.#state === HEADER) at = this.#readHeader(at, end);
      else if (this.#state === CONTENT) at = this.#readContent(at, end, shift);
      else if (this.#state === PAD) this.#setPadding(this.#host.memory.bytes[at++]!);
      else if (this.#state === START) {
        this.#isSure = this.#host.memory.bytes[at] === PREFACE[0];
        if (this.#isSure) this.#skip = PREFACE.length;
        this.#state = HEADER;
      } else at = end;
    }
    this.#next = offset + length;
  }

  end(): void {
    for (const id of [...this.#streams.keys()]) this.#close(id);
    this.#blocks.end();
    this.#state = PLAIN;
  }

  free(): void {
    this.#blocks.free();
  }

  #readHeader(at: number, end: number): number {
    const taken = Math.min(FRAME_HEADER - this.#headerLength, end - at);
    this.#header.set(this.#host.memory.bytes.subarray(at, at + taken), this.#headerLength);
    this.#headerLength += taken;
    if (this.#headerLength === FRAME_HEADER) {
      this.#headerLength = 0;
      this.#begin();
    }
    return at + taken;
  }

  #begin(): void {
    const header = this.#header;
    this.#type = header[3]!;
    this.#flags = header[4]!;
    this.#stream = streamOf(header, 0);
    this.#left = lengthOf(header, 0);
    this.#padding = 0;
    const continues = this.#type === CONTINUATION;
    const interrupts = this.#blockOf !== 0 && (!continues || this.#stream !== this.#blockOf);
    if (interrupts || !isAllowed(header, 0)) {
      this.end();
      this.#blocks.free();
      return;
    }
    if (this.#type === HEADERS || this.#type === PUSH_PROMISE) this.#blockOf = this.#stream;
    const isPadded = this.#flags & PADDED && this.#carriesPadding;
    if (isPadded) this.#state = PAD;
    else this.#beginContent();
  }

  get #carriesPadding(): boolean {
    return this.#type === DATA || this.#type === HEADERS || this.#type === PUSH_PROMISE;
  }

  #setPadding(length: number): void {
    this.#left -= 1;
    this.#padding = Math.min(length, this.#left);
    this.#beginContent();
  }

  #beginContent(): void {
    let others = 0;
    if (this.#type === PUSH_PROMISE) others = 4;
    else if (this.#type === HEADERS && this.#flags & HAS_PRIORITY) others = 5;
    this.#left -= this.#padding;
    this.#skip = Math.min(others, this.#left);
    this.#left -= this.#skip;
    this.#state = CONTENT;
    if (this.#left === 0) this.#finish();
  }

  #readContent(at: number, end: number, shift: number): number {
    const next = Math.min(end, at + this.#left);
    if (this.#type === DATA) this.#pass(at, next - at, at + shift);
    else if (this.#blockOf !== 0) this.#blocks.append(at, next - at, at + shift);
    this.#left -= next - at;
    if (this.#left === 0) this.#finish();
    return next;
  }

  /** All that the frame carries was read. */
  #finish(): void {
    this.#state = HEADER;
    // If there was no content, the fields before it are still to be passed over, too.
    this.#skip += this.#padding;
    const type = this.#type;
    const hasBlock = type === HEADERS || type === PUSH_PROMISE || (type === CONTINUATION && this.#blockOf !== 0);
    if (hasBlock && this.#flags & END_HEADERS) this.#completeBlock();
    const isLast = (type === DATA || type === HEADERS) && this.#flags & END_STREAM;
    if (isLast || type === RST_STREAM) this.#close(this.#stream);
  }

  #completeBlock(): void {
    const id = this.#blockOf;
    this.#blockOf = 0;
    this.#blocks.complete((name, value) => this.#open(id).fields.set(name, value));
  }

  #pass(at: number, length: number, from: number): void {
    const stream = this.#open(this.#stream);
    const moves = this.#isSure && stream.fields.coding === undefined;
    stream.sink ??= openBody(this.#host, 'http2', stream.fields, moves) ?? 'nowhere';
    if (stream.sink !== 'nowhere') stream.sink.copy(at, length, from);
  }

  #open(id: number): Stream {
    let stream = this.#streams.get(id);
    if (stream === undefined) {
      if (this.#streams.size >= MOST_STREAMS) this.#close(this.#streams.keys().next().value!);
      stream = { fields: new BodyFields(), sink: undefined };
      this.#streams.set(id, stream);
    }
    return stream;
  }

  #close(id: number): void {
    const sink = this.#streams.get(id)?.sink;
    this.#streams.delete(id);
    if (sink !== 'nowhere') sink?.end();
  }
}
