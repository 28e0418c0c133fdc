import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runMesh } from '../../src/main.js';
import { Sink } from '../support.js';

/** Made up. What a rule of the tests finds; the rest of the token must be masked with it. */
export const TOKEN = 'madeup_0123456789abcdef';

export const POLICY = {
  schema_version: 3,
  rules: [
    { id: 'made-up-token', severity: 'critical', literals: ['madeup_'], description: 'A made-up token' },
    { id: 'made-up-word', severity: 'low', literals: ['Project Nowhere'], ignore_case: true },
  ],
};

/** Files of one test file, in a directory that goes away with it. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'spectral-scan-'));

  /** @returns path */
  file(name: string, contents: string | Uint8Array | object): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    const isText = typeof contents === 'string' || contents instanceof Uint8Array;
    writeFileSync(path, isText ? contents : JSON.stringify(contents));
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export async function* piecesOf(...pieces: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}

/** Runs a command in this process. */
export async function run(
  argv: readonly string[],
  { stdin = '', env = {} }: { stdin?: string | AsyncIterable<Uint8Array>; env?: NodeJS.ProcessEnv } = {},
) {
  const stdout = new Sink();
  const stderr = new Sink();
  const input = typeof stdin === 'string' ? piecesOf(stdin) : stdin;
  const code = await runMesh(argv, { stdin: input, stdout, stderr, env });
  return { code, out: stdout.text, err: stderr.text };
}
