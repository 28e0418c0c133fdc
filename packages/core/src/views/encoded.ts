import type { Encoding, Protocol, ViewHost, ViewSink } from './types.js';

/** "deflate" means zlib (RFC 9110, 8.4.1.2), but some senders leave its header away. No block of theirs begins like one. */
function hasZlibHeader(first: number): boolean {
  return (first & 0x0f) === 8 && first <= 0x78;
}

/** A stream that is compressed as a whole, or in UTF-16. */
export class Encoded implements Protocol {
  waiting = 0;
  readonly #host: ViewHost;
  readonly #kind: Encoding;
  #sink: ViewSink | undefined;

  constructor(host: ViewHost, kind: Encoding) {
    this.#host = host;
    this.#kind = kind;
  }

  push(pointer: number, length: number, offset: number): void {
    this.#sink ??= this.#open(this.#host.memory.bytes[pointer]!);
    this.#sink.copy(pointer, length, offset);
    this.waiting = offset + length;
  }

  end(): void {
    this.#sink?.end();
    this.#sink = undefined;
  }

  free(): void {}

  #open(first: number): ViewSink {
    const kind = this.#kind === 'zlib' && !hasZlibHeader(first) ? 'raw' : this.#kind;
    return this.#host.decode(kind, this.#host.open(kind));
  }
}
