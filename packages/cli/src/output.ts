import type { Writable } from 'node:stream';
import { CliError } from './errors.js';

/** What a command reads and writes. */
export interface CommandStreams {
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
}

/** Writes text without waiting for more than the stream's own buffer. */
export class Output {
  #failed: Error | undefined;

  constructor(readonly stream: Writable) {
    stream.on('error', this.#fail);
  }

  readonly #fail = (error: Error): void => {
    this.#failed ??= error;
  };

  /** @throws CliError `STDOUT_CLOSED` nobody reads any more */
  async write(text: string): Promise<void> {
    if (!this.stream.write(text) && this.#failed === undefined) await this.#drained();
    this.#check();
  }

  /** Resolves when all has left the process. */
  async end(): Promise<void> {
    await new Promise<void>((resolve) => this.stream.write('', () => resolve()));
    this.#check();
    this.stream.off('error', this.#fail);
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        for (const event of ['drain', 'error', 'close']) this.stream.off(event, done);
        resolve();
      };
      for (const event of ['drain', 'error', 'close']) this.stream.on(event, done);
    });
  }

  #check(): void {
    if (this.#failed === undefined) return;
    throw new CliError('STDOUT_CLOSED', `standard output was closed by its reader (${this.#failed.message})`);
  }
}

/** Whether colours are wanted: on a terminal, unless https://no-color.org says no. */
export function wantsColour(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}
