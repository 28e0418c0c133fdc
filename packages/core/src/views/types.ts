/** What decoders of protocols and those who run them know of each other. */
import type { EngineMemory } from '../sensor/memory.js';

/**
 * A stream that a decoder splits off its input. Pointers lead into Wasm memory and hold for the call only. Offsets are those of
 * the decoder's input, in ascending order.
 */
export interface ViewSink {
  /** Appends `length` bytes; they stand, one for one, for the input from offset `from` on. */
  copy(pointer: number, length: number, from: number): void;
  /** Appends `length` bytes that stand, all of them together, for the input bytes `[from, to)`. */
  unit(pointer: number, length: number, from: number, to: number): void;
  /** What follows does not continue what was before. */
  cut(): void;
  /** Nothing follows. */
  end(): void;
}

/** Compressed forms: RFC 1952, RFC 1950, RFC 1951, RFC 7932. */
export type Compression = 'gzip' | 'zlib' | 'raw' | 'br';

/** What a stream may be as a whole: compressed, or text in UTF-16, the low byte of each unit first or last. */
export type Encoding = Compression | 'utf16le' | 'utf16be';

/** What is decoded as a whole: a JSON text and a form become what they say. */
export type Whole = Encoding | 'jsonText' | 'form';

/** What a stream turns out to be. `http1-body` is a chunked body whose head was not seen. */
export type StreamKind = 'http1' | 'http1-body' | 'http2' | Encoding | 'sse' | 'ndjson' | 'json' | 'form' | 'none';

/** Runs decoders on one stream: a flow, or what another decoder split off. */
export interface ViewHost {
  readonly memory: EngineMemory;
  /**
   * A new stream below this one. It is searched, and decoded in turn: by what `kind` names, or else by what its first bytes tell.
   *
   * @param moves what is copied to it is searched there and not here
   */
  open(name: string, kind?: StreamKind, moves?: boolean): ViewSink;
  /**
   * A sink whose bytes are decoded into `sink`, which `open` returned. They must be those of the decoder's input, in one
   * stretch. Takes broken data without complaint.
   */
  decode(kind: Whole, sink: ViewSink): ViewSink;
}

/** A decoder of one stream. Nothing depends on how its input is cut; broken input is passed over, never an error. */
export interface Protocol {
  /** The next `length` bytes, at `pointer` in Wasm memory; `offset` is that of the first of them in the stream. */
  push(pointer: number, length: number, offset: number): void;
  /** The stream has ended. Ends all sinks. */
  end(): void;
  /** Gives memory back. Nothing may be called afterwards. */
  free(): void;
  /** Bytes before this offset are never passed on any more. */
  readonly waiting: number;
}
