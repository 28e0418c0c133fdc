import type { Writable } from 'node:stream';
import { counted, type Summary, sizeOf } from './report.js';

const FIRST_MS = 500;
const EVERY_MS = 200;

/** One line on standard error that is written over and over, and makes way for others. */
export class Progress {
  readonly #on: boolean;
  #next = performance.now() + FIRST_MS;
  #shown = false;

  constructor(
    readonly stream: Writable & { readonly isTTY?: boolean },
    when: 'auto' | 'always' | 'never',
    env: NodeJS.ProcessEnv,
  ) {
    this.#on = when === 'always' || (when === 'auto' && stream.isTTY === true && env.TERM !== 'dumb');
  }

  show({ files, bytes, findings }: Summary): void {
    if (!this.#on) return;
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + EVERY_MS;
    this.#shown = true;
    this.stream.write(`\r\x1b[K${counted(files, 'file')}, ${sizeOf(bytes)}, ${counted(findings, 'finding')} …`);
  }

  clear(): void {
    if (this.#shown) this.stream.write('\r\x1b[K');
    this.#shown = false;
  }

  /** Writes a line. */
  say(line: string): void {
    this.clear();
    this.stream.write(`${line}\n`);
  }
}
