import type { EngineMemory } from '../sensor/memory.js';

const SMALLEST = 512;
const MOST_KEPT = 4096;

/** Bytes in Wasm memory that wait for those behind them. Grows as needed up to a limit. */
export class Carry {
  /** Address of the first byte. */
  pointer = 0;
  length = 0;
  #room = 0;

  constructor(
    readonly memory: EngineMemory,
    readonly limit: number,
  ) {}

  /** Appends bytes of Wasm memory. False, with nothing changed, if that would pass the limit or there is no memory left. */
  append(pointer: number, length: number): boolean {
    const needed = this.length + length;
    if (needed > this.limit || !this.#make(needed)) return false;
    this.memory.bytes.copyWithin(this.pointer + this.length, pointer, pointer + length);
    this.length = needed;
    return true;
  }

  #make(needed: number): boolean {
    if (needed <= this.#room) return true;
    const { engine } = this.memory;
    const room = Math.min(this.limit, Math.max(needed, 2 * this.#room, SMALLEST));
    const pointer = engine.alloc(room);
    if (pointer === 0) return false;
    this.memory.bytes.copyWithin(pointer, this.pointer, this.pointer + this.length);
    engine.release(this.pointer);
    this.pointer = pointer;
    this.#room = room;
    return true;
  }

  /** Forgets the bytes, and keeps little memory. */
  clear(): void {
    this.length = 0;
    if (this.#room > MOST_KEPT) this.free();
  }

  /** Forgets the bytes and gives their memory back. */
  free(): void {
    this.memory.engine.release(this.pointer);
    this.pointer = this.length = this.#room = 0;
  }
}
