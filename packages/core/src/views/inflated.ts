import type { Compression, Protocol, ViewHost, ViewSink } from './types.js';

/** A stream that is compressed as a whole. */
export class Inflated implements Protocol {
  waiting = 0;
  readonly #sink: ViewSink;

  constructor(host: ViewHost, kind: Compression) {
    this.#sink = host.inflate(kind, host.open(kind));
  }

  push(pointer: number, length: number, offset: number): void {
    this.#sink.copy(pointer, length, offset);
    this.waiting = offset + length;
  }

  end(): void {
    this.#sink.end();
  }

  free(): void {}
}
