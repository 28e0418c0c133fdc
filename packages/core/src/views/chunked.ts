/**
 * The framing of a chunked body (RFC 9112, 7.1).
 *
 *   chunked-body = *chunk last-chunk *( field-line CRLF ) CRLF
 *   chunk        = 1*HEXDIG [ ";" chunk-ext ] CRLF chunk-data CRLF
 *   last-chunk   = 1*"0" [ ";" chunk-ext ] CRLF
 *
 *   SIZE ──";" SP──▶ EXTENSION ──LF──▶ DATA ──▶ BORDER ──LF──▶ SIZE
 *     └──LF, size > 0──────────────────▲
 *     └──LF, size 0──▶ TRAILER ──LF on an empty line──▶ DONE
 */
const SIZE = 0;
const EXTENSION = 1;
const DATA = 2;
const BORDER = 3;
const TRAILER = 4;
const DONE = 5;
const BROKEN = 6;

/** Up to 2^52 bytes. */
const MOST_DIGITS = 13;
/** Extensions and trailers together are no longer than this between two chunks. */
const MOST_EXTRA = 64 * 1024;

const CR = 13;
const LF = 10;

/** Value of an ASCII hex digit, or -1. */
export function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

export class ChunkedFraming {
  /** Bytes of data that come next: the reader of the body takes them, and says so with `taken`. */
  left = 0;
  #state = SIZE;
  #sizeRead = 0;
  #digits = 0;
  #extra = 0;
  /** Bytes on this line of the trailer. */
  #line = 0;

  get isDone(): boolean {
    return this.#state === DONE;
  }

  get isBroken(): boolean {
    return this.#state === BROKEN;
  }

  reset(): void {
    this.#state = SIZE;
    this.left = this.#sizeRead = this.#digits = this.#extra = this.#line = 0;
  }

  taken(bytes: number): void {
    this.left -= bytes;
    if (this.left === 0) this.#state = BORDER;
  }

  /** Reads framing in `bytes[at, end)` up to data, the end of the body, or a byte that cannot stand there; returns its place. */
  read(bytes: Uint8Array, at: number, end: number): number {
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (this.#state === SIZE) this.#size(byte);
      else if (this.#state === EXTENSION) this.#extension(byte);
      else if (this.#state === BORDER) this.#border(byte);
      else if (this.#state === TRAILER) this.#trailer(byte);
      if (this.#state === BROKEN) return at;
      if (this.#state === DATA || this.#state === DONE) return at + 1;
    }
    return at;
  }

  #size(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0 && this.#digits < MOST_DIGITS) {
      this.#sizeRead = this.#sizeRead * 16 + digit;
      this.#digits += 1;
    } else if (this.#digits === 0 || digit >= 0) this.#state = BROKEN;
    else if (byte === LF) this.#sized();
    // White space is no part of the grammar, yet some senders pad with it.
    else if (byte === 0x3b || byte === 0x20 || byte === 9 || byte === CR) this.#state = EXTENSION;
    else this.#state = BROKEN;
  }

  #extension(byte: number): void {
    if (byte === LF) this.#sized();
    else if (++this.#extra > MOST_EXTRA) this.#state = BROKEN;
  }

  #sized(): void {
    this.left = this.#sizeRead;
    this.#sizeRead = this.#digits = 0;
    this.#state = this.left > 0 ? DATA : TRAILER;
    if (this.left > 0) this.#extra = 0;
  }

  #border(byte: number): void {
    if (byte === LF) this.#state = SIZE;
    else if (byte !== CR) this.#state = BROKEN;
  }

  #trailer(byte: number): void {
    if (byte === LF) {
      if (this.#line === 0) this.#state = DONE;
      this.#line = 0;
    } else if (byte !== CR) this.#line += 1;
    if (++this.#extra > MOST_EXTRA) this.#state = BROKEN;
  }
}
