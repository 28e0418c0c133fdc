/**
 * How many bytes a second each feed brings to the scanner and through it, on one core, and how much of the time the way
 * there takes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHookwireFeed } from '../packages/capture-hookwire/src/index.js';
import { createIngestFeed } from '../packages/capture-ingest/src/index.js';
import { createStdinFeed } from '../packages/capture-stdin/src/index.js';
import { type Chunk, DEFAULT_POLICY, type Feed, Sensor } from '../packages/core/src/index.js';
import { describeMachine } from './support/machine.js';
import { printResult, saveResult } from './support/results.js';
import { harmlessText } from './support/text.js';

const SIZES = [512, 4096, 65_536];
const ROUNDS = 3;
const MS_PER_ROUND = 600;
const WARM_UP_MS = 200;
const FLOWS = 16;

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'bench-feeds-'));
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Measured {
  /** Bytes per second of this process's processor time, and of the clock's. */
  readonly perCore: number;
  readonly perSecond: number;
}

function sender(feed: string, target: string, size: number): ChildProcess {
  const args = ['--import', at('../scripts/typescript.mjs'), at('support/feed-sender.ts'), feed, target, String(size)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Runs a feed against a sender in another process until it has settled, then measures. */
async function throughFeed(name: string, size: number): Promise<Measured> {
  const sensor = await Sensor.create({ policy: DEFAULT_POLICY });
  let target = '';
  const log = ({ fields }: { fields: Readonly<Record<string, unknown>> }) => {
    if (typeof fields.address === 'string') target = fields.address.replace(/^(unix:|.*:)/, '');
  };
  let child: ChildProcess | undefined;
  let feed: Feed;
  if (name === 'stdin') {
    child = sender(name, '', size);
    feed = createStdinFeed({ input: child.stdout! });
  } else if (name === 'ingest') feed = createIngestFeed({ address: ':0', log });
  else feed = createHookwireFeed({ address: `unix:${join(scratch, `${size}.sock`)}`, log });
  await feed.start(sensor, new AbortController().signal);
  child ??= sender(name, target, size);
  while (sensor.counters.chunks === 0) await sleep(5);
  await sleep(WARM_UP_MS);

  const before = { bytes: sensor.counters.bytes, cpu: process.cpuUsage(), time: performance.now() };
  await sleep(MS_PER_ROUND);
  const bytes = sensor.counters.bytes - before.bytes;
  const { user, system } = process.cpuUsage(before.cpu);
  const measured = {
    perCore: bytes / ((user + system) / 1e6),
    perSecond: bytes / ((performance.now() - before.time) / 1e3),
  };
  child.kill();
  await feed.stop();
  check(sensor);
  return measured;
}

/** The same chunks without a feed: 64 in a call. */
async function bare(size: number): Promise<Measured> {
  const sensor = await Sensor.create({ policy: DEFAULT_POLICY });
  const text = harmlessText(size * FLOWS);
  const chunks: Chunk[] = Array.from({ length: 64 }, (_, n) => ({
    flow: `flow-${n % FLOWS}`,
    pid: 1000 + (n % FLOWS),
    comm: 'bench',
    data: text.subarray((n % FLOWS) * size, ((n % FLOWS) + 1) * size),
  }));
  const run = (ms: number) => {
    const until = performance.now() + ms;
    while (performance.now() < until) sensor.handleChunks(chunks);
  };
  run(WARM_UP_MS);
  const before = { bytes: sensor.counters.bytes, cpu: process.cpuUsage(), time: performance.now() };
  run(MS_PER_ROUND);
  const bytes = sensor.counters.bytes - before.bytes;
  const { user, system } = process.cpuUsage(before.cpu);
  const perSecond = bytes / ((performance.now() - before.time) / 1e3);
  check(sensor);
  return { perCore: bytes / ((user + system) / 1e6), perSecond };
}

function check(sensor: Sensor): void {
  const { findings, gaps, chunk_errors: errors, chunks } = sensor.counters;
  if (findings + gaps + errors > 0 || chunks === 0) throw new Error('the benchmark measured something else');
  sensor.close();
}

const machine = describeMachine();
const WAYS: readonly (readonly [name: string, run: (size: number) => Promise<Measured>])[] = [
  ['no feed', bare],
  ['hookwire', (size) => throughFeed('hookwire', size)],
  ['ingest, bare bytes', (size) => throughFeed('ingest', size)],
  ['stdin, JSON Lines', (size) => throughFeed('stdin', size)],
];
const rows: (string | number)[][] = [];
const raw: object[] = [];
const rates = new Map<string, number>();
try {
  for (const size of SIZES) {
    const best = new Map<string, Measured>();
    // In turn, so that a busy neighbour slows all of them.
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, run] of WAYS) {
        const measured = await run(size);
        if (measured.perCore > (best.get(name)?.perCore ?? 0)) best.set(name, measured);
      }
    }
    const alone = best.get('no feed')!.perCore;
    for (const [name, { perCore, perSecond }] of best) {
      rates.set(`${name} ${size}`, perCore);
      const transport = name === 'no feed' ? '' : `${Math.round(Math.max(0, 1 - perCore / alone) * 100)} %`;
      const thousands = (perCore / size / 1e3).toFixed(1);
      rows.push([size, name, Math.round(perCore / 1e6), thousands, transport, Math.round(perSecond / 1e6)]);
      raw.push({ size, name, bytesPerCpuSecond: perCore, bytesPerSecond: perSecond });
    }
  }
} finally {
  rmSync(scratch, { recursive: true });
}

const goal = (name: string, least: number) => {
  const rate = rates.get(`${name} 65536`)!;
  return {
    goal: `${name}, 64 KiB of plaintext a chunk: at least ${least / 1e6} MB/s a core`,
    measured: `${Math.round(rate / 1e6)} MB/s`,
    met: rate >= least,
  };
};
const result = {
  name: 'feeds',
  question: 'How many bytes a second does each feed bring through the scanner?',
  method: `Default policy (${DEFAULT_POLICY.rules.length} literals), text without a match, ${FLOWS} flows in turn over one connection, from a sender in another process. MB of plaintext per second of the scanning process's processor time, user and system: what one core carries. Transport is the share of that time beyond the sensor's own for the same chunks. Best of ${ROUNDS} rounds of ${MS_PER_ROUND} ms, in turn. The last column is by the clock, on a machine that sender and neighbours use too.`,
  machine,
  goals: [goal('hookwire', 1e9), goal('ingest, bare bytes', 3e8), goal('stdin, JSON Lines', 1.5e8)],
  tables: [
    {
      title: 'Throughput of one core',
      columns: ['bytes', 'feed', 'MB/s a core', 'thousand chunks/s', 'transport', 'MB/s by the clock'],
      rows,
    },
  ],
  raw,
};
printResult(result);
console.log(`\n${saveResult(result)}`);
process.exit();
