import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { within } from './within.js';

const clients = fileURLToPath(new URL('../../clients/', import.meta.url));

/** What `tls_writer` says it wrote on one connection. */
export interface Sent {
  readonly pid: number;
  readonly connection: number;
  readonly calls: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Compiles the client into `directory` and returns the path of the program. */
export function compileTlsWriter(directory: string): string {
  const program = join(directory, 'tls_writer');
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-Wno-unused-function'];
  execFileSync('cc', [...flags, '-o', program, join(clients, 'tls_writer.c'), '-lssl', '-lcrypto', '-ldl'], {
    stdio: 'pipe',
  });
  return program;
}

export interface Writing {
  readonly pid: number;
  /** Resolves when it prints "waiting" for the next time. */
  waiting(): Promise<void>;
  /** Lets it go on behind a `wait`. */
  resume(): void;
  /** Ends it wherever it is; then `sent` rejects. */
  kill(): void;
  /** What it sent, once it has ended well. */
  readonly sent: Promise<readonly Sent[]>;
}

export interface WriterOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Runs the program through this: `['chroot', '/somewhere']`. */
  readonly wrapper?: readonly string[];
  readonly ms?: number;
}

/** Starts the client with these actions (see `tls_writer.c`). */
export function startWriter(program: string, actions: readonly string[], options: WriterOptions = {}): Writing {
  const [first, ...rest] = [...(options.wrapper ?? []), program, ...actions];
  const child = spawn(first!, rest, { stdio: 'pipe', env: { ...process.env, ...options.env } });
  let stdout = '';
  let stderr = '';
  let waits = 0;
  let asked = 0;
  const wakers: (() => void)[] = [];
  const wake = () => {
    for (const waker of wakers.splice(0)) waker();
  };
  child.stdin.on('error', () => {});
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    waits = stdout.split('\n').filter((line) => line === 'waiting').length;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  const closed = Promise.race([once(child, 'close'), failed]);
  const sent = within(options.ms ?? 20_000, 'tls_writer', closed, () => stderr)
    .then(([status]) => {
      if (status !== 0) throw new Error(`tls_writer ended with ${status}: ${stderr}`);
      return stdout
        .split('\n')
        .filter((line) => line !== '' && line !== 'waiting')
        .map((line): Sent => {
          const [pid, connection, calls, bytes, sha256] = line.split(' ');
          return {
            pid: Number(pid),
            connection: Number(connection),
            calls: Number(calls),
            bytes: Number(bytes),
            sha256: sha256!,
          };
        });
    })
    .finally(() => child.kill('SIGKILL'));
  sent.catch(wake);
  return {
    pid: child.pid!,
    sent,
    resume: () => child.stdin.write('go\n'),
    kill: () => child.kill('SIGKILL'),
    waiting: () => {
      asked += 1;
      const number = asked;
      const reached = (async () => {
        while (waits < number && child.exitCode === null) await new Promise<void>((resolve) => wakers.push(resolve));
        if (waits < number) throw new Error(`tls_writer ended before wait ${number}: ${stderr}`);
      })();
      return within(10_000, `wait ${number} of tls_writer`, reached);
    },
  };
}

/** Runs the client to its end. */
export function write(program: string, actions: readonly string[], options?: WriterOptions): Promise<readonly Sent[]> {
  return startWriter(program, actions, options).sent;
}
