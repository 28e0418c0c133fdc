/**
 * HTTP/1 messages, one behind the other (RFC 9112).
 *
 *   message = head [ body ]
 *   body    = chunked-body          Transfer-Encoding: chunked
 *           | content-length bytes
 *           | all that follows      a response that says neither
 *
 *   HEAD ──▶ CHUNKED | SIZED ──▶ HEAD …
 *     ├────▶ TO_END
 *     ├────▶ UPGRADE ──▶ TUNNEL    WebSocket; HEAD, if the server refused it
 *     └────▶ PLAIN                 behind CONNECT and other upgrades, or when no head is found any more
 *
 * Where framing breaks, lines are read until one begins a head. From then on, and where none is known to begin at all, a body goes on
 * only where it differs from the bytes of the flow, or is a stream of events: those of the flow are searched. Else a body that is not
 * encoded moves to its own stream, and the flow is searched without it.
 */
import { openBody } from './body.js';
import { ChunkedFraming } from './chunked.js';
import { Head } from './http1-head.js';
import type { Protocol, ViewHost, ViewSink } from './types.js';
import { beginsFrame, WebSocketStream } from './websocket.js';

const HEAD = 0;
const CHUNKED = 1;
const SIZED = 2;
const TO_END = 3;
const UPGRADE = 4;
const TUNNEL = 5;
const PLAIN = 6;

/** A head is looked for in so many bytes that belong to no message. */
const MOST_LOST = 64 * 1024;

export class Http1 implements Protocol {
  /** Offset behind what was read: nothing is kept back. */
  waiting = 0;
  readonly #host: ViewHost;
  readonly #head = new Head();
  readonly #chunked = new ChunkedFraming();
  #state = HEAD;
  /** Bytes to come of a body whose length is known. */
  #left = 0;
  #lost = 0;
  /** So far, the flow was nothing but messages. */
  #isSure: boolean;
  #tunnel: WebSocketStream | undefined;
  /** Where this body goes; `undefined` before its first byte. */
  #sink: ViewSink | 'nowhere' | undefined;

  /** @param begins what the stream begins with: a message, a chunked body, or something else that a message may follow on */
  constructor(host: ViewHost, begins: 'head' | 'chunk' | 'anywhere' = 'head') {
    this.#host = host;
    this.#isSure = begins === 'head';
    if (begins === 'chunk') this.#state = CHUNKED;
  }

  push(pointer: number, length: number, offset: number): void {
    const end = pointer + length;
    const shift = offset - pointer;
    for (let at = pointer; at < end; ) {
      if (this.#state === HEAD) at = this.#readHead(at, end);
      else if (this.#state === CHUNKED) at = this.#readChunk(at, end, shift);
      else if (this.#state === SIZED) at = this.#readSized(at, end, shift);
      else if (this.#state === TO_END) at = this.#pass(at, end, shift);
      else if (this.#state === UPGRADE) this.#upgrade(this.#host.memory.bytes[at]!);
      else {
        this.#tunnel?.push(at, end - at, at + shift);
        at = end;
      }
    }
    this.waiting = offset + length;
  }

  end(): void {
    this.#tunnel?.end();
    this.#endBody();
    this.#state = PLAIN;
  }

  free(): void {}

  #readHead(at: number, end: number): number {
    const head = this.#head;
    const next = head.read(this.#host.memory.bytes, at, end);
    if (head.isDone) {
      this.#lost = 0;
      this.#state = this.#bodyOf(head);
      if (this.#state === HEAD) head.reset();
    } else if (head.isBroken) {
      head.reset();
      this.#isSure = false;
      this.#lost += next - at;
    }
    if (this.#lost > MOST_LOST) this.#state = PLAIN;
    return next;
  }

  /** What follows this head (RFC 9112, 6.3). */
  #bodyOf(head: Head): number {
    if (head.status === 101) return head.upgrade === 'websocket' ? UPGRADE : PLAIN;
    if (head.method === 'CONNECT') return PLAIN;
    if (head.upgrade === 'websocket') return UPGRADE;
    if ((head.status >= 100 && head.status < 200) || head.status === 204 || head.status === 304) return HEAD;
    if (head.isChunked) {
      this.#chunked.reset();
      return CHUNKED;
    }
    if (head.contentLength >= 0) {
      this.#left = head.contentLength;
      return this.#left > 0 ? SIZED : HEAD;
    }
    return head.status === 0 ? HEAD : TO_END;
  }

  /** What the client sends next shows whether the server agreed. */
  #upgrade(first: number): void {
    const agreed = beginsFrame(first);
    if (agreed) this.#tunnel = new WebSocketStream(this.#host);
    else this.#head.reset();
    this.#state = agreed ? TUNNEL : HEAD;
  }

  #readChunk(at: number, end: number, shift: number): number {
    const chunked = this.#chunked;
    if (chunked.left > 0) {
      const next = this.#pass(at, Math.min(end, at + chunked.left), shift);
      chunked.taken(next - at);
      return next;
    }
    const next = chunked.read(this.#host.memory.bytes, at, end);
    if (chunked.isBroken) this.#isSure = false;
    if (chunked.isDone || chunked.isBroken) this.#endBody();
    return next;
  }

  #readSized(at: number, end: number, shift: number): number {
    const next = this.#pass(at, Math.min(end, at + this.#left), shift);
    this.#left -= next - at;
    if (this.#left === 0) this.#endBody();
    return next;
  }

  #pass(at: number, end: number, shift: number): number {
    this.#sink ??= this.#open() ?? 'nowhere';
    if (this.#sink !== 'nowhere') this.#sink.copy(at, end - at, at + shift);
    return end;
  }

  #open(): ViewSink | undefined {
    const { body } = this.#head;
    const isEncoded = body.coding !== undefined;
    const moves = this.#isSure && !isEncoded;
    const isOwn = moves || isEncoded || this.#state === CHUNKED || body.kind !== undefined;
    return isOwn ? openBody(this.#host, 'http1', body, moves) : undefined;
  }

  #endBody(): void {
    if (this.#sink !== 'nowhere') this.#sink?.end();
    this.#sink = undefined;
    this.#head.reset();
    this.#state = HEAD;
  }
}
