/**
 * One direction of a WebSocket connection (RFC 6455, 5.2; RFC 7692, 7.2).
 *
 *   +-+-+-+-+-------+-+-------------+-------------------------------+
 *   |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
 *   |I|S|S|S|  (4)  |A|     (7)     |  (16, if len is 126; 64, if   |
 *   |N|V|V|V|       |S|             |         it is 127)            |
 *   | |1|2|3|       |K|             |                               |
 *   +-+-+-+-+-------+-+-------------+-------------------------------+
 *   | Masking-key (32, if M)        |      Payload, masked if M   ...
 *   +-------------------------------+-------------------------------+
 *
 * Messages go, one behind the other, to a stream with a line feed behind each, which stands for the last byte of the message:
 * where they are JSON, those are lines of JSON. Compressed messages (RSV1) go to one of their own, as they share a window.
 */
import type { Protocol, ViewHost, ViewSink } from './types.js';

const FIN = 0x80;
const RSV1 = 0x40;
const MASK = 0x80;
const CONTINUATION = 0;
const BINARY = 2;
const CLOSE = 8;
const PONG = 10;
const MOST_CONTROL = 125;

const LONGEST_HEADER = 14;
/** Payload that is unmasked at once. */
const PIECE = 16 * 1024;

const LINE_FEED = Uint8Array.of(10);
/** What the sender leaves away at the end of a compressed message (RFC 7692, 7.2.1). */
const FLUSH = Uint8Array.of(0, 0, 0xff, 0xff);

/** Can a frame begin with this byte? No request does. */
export function beginsFrame(first: number): boolean {
  const opcode = first & 0x0f;
  if (first & 0x30) return false;
  if (opcode >= CLOSE) return opcode <= PONG && (first & (FIN | RSV1)) === FIN;
  return opcode <= BINARY && !(opcode === CONTINUATION && first & RSV1);
}

export class WebSocketStream implements Protocol {
  waiting = 0;
  readonly #host: ViewHost;
  readonly #header = new Uint8Array(LONGEST_HEADER);
  readonly #fields = new DataView(this.#header.buffer);
  #headerLength = 0;
  /** Bytes of the payload: to come, and done with. */
  #left = 0;
  #done = 0;
  /** Little-endian; 0: not masked, or as good as. */
  #key = 0;
  #isControl = false;
  /** The message under way is compressed. */
  #isCompressed = false;
  #plain: ViewSink | undefined;
  #compressed: ViewSink | undefined;
  #isBroken = false;

  constructor(host: ViewHost) {
    this.#host = host;
  }

  push(pointer: number, length: number, offset: number): void {
    const end = pointer + length;
    for (let at = pointer; at < end && !this.#isBroken; ) {
      if (this.#left > 0) at += this.#readPayload(at, Math.min(end - at, this.#left), at - pointer + offset);
      else this.#readHeader(this.#host.memory.bytes[at++]!, at - pointer + offset);
    }
    this.waiting = offset + length;
  }

  end(): void {
    this.#plain?.end();
    this.#compressed?.end();
    this.#plain = this.#compressed = undefined;
  }

  free(): void {}

  /** @param behind offset behind the byte */
  #readHeader(byte: number, behind: number): void {
    const header = this.#header;
    header[this.#headerLength++] = byte;
    if (this.#headerLength === 1) this.#isBroken = !beginsFrame(byte);
    if (this.#headerLength < 2) return;
    const length = header[1]! & 0x7f;
    const extended = length === 127 ? 8 : length === 126 ? 2 : 0;
    const keyAt = 2 + extended;
    if (this.#headerLength < keyAt + (header[1]! & MASK ? 4 : 0)) return;
    this.#headerLength = 0;
    this.#key = header[1]! & MASK ? this.#fields.getInt32(keyAt, true) : 0;
    this.#left = length;
    if (extended === 2) this.#left = this.#fields.getUint16(2);
    else if (extended === 8) this.#left = this.#fields.getUint32(2) * 2 ** 32 + this.#fields.getUint32(6);
    this.#begin(header[0]!);
    if (this.#left === 0) this.#finish(behind);
  }

  #begin(first: number): void {
    const opcode = first & 0x0f;
    this.#done = 0;
    this.#isControl = opcode >= CLOSE;
    if (this.#isControl) this.#isBroken = this.#left > MOST_CONTROL;
    else if (opcode !== CONTINUATION) this.#isCompressed = (first & RSV1) !== 0;
  }

  /** Takes a piece of the payload, at most `length` bytes. */
  #readPayload(at: number, length: number, offset: number): number {
    const taken = Math.min(length, PIECE);
    if (!this.#isControl) this.#pass(at, taken, offset);
    this.#done += taken;
    this.#left -= taken;
    if (this.#left === 0) this.#finish(offset + taken);
    return taken;
  }

  #pass(at: number, length: number, offset: number): void {
    if (this.#key === 0) {
      this.#sink().copy(at, length, offset);
      return;
    }
    const { engine } = this.#host.memory;
    const unmasked = engine.alloc(length);
    if (unmasked === 0) return;
    engine.xorMask(at, length, this.#key, this.#done & 3, unmasked);
    this.#sink().copy(unmasked, length, offset);
    engine.release(unmasked);
  }

  /** The frame is complete; with FIN the message is, too. */
  #finish(behind: number): void {
    if (this.#isControl || !(this.#header[0]! & FIN)) return;
    const tail = this.#isCompressed ? FLUSH : LINE_FEED;
    const { memory } = this.#host;
    const pointer = memory.engine.alloc(tail.length);
    if (pointer === 0) return;
    memory.bytes.set(tail, pointer);
    this.#sink().unit(pointer, tail.length, behind - 1, behind);
    memory.engine.release(pointer);
  }

  #sink(): ViewSink {
    if (!this.#isCompressed) {
      this.#plain ??= this.#host.open('websocket', 'ndjson');
      return this.#plain;
    }
    this.#compressed ??= this.#host.open('websocket', 'raw');
    return this.#compressed;
  }
}
