/** Times the engine over a corpus. */
import { Automaton, type Literal } from '../../packages/core/src/engine/automaton.js';
import type { EngineExports } from '../../packages/core/src/engine/wasm.js';
import { RECORD_BYTES } from '../../packages/core/src/index.js';

/** Time is taken for slices of this size, each one's best counts: what else the machine does then does not. */
export const SLICE = 256 << 10;

export interface Measured {
  readonly seconds: number;
  readonly matches: number;
  readonly compileMs: number;
}

const now = () => performance.now() / 1000;

/** `bytes` in the module's memory. */
export function place(engine: EngineExports, bytes: Uint8Array): number {
  const pointer = engine.alloc(bytes.length);
  if (pointer === 0) throw new Error('the corpus does not fit into the module');
  new Uint8Array(engine.memory.buffer).set(bytes, pointer);
  return pointer;
}

export function compile(
  engine: EngineExports,
  literals: readonly Literal[],
): { automaton: Automaton; compileMs: number } {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; ; run++) {
    const start = now();
    const automaton = Automaton.compile(engine, literals);
    best = Math.min(best, now() - start);
    if (run === 2) return { automaton, compileMs: best * 1000 };
    automaton.free();
  }
}

/** Best of `runs` for every slice. `scan` returns the matches between two offsets. */
export function bestOf(
  size: number,
  runs: number,
  scan: (from: number, to: number) => number,
): Omit<Measured, 'compileMs'> {
  let seconds = 0;
  let matches = 0;
  for (let from = 0; from < size; from += SLICE) {
    const to = Math.min(from + SLICE, size);
    let best = Number.POSITIVE_INFINITY;
    let found = 0;
    for (let run = 0; run < runs; run++) {
      const start = now();
      found = scan(from, to);
      best = Math.min(best, now() - start);
    }
    seconds += best;
    matches += found;
  }
  return { seconds, matches };
}

/** Every chunk by itself, one call each. */
export function scanChunks(
  engine: EngineExports,
  automaton: Automaton,
  corpus: number,
  size: number,
  chunk: number,
  runs: number,
) {
  const more = (engine.statusPointer() >>> 2) + 2;
  const words = new Uint32Array(engine.memory.buffer);
  const { handle } = automaton;
  return bestOf(size, runs, (from, to) => {
    let found = 0;
    for (let at = from; at < to; at += chunk) {
      found += engine.scanBegin(handle, 0, corpus + at, Math.min(chunk, to - at));
      while (words[more] !== 0) found += engine.scanOn();
    }
    return found;
  });
}

/** A table of rows over the corpus, the chunks given in turn to `flows` flows. */
export function layRows(engine: EngineExports, corpus: number, size: number, chunk: number, flows: number): number {
  const rows = Math.ceil(size / chunk);
  const table = engine.alloc(rows * RECORD_BYTES);
  if (table === 0) throw new Error('the rows do not fit into the module');
  const view = new DataView(engine.memory.buffer, table);
  for (let row = 0; row < rows; row++) {
    const at = row * RECORD_BYTES;
    view.setUint32(at, corpus + row * chunk, true);
    view.setUint32(at + 4, Math.min(chunk, size - row * chunk), true);
    view.setUint32(at + 8, row % flows, true);
    view.setUint32(at + 12, 0, true);
    view.setFloat64(at + 24, -1, true);
  }
  return table;
}

/** The chunks as records of flows, in batches, matches over the cuts included. */
export function scanFlows(
  engine: EngineExports,
  automaton: Automaton,
  table: number,
  chunk: number,
  size: number,
  flowCount: number,
  runs: number,
) {
  const flows = engine.flowsCreate(flowCount);
  if (flows === 0) throw new Error('the flows do not fit into the module');
  const status = engine.statusPointer() >>> 2;
  const { handle } = automaton;
  let words = new Uint32Array(engine.memory.buffer);
  const scan = (from: number, to: number) => {
    let found = 0;
    for (let row = from; row < to; ) {
      row = engine.scanBatch(handle, 1, flows, table, row, to);
      if (words.length === 0) words = new Uint32Array(engine.memory.buffer);
      if (words[status] === 0) break;
      if (words[status] !== 1) throw new Error(`unexpected reason ${words[status]}`);
      found += words[status + 1]!;
      while (words[status + 2] !== 0) found += engine.scanMore(handle, 1, flows, table, row);
      const at = (table + row * RECORD_BYTES) >>> 2;
      engine.flowCommit(flows, words[at + 2]!, handle, words[at]!, words[at + 1]!);
      row++;
    }
    return found;
  };
  // Whole passes: a slice cannot be repeated without repeating the flow. Each slice's best pass counts.
  const step = Math.max(1, Math.floor(SLICE / chunk));
  const rows = Math.ceil(size / chunk);
  const best = new Float64Array(Math.ceil(rows / step)).fill(Number.POSITIVE_INFINITY);
  let matches = 0;
  for (let run = 0; run < runs; run++) {
    for (let slot = 0; slot < flowCount; slot++) engine.flowReset(flows, slot, 0);
    matches = 0;
    for (let from = 0; from < rows; from += step) {
      const start = now();
      matches += scan(from, Math.min(from + step, rows));
      best[from / step] = Math.min(best[from / step]!, now() - start);
    }
  }
  engine.flowsFree(flows);
  return { seconds: best.reduce((a, b) => a + b, 0), matches };
}
