/**
 * What does it cost a program to be watched, and from what rate on is something missed?
 *
 *   npm run bench:capture [-- --quick]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SensorProcess } from '../test/e2e/support/sensor.js';
import { Load } from './support/load.js';
import { describeMachine } from './support/machine.js';
import { type Goal, printResult, saveResult, type Table } from './support/results.js';
import { cpuSeconds, residentMiB } from './support/usage.js';

const quick = process.argv.includes('--quick');
const SIZES = [64, 512, 4096, 16_384];
const ROUNDS = quick ? 3 : 9;
const WRITES = quick ? 5_000 : 20_000;
const RATE_MS = quick ? 1_000 : 4_000;
/** Writes per second; 0: as fast as the program can. */
const RATES: readonly (readonly [size: number, perSecond: number])[] = [
  [512, 10_000],
  [512, 50_000],
  [512, 100_000],
  [512, 150_000],
  [512, 200_000],
  [512, 0],
  [16_384, 10_000],
  [16_384, 30_000],
  [16_384, 60_000],
  [16_384, 0],
];

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
const { round } = Math;

const directory = mkdtempSync(join(tmpdir(), 'spectral-bench-'));
const policy = join(directory, 'policy.json');
// Rules as people have them; none of them matches what the load writes.
const patterns = [
  'sk-live-',
  'AKIA',
  'ghp_',
  'xoxb-',
  'Bearer ',
  '-----BEGIN PRIVATE KEY-----',
  'Strictly Confidential',
];
const rules = patterns.map((pattern, i) => ({ id: `rule-${i}`, pattern, severity: 'high', action: 'observe' }));
writeFileSync(policy, JSON.stringify({ schema_version: 2, rules }));

const startSensor = () => SensorProcess.start(['--policy', policy, '--metrics-addr', '127.0.0.1:0']);

interface Pair {
  readonly off: { p50: number; p99: number };
  readonly on: { p50: number; p99: number };
}

/** One process, the same connection: watched and not watched in turn, so that drift of the machine hits both. */
async function measureLatency(load: Load): Promise<Map<number, Pair[]>> {
  const pairs = new Map<number, Pair[]>(SIZES.map((size) => [size, []]));
  for (const size of SIZES) await load.latency(size, WRITES);
  for (let i = 0; i < ROUNDS; i++) {
    const all = async () => {
      const measured = [];
      for (const size of SIZES) measured.push(await load.latency(size, WRITES));
      return measured;
    };
    const off = await all();
    const sensor = await startSensor();
    const on = await all();
    await sensor.stop();
    for (const [index, size] of SIZES.entries()) pairs.get(size)!.push({ off: off[index]!, on: on[index]! });
    process.stderr.write(`latency: round ${i + 1} of ${ROUNDS}\n`);
  }
  return pairs;
}

interface Loss {
  readonly size: number;
  readonly target: number;
  readonly perSecond: number;
  readonly megabytesPerSecond: number;
  readonly sentBytes: number;
  readonly scannedBytes: number;
  readonly lostBytes: number;
  /** Cores in use by the sensor while the load ran. */
  readonly sensorCores: number;
  readonly residentMiB: number;
}

class Metrics {
  constructor(private readonly url: string) {}

  async read(): Promise<{ scanned: number; lost: number }> {
    const text = await (await fetch(this.url)).text();
    const value = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? Number.NaN);
    const scanned = value(/^spectral_mesh_scanned_bytes_total (\S+)/m);
    const lost = value(/^spectral_mesh_feed_count\{feed="ebpf",name="bytes_not_scanned"\} (\S+)/m);
    if (Number.isNaN(scanned + lost)) throw new Error('the metrics have other names than this benchmark knows');
    return { scanned, lost };
  }

  /** The counts once the sensor has caught up: all `sent` bytes are accounted for, or nothing moves any more. */
  async settled(before: { scanned: number; lost: number }, sent: number): Promise<{ scanned: number; lost: number }> {
    let last = -1;
    for (;;) {
      const { scanned, lost } = await this.read();
      const counted = scanned - before.scanned + lost - before.lost;
      if (counted >= sent || counted === last) return { scanned: scanned - before.scanned, lost: lost - before.lost };
      last = counted;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

async function measureLoss(load: Load): Promise<{ losses: Loss[]; peakMiB: number }> {
  const sensor = await startSensor();
  const metrics = new Metrics(`http://127.0.0.1:${await sensor.metricsPort()}/metrics`);
  const losses: Loss[] = [];
  for (const [size, target] of RATES) {
    const before = await metrics.read();
    const cpuBefore = cpuSeconds(sensor.pid);
    const { calls, seconds } = await load.rate(size, target, RATE_MS);
    const cpu = cpuSeconds(sensor.pid) - cpuBefore;
    const sentBytes = calls * size;
    const { scanned, lost } = await metrics.settled(before, sentBytes);
    losses.push({
      size,
      target,
      perSecond: calls / seconds,
      megabytesPerSecond: sentBytes / seconds / 1e6,
      sentBytes,
      scannedBytes: scanned,
      lostBytes: lost,
      sensorCores: cpu / seconds,
      residentMiB: residentMiB(sensor.pid).now,
    });
    process.stderr.write(`loss: ${size} B × ${target || 'max'}/s: ${round(calls / seconds)}/s, ${lost} bytes lost\n`);
  }
  const peakMiB = residentMiB(sensor.pid).peak;
  await sensor.stop();
  return { losses, peakMiB };
}

function latencyTable(pairs: ReadonlyMap<number, readonly Pair[]>): Table {
  return {
    title: 'Nanoseconds per SSL_write',
    columns: ['bytes', 'p50 alone', 'p50 watched', 'p50 added', 'ratio', 'p99 alone', 'p99 watched', 'p99 added'],
    rows: [...pairs].map(([size, rounds]) => {
      const at = (state: 'off' | 'on', quantile: 'p50' | 'p99') => median(rounds.map((pair) => pair[state][quantile]));
      return [
        size,
        at('off', 'p50'),
        at('on', 'p50'),
        added(rounds, 'p50'),
        (at('on', 'p50') / at('off', 'p50')).toFixed(2),
        at('off', 'p99'),
        at('on', 'p99'),
        added(rounds, 'p99'),
      ];
    }),
  };
}

function added(rounds: readonly Pair[], quantile: 'p50' | 'p99'): number {
  return median(rounds.map(({ off, on }) => on[quantile] - off[quantile]));
}

function lossTable(losses: readonly Loss[]): Table {
  return {
    title: 'Loss against rate',
    columns: ['bytes', 'asked for', 'writes/s', 'MB/s', 'sent', 'scanned', 'lost', 'lost %', 'sensor cores', 'MiB'],
    rows: losses.map((loss) => [
      loss.size,
      loss.target === 0 ? 'full speed' : `${loss.target}/s`,
      round(loss.perSecond),
      round(loss.megabytesPerSecond),
      loss.sentBytes,
      loss.scannedBytes,
      loss.lostBytes,
      ((100 * loss.lostBytes) / loss.sentBytes).toFixed(3),
      loss.sensorCores.toFixed(2),
      round(loss.residentMiB),
    ]),
  };
}

function goalsOf(pairs: ReadonlyMap<number, readonly Pair[]>, losses: readonly Loss[], peakMiB: number): Goal[] {
  const added512 = added(pairs.get(512)!, 'p50');
  const at = (size: number, target: number) => losses.find((loss) => loss.size === size && loss.target === target)!;
  const lossless = (goal: string, { lostBytes, sentBytes, megabytesPerSecond }: Loss): Goal => ({
    goal,
    measured: `${lostBytes} of ${sentBytes} bytes at ${round(megabytesPerSecond)} MB/s`,
    met: lostBytes === 0,
  });
  return [
    { goal: 'at most 2 µs added to a write of 512 B (p50)', measured: `${added512} ns`, met: added512 <= 2_000 },
    lossless('nothing lost at 100,000 writes/s of 512 B', at(512, 100_000)),
    lossless('nothing lost of 16 KiB writes at full speed', at(16_384, 0)),
    { goal: 'less than 150 MiB resident', measured: `${round(peakMiB)} MiB at most`, met: peakMiB < 150 },
  ];
}

const machine = describeMachine();
let load: Load | undefined;
try {
  load = Load.start(directory);
  const pairs = await measureLatency(load);
  const { losses, peakMiB } = await measureLoss(load);
  const result = {
    name: 'capture',
    question: 'What does it cost a program to be watched, and from what rate on is something missed?',
    method:
      'A C program writes on one TLS 1.3 connection whose ciphertext goes nowhere, so that a call costs what OpenSSL ' +
      `costs. Latency: ${WRITES} writes a size, timed one by one, with and without spectral-mesh in turn, ${ROUNDS} ` +
      'rounds; shown are medians over the rounds, “added” is the median of the differences of neighbouring rounds. ' +
      `Loss: ${RATE_MS / 1000} s each, one sensor throughout; sent is counted by the program, scanned and lost by the ` +
      'sensor; what else uses TLS on the machine meanwhile is in scanned and lost too.',
    machine,
    goals: goalsOf(pairs, losses, peakMiB),
    tables: [latencyTable(pairs), lossTable(losses)],
    raw: { rounds: Object.fromEntries(pairs), losses, peakMiB },
  };
  printResult(result);
  if (!quick) console.log(`\n${saveResult(result)}`);
} finally {
  load?.stop();
  rmSync(directory, { recursive: true, force: true });
}
