const NEWLINE = 0x0a;
const RETURN = 0x0d;
const FIRST_ROOM = 4096;

/** Receives what `LineReader` cuts out of a stream. */
export interface LineSink {
  /** A line without its end, not empty; valid during the call only. `number` counts from 1. */
  line(bytes: Buffer, number: number): void;
  /** A line of more than `maxBytes`, which was skipped. */
  tooLong(number: number): void;
}

/** Cuts a stream of bytes into lines. Copies only what straddles reads, and keeps at most `maxBytes` of it. */
export class LineSplitter {
  /** Lines seen so far, empty ones included. */
  lines = 0;
  readonly #maxBytes: number;
  readonly #sink: LineSink;
  /** The beginning of a line whose end has not come yet. */
  #begun: Buffer = Buffer.alloc(0);
  #begunBytes = 0;
  /** That beginning is too long already. */
  #skipping = false;

  constructor(maxBytes: number, sink: LineSink) {
    this.#maxBytes = maxBytes;
    this.#sink = sink;
  }

  /** `bytes` may be overwritten afterwards. */
  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, at);
      if (newline < 0) {
        this.#begin(bytes.subarray(at));
        return;
      }
      this.#finish(bytes.subarray(at, newline));
      at = newline + 1;
    }
  }

  /** The stream is over; its last line needs no newline. */
  end(): void {
    if (this.#begunBytes > 0 || this.#skipping) this.#finish(Buffer.alloc(0));
  }

  #begin(bytes: Buffer): void {
    const total = this.#begunBytes + bytes.length;
    if (this.#skipping || total > this.#maxBytes) {
      this.#skipping = true;
      return;
    }
    if (total > this.#begun.length) {
      const room = Buffer.allocUnsafeSlow(
        Math.min(this.#maxBytes, Math.max(total, 2 * this.#begun.length, FIRST_ROOM)),
      );
      this.#begun.copy(room, 0, 0, this.#begunBytes);
      this.#begun = room;
    }
    bytes.copy(this.#begun, this.#begunBytes);
    this.#begunBytes = total;
  }

  #finish(rest: Buffer): void {
    this.lines += 1;
    let line = rest;
    if (this.#begunBytes > 0 || this.#skipping) {
      this.#begin(rest);
      line = this.#begun.subarray(0, this.#begunBytes);
    }
    const tooLong = this.#skipping || line.length > this.#maxBytes;
    this.#begunBytes = 0;
    this.#skipping = false;
    if (tooLong) {
      this.#sink.tooLong(this.lines);
      return;
    }
    if (line[line.length - 1] === RETURN) line = line.subarray(0, -1);
    if (line.length > 0) this.#sink.line(line, this.lines);
  }
}
