import type { EngineExports } from '../engine/wasm.js';
import { EngineError } from '../errors.js';
import type { EngineMemory } from '../sensor/memory.js';

/** Most bytes that a stream keeps of what it has seen. */
export const TAIL_ROOM = 8192;
/** Most bytes that a stream takes at a time. */
export const PIECE_BYTES = 65_536;

/**
 * Room in Wasm memory for one stream's piece at a time, with what it has kept in front. There is one for every depth of decoding:
 * while a piece is in work, what is decoded from it lies one deeper.
 *
 *   base ┌──────── TAIL_ROOM ────────┬────────── PIECE_BYTES ──────────┐
 *        │ …    kept bytes           │ piece                           │
 *        └───────────────────────────┴─────────────────────────────────┘
 *                                    pointer
 */
export class Area {
  readonly base: number;
  readonly pointer: number;
  /** The piece's index in `view`. */
  readonly begin = TAIL_ROOM;
  #view: Uint8Array = new Uint8Array(0);

  /** @throws EngineError `ENGINE_MEMORY` */
  constructor(
    readonly engine: EngineExports,
    readonly memory: EngineMemory,
  ) {
    this.base = engine.alloc(TAIL_ROOM + PIECE_BYTES);
    if (this.base === 0) throw new EngineError('ENGINE_MEMORY', 'the engine has no memory for decoded text');
    this.pointer = this.base + TAIL_ROOM;
  }

  /** All of the area; index TAIL_ROOM is the piece's first byte. */
  get view(): Uint8Array {
    if (this.#view.length === 0)
      this.#view = this.memory.bytes.subarray(this.base, this.base + TAIL_ROOM + PIECE_BYTES);
    return this.#view;
  }

  free(): void {
    this.engine.release(this.base);
  }
}
