/** A decoder in the module: it undoes one encoding of a stream, piece by piece. */
import { EngineError } from '../errors.js';
import type { EngineExports } from './wasm.js';

/** What is undone. The first five work on text, the others on streams as a whole: a JSON text, a form, what is compressed, UTF-16. */
export const DECODER_KINDS = {
  json: 1,
  percent: 2,
  entity: 3,
  runs: 4,
  quoted: 5,
  jsonText: 6,
  form: 7,
  gzip: 8,
  zlib: 9,
  raw: 10,
  br: 11,
  utf16le: 12,
  utf16be: 13,
} as const;
export type DecoderKind = keyof typeof DECODER_KINDS;

/** Bits of `triggers` that call for the decoders of text. */
export const TRIGGERS = { json: 1, percent: 2, entity: 4, runs: 8, quoted: 16 } as const;

/** Bits of `Decoder.status`. */
export const DECODER_STATUS = {
  /** Nothing is under way: until its trigger comes, the decoder may be passed over with `skip`. */
  idle: 1,
  /** The compressed input is damaged or its checksum does not agree; what was produced stands. */
  damaged: 2,
  /** The compressed stream is over; the rest is swallowed. */
  over: 4,
  /** All output of this call belongs to a run that holds a gzip stream, … */
  gzipRun: 8,
  /** That run ends with this call: the last byte is the separator. */
  runEnd: 16,
  /** Nothing more is decoded: the rest is damaged, or Brotli without its dictionary, or there is no memory; it is swallowed. */
  stopped: 32,
  /** … a zlib stream, text in UTF-16. */
  zlibRun: 64,
  utf16Run: 128,
} as const;

/** So many bytes of the stream must lie in front of the input, or all there were. */
export const LOOKBACK = 1024;
/** The least room for output, in bytes, and for the map, in entries, with which a decoder gets on. */
export const LEAST_ROOM = 512;
export const LEAST_ENTRIES = 16;
/** Bytes of one entry of the map, drawn in `assembly/views/output.ts`. */
export const ENTRY_BYTES = 12;

/** Call `close()` when the stream ends. All pointers are addresses in the module's memory. */
export class Decoder {
  readonly #engine: EngineExports;
  readonly #result: number;
  #handle: number;

  /** @throws EngineError `ENGINE_MEMORY` if the engine's memory is exhausted. */
  constructor(engine: EngineExports, kind: DecoderKind) {
    this.#engine = engine;
    this.#result = engine.decodedPointer() >>> 2;
    this.#handle = engine.decoderOpen(DECODER_KINDS[kind]);
    if (this.#handle === 0) {
      throw new EngineError('ENGINE_MEMORY', `the engine has no memory left for a decoder of ${kind}`);
    }
  }

  /**
   * Decodes `length` bytes at `input` and returns how many of them were taken: fewer than `length` only when the output or its
   * map is full; then call again with the rest. With `final`, what is held is flushed: call again until nothing is produced
   * and everything is taken. The bytes of the stream before `input` must lie directly in front of it, as far as LOOKBACK.
   *
   * @param room bytes at `out`, at least LEAST_ROOM
   * @param entries entries at `map`, at least LEAST_ENTRIES
   */
  decode(
    input: number,
    length: number,
    out: number,
    room: number,
    map: number,
    entries: number,
    final: boolean,
  ): number {
    return this.#engine.decode(this.#handle, input, length, out, room, map, entries, final ? 1 : 0);
  }

  #word(index: number): number {
    return new Uint32Array(this.#engine.memory.buffer)[this.#result + index]!;
  }

  /** Bytes that the last call of any decoder of this engine has put out. */
  get produced(): number {
    return this.#word(0);
  }

  /** Entries of the map of the last call of any decoder of this engine, the closing one included. */
  get entries(): number {
    return this.#word(1);
  }

  /** Bits of DECODER_STATUS after the last call of any decoder of this engine. */
  get status(): number {
    return this.#word(2);
  }

  /** Passes over `bytes` of the stream in which `triggers` sees nothing for this decoder; only after a call that left it idle. */
  skip(bytes: number): void {
    this.#engine.decoderSkip(this.#handle, bytes);
  }

  /** Gives the memory back. Harmless when called again. */
  close(): void {
    if (this.#handle === 0) return;
    this.#engine.decoderClose(this.#handle);
    this.#handle = 0;
  }
}
