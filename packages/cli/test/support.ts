import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { ChunkHandler, Feed } from '@spectral/core';
import { type MeshOptions, runMesh } from '../src/main.js';

/** Made up, and marked so. It must never be printed. */
export const SAMPLE_SECRET = 'SAMPLE-SECRET-made-up-0123456789';

/** A feed driven by a test: whatever it pushes goes through the real sensor. */
export class PushFeed implements Feed {
  readonly name = 'push';
  handler: ChunkHandler | undefined;
  stops = 0;
  /** Handed over while stopping, as a feed does with what it has buffered. */
  buffered: (() => void) | undefined;
  numbers: Record<string, number> = {};
  private ready!: () => void;
  readonly started = new Promise<void>((resolve) => {
    this.ready = resolve;
  });

  constructor(private readonly onStart: (signal: AbortSignal) => Promise<void> | void = () => {}) {}

  async start(handler: ChunkHandler, signal: AbortSignal): Promise<void> {
    this.handler = handler;
    this.ready();
    await this.onStart(signal);
  }

  async stop(): Promise<void> {
    this.stops++;
    this.buffered?.();
    this.buffered = undefined;
  }

  counters(): Readonly<Record<string, number>> {
    return this.numbers;
  }

  push(text: string, { pid = 42, comm = 'client', flow = 'flow' as string | number, lost = 0 } = {}): void {
    this.handler!.handleChunk({ flow, pid, comm, data: Buffer.from(text), ...(lost > 0 && { lost }) });
  }
}

/** Keeps what is written to it, and lets a test wait for it. */
export class Sink extends Writable {
  text = '';
  private readonly waiting: { pattern: RegExp; resolve: () => void }[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    for (const entry of [...this.waiting]) {
      if (!entry.pattern.test(this.text)) continue;
      this.waiting.splice(this.waiting.indexOf(entry), 1);
      entry.resolve();
    }
    done();
  }

  has(pattern: RegExp): Promise<void> {
    if (pattern.test(this.text)) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ pattern, resolve }));
  }

  /** JSON log lines with this `msg`. */
  events(msg: string): Record<string, unknown>[] {
    return this.lines().filter((line) => line.msg === msg);
  }

  lines(): Record<string, unknown>[] {
    return this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

export interface RunningMesh {
  readonly feed: PushFeed;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly signals: EventEmitter;
  readonly exit: Promise<number>;
  /** Address of the HTTP server, once it listens. */
  url(): Promise<string>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number>;
}

/** Runs the whole program in this process with a feed of the test. */
export function startMesh(
  argv: readonly string[],
  {
    feed = new PushFeed(),
    env = {},
    ...rest
  }: { feed?: PushFeed; env?: NodeJS.ProcessEnv } & Partial<MeshOptions> = {},
): RunningMesh {
  const stdout = new Sink();
  const stderr = new Sink();
  const signals = new EventEmitter();
  const exit = runMesh(argv, { stdout, stderr, env, signals, feeds: () => [feed], ...rest });
  return {
    feed,
    stdout,
    stderr,
    signals,
    exit,
    url: async () => {
      await stdout.has(/"metrics_listening".*\n/);
      const { host, port } = stdout.events('metrics_listening')[0]!;
      return `http://${host}:${port}`;
    },
    stop: () => {
      signals.emit('SIGTERM', 'SIGTERM');
      return exit;
    },
  };
}

/** Documents of one test file, in a directory that goes away with it. */
export class Documents {
  readonly directory = mkdtempSync(join(tmpdir(), 'spectral-mesh-'));
  private count = 0;

  /** @returns path */
  file(contents: string | object): string {
    const path = join(this.directory, `${this.count++}.json`);
    writeFileSync(path, typeof contents === 'string' ? contents : JSON.stringify(contents));
    return path;
  }

  policy(...rules: object[]): string {
    return this.file({ schema_version: 2, rules });
  }

  samplePolicy(): string {
    return this.policy(rule('sample', SAMPLE_SECRET));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

export const rule = (id: string, pattern: string, over: object = {}) => ({
  id,
  pattern,
  severity: 'high',
  action: 'observe',
  ...over,
});

/** The line that says that every feed delivers. */
export const ACTIVE = /sensor_active.*\n/;

export async function metricsOf(url: string): Promise<{ text: string; value: (name: string) => number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string) => {
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
  };
  return { text, value };
}
