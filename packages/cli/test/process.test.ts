import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SAMPLE_SECRET, Sink } from './support.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'spectral-process-'));
// Below node_modules, so that what is not bundled is found.
const bundle = mkdtempSync(at('../node_modules/.scripted-mesh-'));
const program = join(bundle, 'scripted-mesh.js');
const policy = join(scratch, 'policy.json');

beforeAll(async () => {
  writeFileSync(
    policy,
    JSON.stringify({
      schema_version: 2,
      rules: [{ id: 'r', pattern: SAMPLE_SECRET, severity: 'high', action: 'observe' }],
    }),
  );
  await build({
    config: false,
    silent: true,
    entry: [at('fixtures/scripted-mesh.ts')],
    format: 'esm',
    outDir: bundle,
    outExtension: () => ({ js: '.js' }),
    target: 'node20',
    noExternal: [/^@spectral\/(core|rules)/, /^zod/, /^@noble/],
    external: ['@spectral/capture-ebpf', 'pino', 'prom-client', 'commander', 'yaml', 'smol-toml', 'ignore'],
    esbuildOptions: (options) => {
      options.alias = {
        '@spectral/core': at('../../core/src/index.ts'),
        '@spectral/rules': at('../../rules/src/index.ts'),
      };
    },
  });
});
afterAll(() => {
  for (const path of [scratch, bundle]) rmSync(path, { recursive: true });
});

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

type Stdout = 'pipe' | number;

function start(argv: readonly string[], stdout: Stdout = 'pipe', env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [program, ...argv], {
    stdio: ['pipe', stdout, 'pipe'],
    env: { PATH: process.env.PATH, ...env },
  });
  children.add(child);
  const out = new Sink();
  const err = new Sink();
  child.stdout?.pipe(out);
  child.stderr!.pipe(err);
  child.stdin!.on('error', () => {});
  const exit = once(child, 'close').then(([code, signal]) => (signal as string | null) ?? (code as number));
  const push = (chunk: object) => child.stdin!.write(`${JSON.stringify(chunk)}\n`);
  return { child, out, err, exit, push };
}

const CLOSED =
  /^spectral-mesh: standard output was closed by its reader; stopped, probes detached, [1-9]\d* log lines lost\n$/;
const ACTIVE = /"msg":"sensor_active".*\n/;

describe('the process', () => {
  it('stops on SIGTERM with 0, having written everything', async () => {
    const { child, out, err, exit, push } = start(['-policy', policy]);
    await out.has(ACTIVE);
    push({ text: SAMPLE_SECRET, times: 200 });
    await out.has(/policy_alert/);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    expect(out.events('policy_alert')).toHaveLength(200);
    expect(out.lines().at(-1)).toMatchObject({
      msg: 'sensor_stopped',
      reason: 'SIGTERM',
      alerts: 200,
      log_lines_dropped: 0,
    });
    expect(err.text).toBe('');
  });

  it('stops at once on the second signal', async () => {
    const { child, out, exit } = start([], 'pipe', { STUCK: '1' });
    await out.has(ACTIVE);
    child.kill('SIGINT');
    child.kill('SIGTERM');
    expect([130, 143]).toContain(await exit);
  });

  it('takes a SIGHUP for a reload, and survives a bad file', async () => {
    const path = join(scratch, 'reload.json');
    writeFileSync(path, readFileSync(policy));
    const { child, out, exit, push } = start(['-policy', path]);
    await out.has(ACTIVE);
    child.kill('SIGHUP');
    await out.has(/"policy_reloaded".*\n/);
    writeFileSync(path, 'no policy');
    child.kill('SIGHUP');
    await out.has(/"policy_reload_failed".*\n/);
    push({ text: SAMPLE_SECRET });
    await out.has(/"policy_alert".*\n/);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  it('exits with 7 when the reader of a socket goes away', async () => {
    const { child, out, err, exit, push } = start(['-policy', policy]);
    await out.has(ACTIVE);
    child.stdout!.destroy();
    push({ text: SAMPLE_SECRET });
    expect(await exit).toBe(7);
    expect(err.text).toMatch(CLOSED);
  });

  it('exits with 7 when the reader of a pipe goes away', async () => {
    const path = join(scratch, 'fifo');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    const { exit, err, push } = start(['-policy', policy], writer);
    closeSync(writer);
    const pipe = new Socket({ fd: reader, readable: true, writable: false });
    const out = new Sink();
    pipe.pipe(out);
    await out.has(ACTIVE);
    pipe.destroy();
    await once(pipe, 'close');
    push({ text: SAMPLE_SECRET });
    expect(await exit).toBe(7);
    expect(err.text).toMatch(CLOSED);
  });

  it('goes on when the disk is full, and counts', async () => {
    const port = await freePort();
    const full = openSync('/dev/full', 'w');
    const { child, err, exit, push } = start(['-policy', policy, '-metrics-addr', `:${port}`], full);
    closeSync(full);
    push({ text: SAMPLE_SECRET });
    const url = `http://127.0.0.1:${port}`;
    await vi.waitFor(async () => expect(await metric(url, 'policy_alerts_total')).toBe(1), PATIENCE);
    expect(await metric(url, 'log_write_errors_total')).toBeGreaterThan(0);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    expect(err.text).toMatch(/^spectral-mesh: \d+ log lines could not be written to standard output \(ENOSPC\)\n$/);
  });

  it('neither blocks nor grows when nobody reads, and says what was dropped', async () => {
    const { child, out, err, exit, push } = start(['-policy', policy, '-metrics-addr', '127.0.0.1:0']);
    const url = await listening(out);
    await out.has(ACTIVE);
    child.stdout!.unpipe(out);
    child.stdout!.pause();
    push({ text: SAMPLE_SECRET, times: 30_000 });
    await vi.waitFor(async () => expect(await metric(url, 'policy_alerts_total')).toBe(30_000), PATIENCE);
    expect(await metric(url, 'log_lines_dropped_total')).toBeGreaterThan(1_000);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)![1])).toBeLessThan(300e6);
    child.stdout!.pipe(out);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    // Whole lines, and what is missing is what was counted.
    const written = out.events('policy_alert').length;
    const [stopped] = out.events('sensor_stopped');
    const dropped = Number(/(\d+) log lines could not/.exec(err.text)?.[1]);
    expect(written + dropped).toBe(stopped === undefined ? 30_001 : 30_000);
  });

  it('writes for people on a terminal', async () => {
    const chunks = join(scratch, 'chunks');
    writeFileSync(chunks, `${JSON.stringify({ text: SAMPLE_SECRET })}\n`);
    const command = `echo pid=$$; exec ${process.execPath} ${program} -policy ${policy} < ${chunks}`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, TERM: 'xterm', SHELL: '/bin/sh' },
    });
    children.add(child);
    const out = new Sink();
    child.stdout.pipe(out);
    await out.has(/policy_alert.*\r\n/);
    process.kill(Number(/pid=(\d+)/.exec(out.text)![1]), 'SIGTERM');
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
    expect(out.text).toMatch(/\x1b\[33mWARN \x1b\[0m \x1b\[1mpolicy_alert\x1b\[0m/);
    expect(out.text).toContain('sensor_stopped');
    expect(out.text).not.toContain('{"level"');
  });

  it('prints version, help and completion, and exits with 0', async () => {
    for (const [argv, says] of [
      [['-version'], /^version: .+\ngit_commit: .+\nbuild_time: .+\n$/],
      [['--help'], /^Usage: spectral-mesh/],
      [['completion', 'bash'], /complete -F _spectral_mesh spectral-mesh\n$/],
    ] as const) {
      const { out, err, exit } = start(argv);
      expect(await exit).toBe(0);
      expect(out.text).toMatch(says);
      expect(err.text).toBe('');
    }
  });
});

const PATIENCE = { timeout: 20_000, interval: 10 };

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^spectral_mesh_${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** Chosen by the kernel, for a program that cannot tell which one it took. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(out: Sink): Promise<string> {
  await out.has(/"metrics_listening".*\n/);
  return `http://127.0.0.1:${out.events('metrics_listening')[0]!.port}`;
}
