/** Drives a decoder over a stream in pieces, and brings its output and map into one form whatever the pieces were. */
import {
  DECODER_STATUS,
  Decoder,
  type DecoderKind,
  ENTRY_BYTES,
  LEAST_ENTRIES,
  LEAST_ROOM,
  LOOKBACK,
  TRIGGERS,
} from '../../src/engine/decoder.js';
import type { EngineExports } from '../../src/engine/wasm.js';

/** Output, and for each byte of it the range of input it stands for. */
export interface Decoded {
  readonly bytes: Uint8Array;
  readonly ranges: readonly (readonly [number, number])[];
  /** Bits of all calls. */
  readonly status: number;
}

export interface Driving {
  readonly room?: number;
  readonly entries?: number;
  /** Leaves the decoder out where it is idle and has no trigger. */
  readonly skip?: boolean;
  /** The stream goes on behind the pieces. */
  readonly unfinished?: boolean;
  /** Output after which no more is asked for. */
  readonly most?: number;
}

const INPUT_BYTES = 1 << 20;
const GUARD = 0xa5;

/** Memory of one engine for the tests of decoders; it sees to it that nothing is written behind out and map. */
export class DecoderBench {
  readonly engine: EngineExports;
  readonly #input: number;
  readonly #out: number;
  readonly #map: number;

  constructor(engine: EngineExports) {
    this.engine = engine;
    this.#input = engine.alloc(INPUT_BYTES);
    this.#out = engine.alloc(INPUT_BYTES);
    this.#map = engine.alloc(INPUT_BYTES);
    if (!this.#input || !this.#out || !this.#map) throw new Error('no memory for the test bench');
  }

  run(kind: DecoderKind, pieces: readonly Uint8Array[], driving: Driving = {}): Decoded {
    const {
      room = 1 << 16,
      entries = 1 << 12,
      skip = false,
      unfinished = false,
      most = Number.POSITIVE_INFINITY,
    } = driving;
    if (room < LEAST_ROOM || entries < LEAST_ENTRIES) throw new Error('less than a decoder needs');
    const decoder = new Decoder(this.engine, kind);
    const parts: Uint8Array[] = [];
    const ranges: (readonly [number, number])[] = [];
    let lookback = new Uint8Array(0);
    let status = 0;
    let offset = 0;
    let idle = false;
    const last = pieces.length === 0 ? [new Uint8Array(0)] : pieces;
    for (const [index, piece] of last.entries()) {
      // What is more than LOOKBACK before the piece must not matter.
      const memory = new Uint8Array(this.engine.memory.buffer);
      memory.fill(GUARD, this.#input, this.#input + LOOKBACK + 64);
      const at = this.#input + LOOKBACK + 64;
      memory.set(lookback, at - lookback.length);
      memory.set(piece, at);
      memory.fill(GUARD, at + piece.length, at + piece.length + 64);
      const final = index === last.length - 1 && !unfinished;
      const wanted = kind in TRIGGERS ? TRIGGERS[kind as keyof typeof TRIGGERS] : 0;
      if (skip && idle && !final && !(this.engine.triggers(at, piece.length) & wanted)) {
        decoder.skip(piece.length);
        offset += piece.length;
      } else {
        for (let taken = 0; ranges.length < most; ) {
          const input = at + taken;
          // A decoder may make the memory grow.
          const now = new Uint8Array(this.engine.memory.buffer);
          now.fill(GUARD, this.#out + room, this.#out + room + 32);
          now.fill(GUARD, this.#map + entries * ENTRY_BYTES, this.#map + entries * ENTRY_BYTES + 32);
          const rest = piece.length - taken;
          const n = decoder.decode(input, rest, this.#out, room, this.#map, entries, final);
          if (n > rest) throw new Error(`took ${n} of ${rest} bytes`);
          status |= decoder.status;
          idle = (decoder.status & DECODER_STATUS.idle) !== 0;
          this.#collect(decoder, room, entries, offset, parts, ranges);
          taken += n;
          offset += n;
          if (n === rest && (!final || decoder.produced === 0)) break;
          if (n === 0 && decoder.produced === 0) throw new Error('the decoder does not get on');
        }
      }
      const joined = new Uint8Array(lookback.length + piece.length);
      joined.set(lookback);
      joined.set(piece, lookback.length);
      lookback = joined.slice(-LOOKBACK);
    }
    decoder.close();
    return { bytes: Buffer.concat(parts), ranges, status };
  }

  #collect(
    decoder: Decoder,
    room: number,
    capacity: number,
    offset: number,
    parts: Uint8Array[],
    ranges: (readonly [number, number])[],
  ): void {
    const { produced, entries } = decoder;
    const memory = new Uint8Array(this.engine.memory.buffer);
    for (let i = 0; i < 32; i++) {
      if (memory[this.#out + room + i] !== GUARD) throw new Error('wrote behind the output');
      if (memory[this.#map + capacity * ENTRY_BYTES + i] !== GUARD) throw new Error('wrote behind the map');
    }
    if (produced > room || entries > capacity) throw new Error('more than there is room for');
    parts.push(memory.slice(this.#out, this.#out + produced));
    if (produced === 0) {
      if (entries !== 0) throw new Error('a map of nothing');
      return;
    }
    const view = new DataView(this.engine.memory.buffer, this.#map, entries * ENTRY_BYTES);
    const entry = (n: number) => ({
      out: view.getUint32(n * ENTRY_BYTES, true),
      from: view.getInt32(n * ENTRY_BYTES + 4, true) + offset,
      ratio: view.getUint32(n * ENTRY_BYTES + 8, true),
    });
    if (entry(0).out !== 0 || entry(entries - 1).out !== produced) throw new Error('the map does not fit the output');
    for (let n = 0; n + 1 < entries; n++) {
      const [{ out, from, ratio }, next] = [entry(n), entry(n + 1)];
      const [inUnit, outUnit] = [ratio >>> 16, ratio & 0xffff];
      if (next.out <= out) throw new Error('entries out of order');
      for (let at = out; at < next.out; at++) {
        if (ratio === 0) ranges.push([from, next.from]);
        else {
          const start = from + Math.floor((at - out) / outUnit) * inUnit;
          ranges.push([start, start + inUnit]);
        }
      }
      if (ratio !== 0 && (next.out - out) % outUnit !== 0) throw new Error('part of a unit');
    }
  }
}
