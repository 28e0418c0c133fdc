import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { within } from './within.js';

const source = fileURLToPath(new URL('../../clients/tls_sender.c', import.meta.url));

/** How one call into OpenSSL ended. */
export interface Call {
  readonly result: number;
  /** SSL_get_error: 0 none, 3 want write, 5 system call. */
  readonly sslError: number;
  readonly errno: number;
  /** Asterisks in the program's buffer afterwards. */
  readonly masked: number;
}

export interface Sender {
  readonly pid: number;
  readonly calls: readonly Call[];
  /** Those of `apart`; signal 0: none. */
  readonly children: readonly { readonly pid: number; readonly signal: number }[];
  /** `SIGKILL` where it was killed. */
  readonly signal: NodeJS.Signals | null;
  readonly status: number | null;
}

/** Compiles the client into `directory` and returns the path of the program. */
export function compileTlsSender(directory: string): string {
  const program = join(directory, 'tls_sender');
  execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source, '-lssl', '-lcrypto'], {
    stdio: 'pipe',
  });
  return program;
}

export interface Sending {
  readonly pid: number;
  /** Resolves when it prints "waiting". */
  readonly waiting: Promise<void>;
  resume(): void;
  readonly done: Promise<Sender>;
}

/** Starts the client with these actions (see `tls_sender.c`). */
export function startSender(
  program: string,
  port: number,
  actions: readonly string[],
  { env, ms = 20_000 }: { readonly env?: NodeJS.ProcessEnv; readonly ms?: number } = {},
): Sending {
  const child = spawn(program, [String(port), ...actions], { stdio: 'pipe', env: { ...process.env, ...env } });
  let stdout = '';
  let stderr = '';
  let wake = () => {};
  const waiting = new Promise<void>((resolve) => {
    wake = resolve;
  });
  child.stdin.on('error', () => {});
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (/^waiting$/m.test(stdout)) wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  const closed = Promise.race([once(child, 'close'), failed]);
  const done = within(ms, 'tls_sender', closed, () => stderr)
    .then(([status, signal]): Sender => {
      if (status === 70 || status === 64) throw new Error(`tls_sender: ${stderr}`);
      const calls = [...stdout.matchAll(/^call (-?\d+) (\d+) (\d+) (\d+)$/gm)].map((match): Call => {
        const [result, sslError, errno, masked] = match.slice(1).map(Number) as [number, number, number, number];
        return { result, sslError, errno, masked };
      });
      const children = [...stdout.matchAll(/^child (\d+) (\d+)$/gm)].map((match) => ({
        pid: Number(match[1]),
        signal: Number(match[2]),
      }));
      return {
        pid: child.pid!,
        calls,
        children,
        signal: signal as NodeJS.Signals | null,
        status: status as number | null,
      };
    })
    .finally(() => child.kill('SIGKILL'));
  done.catch(wake);
  return { pid: child.pid!, waiting, resume: () => child.stdin.write('go\n'), done };
}

/** Runs the client to its end. */
export function sendAll(
  program: string,
  port: number,
  actions: readonly string[],
  options?: { readonly env?: NodeJS.ProcessEnv; readonly ms?: number },
): Promise<Sender> {
  return startSender(program, port, actions, options).done;
}
