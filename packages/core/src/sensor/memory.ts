import type { EngineExports } from '../engine/wasm.js';

/** Typed views of the module's memory. Memory that grew leaves old views empty: ask again after every call that may allocate. */
export class EngineMemory {
  #bytes = new Uint8Array(0);
  #words = new Uint32Array(0);
  #doubles = new Float64Array(0);

  constructor(readonly engine: EngineExports) {}

  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#view();
    return this.#bytes;
  }

  get words(): Uint32Array {
    if (this.#words.length === 0) this.#view();
    return this.#words;
  }

  get doubles(): Float64Array {
    if (this.#doubles.length === 0) this.#view();
    return this.#doubles;
  }

  #view(): void {
    const { buffer } = this.engine.memory;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }
}
