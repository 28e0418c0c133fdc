/** A host that writes down what decoders split off, and checks that they keep to the contract. */
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { type EngineExports, loadEngine } from '../../src/engine/wasm.js';
import { EngineMemory } from '../../src/sensor/memory.js';
import { Sniffed } from '../../src/views/sniffed.js';
import type { Encoding, Protocol, StreamKind, ViewHost, ViewSink } from '../../src/views/types.js';

export const engine: EngineExports = await loadEngine();
const memory = new EngineMemory(engine);

/** Raw streams need not end: those of WebSocket do not. */
const inflateOpen = (bytes: Uint8Array) => inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
const fromUtf16 = (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString('utf16le'));
const INFLATE = {
  gzip: gunzipSync,
  zlib: inflateSync,
  raw: inflateOpen,
  br: brotliDecompressSync,
  utf16le: fromUtf16,
  utf16be: (bytes: Uint8Array) => fromUtf16(Buffer.from(bytes).swap16()),
};

const isCompression = (kind: StreamKind): kind is Encoding => Object.hasOwn(INFLATE, kind);

/** Growing ends here: tests decode thousands of times. */
const MOST_MEMORY = 128 * 1024 * 1024;

/** A stream that was split off. Byte `i` stands for the input bytes `[from[i], to[i])`. */
export class Recorded implements ViewSink {
  readonly bytes: number[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly cuts: number[] = [];
  isEnded = false;

  constructor(
    readonly host: RecordingHost,
    readonly name: string,
    readonly kind?: StreamKind,
    /** The host does not search what is copied to this. */
    readonly moves = false,
  ) {}

  get text(): string {
    return Buffer.from(this.bytes).toString();
  }

  /** The text, decompressed if the kind says so. */
  get content(): string {
    const { kind } = this;
    if (kind === undefined || !isCompression(kind)) return this.text;
    const hasHeader = kind !== 'zlib' || this.bytes[0] === 0x78;
    return INFLATE[hasHeader ? kind : 'raw'](Uint8Array.from(this.bytes)).toString();
  }

  copy(pointer: number, length: number, from: number): void {
    this.#append(pointer, length, from);
    for (let i = 0; i < length; i++) {
      this.from.push(from + i);
      this.to.push(from + i + 1);
    }
  }

  unit(pointer: number, length: number, from: number, to: number): void {
    if (to <= from) throw new Error('a unit stands for no input');
    this.#append(pointer, length, from);
    for (let i = 0; i < length; i++) {
      this.from.push(from);
      this.to.push(to);
    }
  }

  #append(pointer: number, length: number, from: number): void {
    if (this.isEnded) throw new Error('bytes behind the end');
    if (length <= 0) throw new Error('no bytes');
    if (from < this.host.floor) throw new Error(`offset ${from} was said to be done with (${this.host.floor})`);
    if ((this.from.at(-1) ?? 0) > from) throw new Error('offsets do not ascend');
    this.bytes.push(...memory.bytes.subarray(pointer, pointer + length));
    this.host.disturb();
  }

  cut(): void {
    this.cuts.push(this.bytes.length);
  }

  end(): void {
    if (this.isEnded) throw new Error('ended twice');
    this.isEnded = true;
  }
}

export class RecordingHost implements ViewHost {
  readonly memory = memory;
  readonly streams: Recorded[] = [];
  /** What `waiting` said last: nothing may be passed on from before it. */
  floor = 0;
  /** So many streams were open at once. */
  mostOpen = 0;
  #calm = false;

  open(name: string, kind?: StreamKind, moves?: boolean): Recorded {
    const stream = new Recorded(this, name, kind, moves);
    this.streams.push(stream);
    this.mostOpen = Math.max(this.mostOpen, this.streams.filter(({ isEnded }) => !isEnded).length);
    this.disturb();
    return stream;
  }

  decode(kind: Encoding, sink: ViewSink): ViewSink {
    const compressed = new Recorded(this, kind);
    const end = compressed.end.bind(compressed);
    compressed.end = () => {
      end();
      const inflated = INFLATE[kind](Uint8Array.from(compressed.bytes));
      // Of a compressed stream only the whole is known here, and only at its end.
      this.floor = 0;
      if (inflated.length > 0) {
        withBytes(inflated, (pointer) =>
          sink.unit(pointer, inflated.length, compressed.from[0]!, compressed.to.at(-1)!),
        );
      }
      sink.end();
    };
    return compressed;
  }

  /** Makes views of the module's memory useless, as any allocation may. */
  disturb(): void {
    const { buffer } = engine.memory;
    if (this.#calm || buffer.byteLength > MOST_MEMORY) return;
    this.#calm = true;
    const held: number[] = [];
    while (engine.memory.buffer === buffer) held.push(engine.alloc(256 * 1024));
    for (const pointer of held) engine.release(pointer);
  }
}

export function withBytes<T>(bytes: Uint8Array, use: (pointer: number) => T): T {
  const pointer = engine.alloc(bytes.length + 1);
  memory.bytes.set(bytes, pointer);
  try {
    return use(pointer);
  } finally {
    memory.bytes.fill(0xee, pointer, pointer + bytes.length);
    engine.release(pointer);
  }
}

/** Cuts `input` at the places and gives the pieces to a decoder, each at an address that holds other bytes afterwards. */
export function decode(
  input: Uint8Array,
  places: readonly number[] = [],
  make: (host: ViewHost) => Protocol = (host) => new Sniffed(host, 'flow'),
): Recorded[] {
  const host = new RecordingHost();
  const used = engine.heapUsed();
  const protocol = make(host);
  const borders = [...new Set(places.map((place) => place % (input.length + 1)))].sort((a, b) => a - b);
  let at = 0;
  for (const border of [...borders, input.length]) {
    const piece = input.subarray(at, border);
    if (piece.length > 0) withBytes(piece, (pointer) => protocol.push(pointer, piece.length, at));
    at = border;
    if (protocol.waiting < host.floor || protocol.waiting > at)
      throw new Error(`waiting: ${protocol.waiting} at ${at}`);
    host.floor = protocol.waiting;
  }
  protocol.end();
  protocol.free();
  if (engine.heapUsed() !== used) throw new Error('memory was not given back');
  if (host.streams.some(({ isEnded }) => !isEnded)) throw new Error('a stream has not ended');
  return host.streams;
}

/** What matters of streams, to compare. */
export const summary = (streams: readonly Recorded[]) =>
  streams.map(({ name, kind, bytes, from, to, cuts }) => ({ name, kind, bytes, from, to, cuts }));

/** Each byte by itself. */
export const everywhere = (input: Uint8Array) => Array.from(input, (_, i) => i);

export const places = fc.array(fc.nat(), { maxLength: 12 });

export const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
