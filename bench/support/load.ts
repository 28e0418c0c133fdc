import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from '../../test/e2e/support/within.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Nanoseconds per call. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly mean: number;
}

/** `ssl_load`, a program that writes TLS as it is told (`bench/clients/ssl_load.c`). */
export class Load {
  private readonly answers: AsyncIterator<string>;

  private constructor(private readonly child: ChildProcess) {
    this.answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  /** Compiles it into `directory` and starts it. */
  static start(directory: string): Load {
    const program = join(directory, 'ssl_load');
    const flags = ['-O2', '-Wall', '-Wno-unused-function', '-I', here('../../test/clients')];
    execFileSync('cc', [...flags, '-o', program, here('../clients/ssl_load.c'), '-lssl', '-lcrypto'], {
      stdio: 'pipe',
    });
    return new Load(spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  /** Times `count` writes of `size` bytes, one by one. */
  async latency(size: number, count: number): Promise<Latency> {
    const [p50, p90, p99, mean] = (await this.ask(`latency ${size} ${count}`)).slice(3).map(Number);
    return { p50: p50!, p90: p90!, p99: p99!, mean: mean! };
  }

  /** Writes `size` bytes `perSecond` times a second (0: as fast as it can) for about `ms`. */
  async rate(size: number, perSecond: number, ms: number): Promise<{ calls: number; seconds: number }> {
    const [calls, nanoseconds] = (await this.ask(`rate ${size} ${perSecond} ${ms}`)).slice(2).map(Number);
    return { calls: calls!, seconds: nanoseconds! / 1e9 };
  }

  /** Writes the bytes of this file, again and again, from now on. */
  async text(path: string): Promise<void> {
    await this.ask(`text ${path}`);
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  private async ask(command: string): Promise<string[]> {
    this.child.stdin!.write(`${command}\n`);
    const answer = await within(60_000, `ssl_load ${command}`, this.answers.next());
    if (answer.done || !answer.value.startsWith(command.split(' ')[0]!)) throw new Error(`ssl_load: ${answer.value}`);
    return answer.value.split(' ');
  }
}
