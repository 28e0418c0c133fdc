/**
 * How many chunks a second the sensor takes, through each of its doors, and how much of the time is its own rather than the
 * engine's. Default policy, no match, 64 flows in turn.
 */

import { loadEngine } from '../packages/core/src/engine/wasm.js';
import {
  type Chunk,
  DEFAULT_POLICY,
  RECORD_BYTES,
  RECORD_DATA,
  Sensor,
  type SensorOptions,
} from '../packages/core/src/index.js';
import { CompiledPolicy } from '../packages/core/src/policy/compiled.js';
import { describeMachine } from './support/machine.js';
import { printResult, saveResult } from './support/results.js';
import { harmlessText } from './support/text.js';

const SIZES = [64, 512, 4096, 16_384];
const FLOWS = 64;
/** Chunks per call of `handleChunks` and rows per call of `handleBatch`. */
const PER_CALL = 64;
const ROUNDS = 7;
const MS_PER_ROUND = 150;

/** One way in: takes `PER_CALL` chunks. */
interface Door {
  readonly name: string;
  run(): void;
  close(): void;
}

const options: SensorOptions = { policy: DEFAULT_POLICY };

function chunksOf(size: number): Chunk[] {
  const all = harmlessText(size * PER_CALL);
  return Array.from({ length: PER_CALL }, (_, n) => ({
    flow: `flow-${n % FLOWS}`,
    pid: 1000 + (n % FLOWS),
    comm: 'bench',
    data: all.subarray(n * size, (n + 1) * size),
  }));
}

async function handleChunk(size: number): Promise<Door> {
  const sensor = await Sensor.create(options);
  const chunks = chunksOf(size);
  const run = () => {
    for (let n = 0; n < chunks.length; n++) sensor.handleChunk(chunks[n]!);
  };
  return { name: 'handleChunk', run, close: () => check(sensor) };
}

async function handleChunks(size: number): Promise<Door> {
  const sensor = await Sensor.create(options);
  const chunks = chunksOf(size);
  return { name: 'handleChunks', run: () => sensor.handleChunks(chunks), close: () => check(sensor) };
}

async function handleBatch(size: number): Promise<Door> {
  const sensor = await Sensor.create(options);
  sensor.handleBatch(0);
  const { memory, table, data } = sensor.batch;
  memory.set(harmlessText(size * PER_CALL), data);
  writeRows(new DataView(memory.buffer), table, data, size);
  // The first call allocates the flows' tails; memory may grow, but rows and payload stay where they are.
  return { name: 'handleBatch', run: () => sensor.handleBatch(PER_CALL), close: () => check(sensor) };
}

/** The engine alone: the same rows, slots filled in. */
async function engineOnly(size: number): Promise<Door> {
  const engine = await loadEngine();
  const { handle } = new CompiledPolicy(engine, DEFAULT_POLICY);
  const flows = engine.flowsCreate(FLOWS);
  const table = engine.alloc(PER_CALL * RECORD_BYTES);
  const data = engine.alloc(PER_CALL * size);
  const view = new DataView(engine.memory.buffer);
  new Uint8Array(engine.memory.buffer, data, PER_CALL * size).set(harmlessText(size * PER_CALL));
  writeRows(view, table, data, size);
  for (let n = 0; n < PER_CALL; n++) view.setUint32(table + n * RECORD_BYTES + 8, n % FLOWS, true);
  const run = () => {
    if (engine.scanBatch(handle, 1, flows, table, 0, PER_CALL) !== PER_CALL) throw new Error('the text has a match');
  };
  return { name: 'engine alone', run, close() {} };
}

function writeRows(view: DataView, table: number, data: number, size: number): void {
  for (let n = 0; n < PER_CALL; n++) {
    const row = table + n * RECORD_BYTES;
    view.setUint32(row, data + n * size, true);
    view.setUint32(row + 4, size, true);
    view.setUint32(row + 12, RECORD_DATA, true);
    view.setFloat64(row + 16, n % FLOWS, true);
    view.setFloat64(row + 24, -1, true);
    view.setUint32(row + 40, 1000 + (n % FLOWS), true);
  }
}

function check(sensor: Sensor): void {
  const { findings, gaps, chunk_errors: errors, chunks } = sensor.counters;
  if (findings + gaps + errors > 0 || chunks === 0) throw new Error('the benchmark measured something else');
  sensor.close();
}

/** Nanoseconds of processor time per chunk in one round: others may use the machine at the same time. */
function measure(door: Door): number {
  const until = performance.now() + MS_PER_ROUND;
  const began = process.cpuUsage();
  let calls = 0;
  do {
    for (let i = 0; i < 8; i++) door.run();
    calls += 8;
  } while (performance.now() < until);
  const { user, system } = process.cpuUsage(began);
  return ((user + system) * 1000) / (calls * PER_CALL);
}

const machine = describeMachine();
const rows: (string | number)[][] = [];
const raw: Record<string, string | number>[] = [];
const perSecond = new Map<string, number>();

for (const size of SIZES) {
  const doors = await Promise.all([engineOnly(size), handleBatch(size), handleChunks(size), handleChunk(size)]);
  const best = new Map(doors.map(({ name }) => [name, Number.POSITIVE_INFINITY]));
  // In turn, so that a busy neighbour slows all of them.
  for (let round = 0; round < ROUNDS; round++) {
    for (const door of doors) best.set(door.name, Math.min(best.get(door.name)!, measure(door)));
  }
  for (const door of doors) door.close();
  const alone = best.get('engine alone')!;
  for (const [name, ns] of best) {
    perSecond.set(`${name} ${size}`, 1e9 / ns);
    const own = name === 'engine alone' ? '' : Math.round(ns - alone);
    const rate = Math.round(1e6 / ns).toLocaleString('en');
    rows.push([size, name, rate, (size / ns).toFixed(2), Math.round(ns), own, (alone / ns).toFixed(2)]);
    raw.push({ size, door: name, nsPerChunk: ns, engineNs: alone });
  }
}

const goal = (name: string, least: number) => {
  const rate = perSecond.get(name)!;
  return {
    goal: `${name} B, no match: at least ${least / 1e6} M chunks/s`,
    measured: `${(rate / 1e6).toFixed(2)} M/s`,
    met: rate >= least,
  };
};

const result = {
  name: 'sensor',
  question: 'How many chunks per second does the sensor scan?',
  method: `Default policy (${DEFAULT_POLICY.rules.length} literals), text without a match, ${FLOWS} flows in turn, ${PER_CALL} chunks per call (handleChunk: 1). Best of ${ROUNDS} rounds of ${MS_PER_ROUND} ms, doors in turn, by processor time. "Own" is the time per chunk beyond that of the engine's scan of the same rows.`,
  machine,
  goals: [goal('handleChunk 512', 400_000), goal('handleChunks 512', 1_000_000), goal('handleBatch 512', 1_000_000)],
  tables: [
    {
      title: 'Chunks per second',
      columns: ['bytes', 'door', 'thousand/s', 'GB/s', 'ns/chunk', 'own ns', 'engine share'],
      rows,
    },
  ],
  raw,
};
printResult(result);
console.log(`\n${saveResult(result)}`);
