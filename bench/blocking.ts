/**
 * What does it add to a write that it is looked through, before it may leave, for what must not?
 *
 *   npm run bench:blocking [-- --quick]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEbpfFeed, type EbpfFeed } from '@spectral/capture-ebpf';
import { type ChunkHandler, compileBlockSet, definePolicy } from '@spectral/core';
import { libsslOf } from '../test/e2e/support/private-libssl.js';
import { type Latency, Load } from './support/load.js';
import { describeMachine } from './support/machine.js';
import { type Goal, printResult, saveResult, type Table } from './support/results.js';

const quick = process.argv.includes('--quick');
const SIZES = [64, 512, 4096, 16_384] as const;
const ROUNDS = quick ? 3 : 11;
const WRITES = quick ? 2_000 : 10_000;
/** In the last one the text is made up of the literals, each without its last byte: no step of the walk is an easy one. */
const STATES = ['alone', 'watched', '8 literals', '500 literals', '500 near misses'] as const;
const PROSE = 'the quick brown fox jumps over the lazy dog ';
type State = (typeof STATES)[number];
type Measured = Readonly<Record<State, Readonly<Record<number, Latency>>>>;

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;

/** Keys as issuers make them: a known beginning, then noise. None of them occurs in what the load writes. */
function literals(count: number): string[] {
  const prefixes = ['sk-live-', 'AKIA', 'ghp_', 'xoxb-', 'glpat-', 'npm_', 'hf_', 'AIza'];
  const noise = (i: number) => (BigInt(i + 1) * 0x9e3779b97f4a7c15n).toString(36).slice(0, 12);
  return Array.from({ length: count }, (_, i) => `${prefixes[i % prefixes.length]}${noise(i)}`);
}

function policyOf(count: number) {
  return definePolicy(
    literals(count).map((pattern, i) => ({ id: `key-${i}`, pattern, severity: 'high', action: 'block' })),
  );
}

/** Takes records and looks at none: the reader's work is not what is measured. */
function idleHandler(): ChunkHandler {
  const memory = new Uint8Array(4096 * 64 + (2 << 20));
  const unused = () => {
    throw new Error('the kernel feed hands over batches only');
  };
  return {
    batch: { memory, table: 0, rows: 4096, data: 4096 * 64, dataBytes: 2 << 20 },
    handleBatch() {},
    handleChunk: unused,
    handleChunkWithMeta: unused,
    handleChunks: unused,
    endFlow() {},
    endProcess() {},
  };
}

async function feedFor(state: State, libssl: string): Promise<EbpfFeed | undefined> {
  if (state === 'alone') return undefined;
  const count = Number.parseInt(state, 10);
  const block = Number.isNaN(count)
    ? undefined
    : ({ mode: 'kill', set: await compileBlockSet(policyOf(count)) } as const);
  const feed = createEbpfFeed({ targets: [libssl], ...(block && { block }) });
  await feed.start(idleHandler(), new AbortController().signal);
  return feed;
}

/** One process, the same connection, all states in turn, so that drift of the machine hits all alike. */
async function measure(load: Load, libssl: string, directory: string): Promise<Measured[]> {
  const rounds: Measured[] = [];
  const [prose, misses] = [join(directory, 'prose'), join(directory, 'misses')];
  writeFileSync(prose, PROSE);
  writeFileSync(
    misses,
    literals(500)
      .map((literal) => `${literal.slice(0, -1)} `)
      .join(''),
  );
  for (const size of SIZES) await load.latency(size, WRITES);
  for (let i = 0; i < ROUNDS; i++) {
    const round: Partial<Record<State, Record<number, Latency>>> = {};
    for (const state of STATES) {
      await load.text(state.endsWith('misses') ? misses : prose);
      const feed = await feedFor(state, libssl);
      round[state] = {};
      for (const size of SIZES) round[state]![size] = await load.latency(size, WRITES);
      await feed?.stop();
    }
    rounds.push(round as Measured);
    process.stderr.write(`round ${i + 1} of ${ROUNDS}\n`);
  }
  return rounds;
}

/** Median over the rounds of what `state` takes more than `base`, in nanoseconds. */
function added(rounds: readonly Measured[], state: State, base: State, size: number): number {
  return median(rounds.map((round) => round[state][size]!.p50 - round[base][size]!.p50));
}

/** What blocking adds to watching: for each byte, and once for each write. */
function costs(rounds: readonly Measured[], state: State): { perByte: number; fixed: number } {
  const [small, large] = [512, 16_384];
  const at = (size: number) => added(rounds, state, 'watched', size);
  const perByte = (at(large) - at(small)) / (large - small);
  return { perByte, fixed: at(small) - perByte * small };
}

function tableOf(rounds: readonly Measured[]): Table {
  const p50 = (state: State, size: number) => median(rounds.map((round) => round[state][size]!.p50));
  const blocking = STATES.slice(2);
  return {
    title: 'Nanoseconds per SSL_write (p50), and what blocking adds to watching',
    columns: ['bytes', ...STATES, ...blocking.map((state) => `added, ${state}`)],
    rows: SIZES.map((size) => [
      size,
      ...STATES.map((state) => p50(state, size)),
      ...blocking.map((state) => added(rounds, state, 'watched', size)),
    ]),
  };
}

function goalsOf(rounds: readonly Measured[]): Goal[] {
  return (['8 literals', '500 literals'] as const).flatMap((state) => {
    const { perByte, fixed } = costs(rounds, state);
    return [
      { goal: `${state}: at most 3 ns for each byte`, measured: `${perByte.toFixed(2)} ns`, met: perByte <= 3 },
      { goal: `${state}: at most 2.5 µs for each write`, measured: `${Math.round(fixed)} ns`, met: fixed <= 2_500 },
    ];
  });
}

const directory = mkdtempSync(join(tmpdir(), 'spectral-bench-'));
const machine = describeMachine();
let load: Load | undefined;
try {
  load = Load.start(directory);
  const rounds = await measure(load, libsslOf(join(directory, 'ssl_load')), directory);
  const result = {
    name: 'blocking',
    question: 'What does it add to a write that the kernel looks through it for what must not leave?',
    method:
      'A C program writes text on one TLS 1.3 connection whose ciphertext goes nowhere; nothing in it is blocked. ' +
      `${WRITES} writes a size, timed one by one: without probes, with probes that only capture, and with those that ` +
      'also walk the whole write through 8 and 500 literals, and last with text made up of those 500, each without its ' +
      `last byte; all in turn, ${ROUNDS} rounds. Shown are medians over the ` +
      'rounds; “added” is the median of the differences within a round. The cost of a byte is the slope from 512 B to ' +
      '16 KiB, the cost of a write what is left at 512 B.',
    machine,
    goals: goalsOf(rounds),
    tables: [tableOf(rounds)],
    raw: { rounds },
  };
  printResult(result);
  if (!quick) console.log(`\n${saveResult(result)}`);
} finally {
  load?.stop();
  rmSync(directory, { recursive: true, force: true });
}
