/** Drives the batch exports of one module the way the sensor does. */
import type { Automaton, Match } from '../../src/engine/automaton.js';
import type { EngineExports } from '../../src/engine/wasm.js';
import { RECORD_BYTES } from '../../src/sensor/batch.js';
import { sorted } from './reference.js';

export const REASON = { done: 0, hits: 1, gap: 2, other: 3, attention: 4, memory: 5, malformed: 6 } as const;

const ROWS = 64;
const DATA_BYTES = 1 << 20;

/** One table of rows with a payload area, and a flow table. */
export class Bench {
  readonly engine: EngineExports;
  readonly table: number;
  readonly data: number;
  readonly flows: number;
  #used = 0;

  constructor(engine: EngineExports, capacity = 16) {
    this.engine = engine;
    this.table = engine.alloc(ROWS * RECORD_BYTES);
    this.data = engine.alloc(DATA_BYTES);
    this.flows = engine.flowsCreate(capacity);
    if (!this.table || !this.data || !this.flows) throw new Error('no memory for the test bench');
  }

  status() {
    const words = new Uint32Array(this.engine.memory.buffer, this.engine.statusPointer(), 4);
    return { reason: words[0]!, hits: words[1]!, more: words[2]!, state: words[3]! };
  }

  slot(slot: number) {
    const view = new DataView(this.engine.memory.buffer, this.flows + slot * 32, 32);
    return {
      offset: view.getFloat64(0, true),
      base: view.getFloat64(8, true),
      state: view.getUint32(16, true),
      epoch: view.getUint32(20, true),
      tail: view.getUint32(24, true),
    };
  }

  /** Writes row `row`; `offset` -1 means unknown. */
  put(row: number, slot: number, bytes: Uint8Array, offset = -1, kind = 0): void {
    if (row === 0) this.#used = 0;
    const pointer = this.data + this.#used;
    new Uint8Array(this.engine.memory.buffer, pointer, bytes.length).set(bytes);
    this.#used += bytes.length;
    const view = new DataView(this.engine.memory.buffer, this.table + row * RECORD_BYTES, RECORD_BYTES);
    view.setUint32(0, pointer, true);
    view.setUint32(4, bytes.length, true);
    view.setUint32(8, slot, true);
    view.setUint32(12, kind, true);
    view.setFloat64(24, offset, true);
  }

  hits(count: number): { pattern: number; end: number }[] {
    const view = new DataView(this.engine.memory.buffer, this.engine.hitsPointer(), count * 8);
    return Array.from({ length: count }, (_, i) => ({
      pattern: view.getUint32(i * 8, true),
      end: view.getInt32(i * 8 + 4, true),
    }));
  }

  /** Scans rows `[0, rows)`, committing those with hits, and returns per slot what was found, in offsets of the flow. */
  run(automaton: Automaton, rows: number, epoch = 1): Map<number, Match[]> {
    const { engine } = this;
    const found = new Map<number, Match[]>();
    for (let row = 0; row < rows; ) {
      row = engine.scanBatch(automaton.handle, epoch, this.flows, this.table, row, rows);
      let status = this.status();
      if (status.reason === REASON.done) break;
      if (status.reason !== REASON.hits) throw new Error(`unexpected reason ${status.reason}`);
      const view = new DataView(engine.memory.buffer, this.table + row * RECORD_BYTES, RECORD_BYTES);
      const [data, length, slot] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
      const { offset } = this.slot(slot);
      const list = found.get(slot) ?? [];
      found.set(slot, list);
      for (;;) {
        for (const { pattern, end } of this.hits(status.hits)) {
          list.push({ pattern, start: offset + end - automaton.lengths[pattern]!, end: offset + end });
        }
        if (!status.more) break;
        engine.scanMore(automaton.handle, epoch, this.flows, this.table, row);
        status = this.status();
      }
      engine.flowCommit(this.flows, slot, automaton.handle, data, length);
      row++;
    }
    for (const list of found.values()) sorted(list);
    return found;
  }

  /** All matches of one stream cut into `chunks`, through slot `slot`. */
  stream(automaton: Automaton, chunks: readonly Uint8Array[], slot = 0): Match[] {
    const found: Match[] = [];
    for (let i = 0; i < chunks.length; i += ROWS) {
      const part = chunks.slice(i, i + ROWS);
      part.forEach((chunk, row) => {
        this.put(row, slot, chunk);
      });
      for (const match of this.run(automaton, part.length).get(slot) ?? []) found.push(match);
    }
    return sorted(found);
  }

  free(): void {
    this.engine.release(this.table);
    this.engine.release(this.data);
    this.engine.flowsFree(this.flows);
  }
}

/** Cuts `bytes` at the given places, which need not be sorted or inside. */
export function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.filter((n) => n > 0 && n < bytes.length).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}
