import type { Protocol, ViewHost, ViewSink, Whole } from './types.js';

/** "deflate" means zlib (RFC 9110, 8.4.1.2), but some senders leave its header away. No block of theirs begins like one. */
function hasZlibHeader(first: number): boolean {
  return (first & 0x0f) === 8 && first <= 0x78;
}

/** The views of texts. What they say is text, and no stream to be told by its first bytes. */
const TEXTS: { readonly [kind in Whole]?: string } = { jsonText: 'json', form: 'percent' };

/** A stream that is compressed as a whole, in UTF-16, a JSON text or a form. */
export class Encoded implements Protocol {
  waiting = 0;
  readonly #host: ViewHost;
  readonly #kind: Whole;
  #sink: ViewSink | undefined;

  constructor(host: ViewHost, kind: Whole) {
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
    const text = TEXTS[this.#kind];
    if (text !== undefined) return this.#host.decode(this.#kind, this.#host.open(text, 'none'));
    const kind = this.#kind === 'zlib' && !hasZlibHeader(first) ? 'raw' : this.#kind;
    return this.#host.decode(kind, this.#host.open(kind));
  }
}
