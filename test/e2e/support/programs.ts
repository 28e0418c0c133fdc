import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TlsServer } from './tls-server.js';
import { within } from './within.js';

const RUN_MS = 20_000;

export interface Ran {
  /** Process id of the program itself, also where a wrapper script had started it. */
  readonly pid: number;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly ms?: number;
}

/** Runs a program to its end. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(program, args, { stdio: 'pipe', env: { ...process.env, ...options.env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  try {
    const [status] = await within(
      options.ms ?? RUN_MS,
      program,
      Promise.race([once(child, 'close'), failed]),
      () => stderr,
    );
    return { pid: child.pid!, status: status as number | null, stdout, stderr };
  } finally {
    child.kill('SIGKILL');
  }
}

/** A program that people send HTTPS requests with. */
export interface HttpsProgram {
  readonly name: string;
  /** The process name that the kernel shows. */
  readonly comm: string;
  readonly httpVersion: string;
  post(server: TlsServer, path: string, body: string): Promise<Ran>;
}

const NODE_CLIENT = `
  const { readFileSync } = require('node:fs');
  fetch(process.argv[1], { method: 'POST', body: readFileSync(0) }).then((answer) => answer.text());`;

const PYTHON_CLIENT = `
import os, ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[2])
request = urllib.request.Request(sys.argv[1], data=sys.stdin.buffer.read())
urllib.request.urlopen(request, context=context, timeout=10).read()
print(os.getpid())`;

function curl(version: '1.1' | '2'): HttpsProgram {
  return {
    name: `curl over HTTP/${version}`,
    comm: 'curl',
    httpVersion: version === '2' ? '2.0' : '1.1',
    post: (server, path, body) =>
      run(
        'curl',
        [
          '-sS',
          '-m',
          '10',
          `--http${version}`,
          '--cacert',
          server.certificate,
          '--data-binary',
          '@-',
          server.url(path),
        ],
        { input: body },
      ),
  };
}

export const HTTPS_PROGRAMS: readonly HttpsProgram[] = [
  curl('1.1'),
  curl('2'),
  {
    name: 'Node fetch',
    comm: 'node',
    httpVersion: '1.1',
    post: (server, path, body) =>
      run(process.execPath, ['-e', NODE_CLIENT, server.url(path)], {
        input: body,
        env: { NODE_EXTRA_CA_CERTS: server.certificate },
      }),
  },
  {
    name: 'Python urllib',
    comm: 'python3',
    httpVersion: '1.1',
    post: async (server, path, body) => {
      const ran = await run('python3', ['-c', PYTHON_CLIENT, server.url(path), server.certificate], { input: body });
      return { ...ran, pid: Number(ran.stdout) };
    },
  },
  {
    name: 'openssl s_client',
    comm: 'openssl',
    httpVersion: '1.1',
    post: (server, path, body) => {
      const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
      const input = `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
      const target = ['-connect', `127.0.0.1:${server.port}`, '-servername', 'localhost'];
      return run('openssl', ['s_client', '-quiet', '-verify_return_error', '-CAfile', server.certificate, ...target], {
        input,
      });
    },
  },
];
