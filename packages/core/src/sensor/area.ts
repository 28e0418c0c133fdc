import type { EngineExports } from '../engine/wasm.js';
import { EngineError } from '../errors.js';
import { type ChunkBatch, RECORD_BYTES } from './batch.js';
import type { EngineMemory } from './memory.js';

const ROWS = 4096;
const DATA_BYTES = 2 * 1024 * 1024;

/** The batch in Wasm memory: a table of rows and room for their payload. */
export class BatchArea {
  readonly table: number;
  readonly rows = ROWS;
  readonly data: number;
  readonly dataBytes = DATA_BYTES;
  #view: ChunkBatch | undefined;

  constructor(
    readonly engine: EngineExports,
    readonly memory: EngineMemory,
  ) {
    this.table = engine.alloc(ROWS * RECORD_BYTES);
    this.data = engine.alloc(DATA_BYTES);
    if (this.table === 0 || this.data === 0) {
      throw new EngineError('ENGINE_MEMORY', 'the engine has no memory for its batch area');
    }
  }

  view(): ChunkBatch {
    const memory = this.memory.bytes;
    if (this.#view?.memory !== memory) {
      const { table, rows, data, dataBytes } = this;
      this.#view = { memory, table, rows, data, dataBytes };
    }
    return this.#view;
  }

  free(): void {
    this.engine.release(this.table);
    this.engine.release(this.data);
  }
}
