/** How fast a policy with all views scans: plain request bodies, and texts made to be slow. */
import { fileURLToPath } from 'node:url';
import { createScanner, type Policy, type Scanner, type Validator } from '@spectral/core';
import { makeCorpus } from '../engine/corpus.js';
import type { Goal, Table } from '../support/results.js';
import { HOSTILE } from './hostile.js';

const CHUNK = 16 << 10;
const CORPUS = 8 << 20;
const RUNS = 5;
const RUNS_OF_HOSTILE = 2;
const SMALL = 128 << 10;
const LINE = 10 << 20;
/** Time that a smaller text may take beside: below it, a ratio says nothing. */
const NOTHING_MS = 2;

interface Timed {
  readonly name: string;
  /** Of 128 KiB, milliseconds. */
  readonly small: number;
  /** Of 256 KiB. */
  readonly large: number;
  /** How much more than twice as long the double takes: 1 is linear. */
  readonly ratio: number;
  /** How often slower than request bodies. */
  readonly factor: number;
}

export interface Speed {
  readonly mbps: number;
  readonly p50: number;
  readonly p99: number;
  readonly hostile: readonly Timed[];
  /** 10 MiB without a line's end, milliseconds. */
  readonly line: number;
  /** Peak memory of the process beyond what it was before the hostile texts, MiB. */
  readonly memory: number;
}

/** Milliseconds for all, and for each chunk. */
function scanOnce(scanner: Scanner, bytes: Buffer, each?: Float64Array): number {
  const begin = performance.now();
  const session = scanner.open();
  let last = begin;
  for (let at = 0, n = 0; at < bytes.length; at += CHUNK, n++) {
    session.push(bytes.subarray(at, at + CHUNK));
    if (each !== undefined) {
      const now = performance.now();
      each[n] = Math.min(each[n]!, now - last);
      last = now;
    }
  }
  session.end();
  return performance.now() - begin;
}

/** Milliseconds of processor time: what else the machine does then does not count. */
function processorTime(scanner: Scanner, bytes: Buffer): number {
  const before = process.cpuUsage();
  scanOnce(scanner, bytes);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const best = (runs: number, once: () => number) => Math.min(...Array.from({ length: runs }, once));

export async function measureSpeed(policy: Policy, validators: ReadonlyMap<string, Validator>): Promise<Speed> {
  const scanner = await createScanner(policy, { validators });
  const corpus = makeCorpus(fileURLToPath(new URL('../../node_modules', import.meta.url)), CORPUS);
  const chunks = new Float64Array(Math.ceil(corpus.length / CHUNK)).fill(Number.POSITIVE_INFINITY);
  for (let run = 0; run < RUNS; run++) scanOnce(scanner, corpus, chunks);
  // Each chunk's best time counts: what else the machine does then does not.
  const total = chunks.reduce((sum, ms) => sum + ms, 0);
  const sorted = chunks.slice().sort();
  const perSmall = total / (corpus.length / SMALL);

  const before = process.memoryUsage.rss();
  let peak = before;
  const hostile = Object.entries(HOSTILE).map(([name, make]): Timed => {
    const [one, two] = [make(SMALL), make(2 * SMALL)];
    const small = best(RUNS_OF_HOSTILE, () => processorTime(scanner, one));
    const large = best(RUNS_OF_HOSTILE, () => processorTime(scanner, two));
    peak = Math.max(peak, process.memoryUsage.rss());
    console.error(`${name}: ${small.toFixed(0)} ms, twice as much ${large.toFixed(0)} ms`);
    // Texts that do not compress to the length asked for are compared by the bytes that they have.
    const linear = (small + NOTHING_MS) * (two.length / one.length);
    return { name, small, large, ratio: large / linear, factor: small / (one.length / SMALL) / perSmall };
  });
  const line = best(RUNS_OF_HOSTILE, () => processorTime(scanner, Buffer.alloc(LINE, 'x')));
  scanner.close();
  const MiB = 1 << 20;
  return {
    mbps: corpus.length / total / 1000,
    p50: sorted[sorted.length >> 1]!,
    p99: sorted[Math.floor(sorted.length * 0.99)]!,
    hostile,
    line,
    memory: (peak - before) / MiB,
  };
}

export function speedGoals({ mbps, p99, hostile }: Speed): Goal[] {
  const worst = hostile.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  return [
    {
      goal: 'request bodies, all rules and views: at least 100 MB/s',
      measured: `${mbps.toFixed(0)} MB/s`,
      met: mbps >= 100,
    },
    { goal: '16 KiB of them: p99 below 1 ms', measured: `${p99.toFixed(2)} ms`, met: p99 < 1 },
    {
      goal: 'hostile texts: twice as much takes at most twice the linear time',
      measured: `${worst.ratio.toFixed(2)} times (${worst.name})`,
      met: worst.ratio <= 2,
    },
  ];
}

export function speedTables({ mbps, p50, p99, hostile, line, memory }: Speed): Table[] {
  return [
    {
      title: 'Speed on request bodies',
      columns: [
        'MB/s',
        'p50 of 16 KiB, ms',
        'p99, ms',
        '10 MiB in one line, ms',
        'memory beyond, after hostile texts, MiB',
      ],
      rows: [[mbps.toFixed(0), p50.toFixed(3), p99.toFixed(3), line.toFixed(0), memory.toFixed(0)]],
    },
    {
      title: 'Texts made to be slow',
      columns: ['text', '128 KiB, ms', '256 KiB, ms', 'of linear', 'slower than request bodies'],
      rows: hostile.map((it) => [
        it.name,
        it.small.toFixed(1),
        it.large.toFixed(1),
        it.ratio.toFixed(2),
        `${it.factor.toFixed(1)} ×`,
      ]),
    },
  ];
}
