/** Which feeds are on, and the program with those that need no kernel. */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HookwireClient } from '@spectral/capture-hookwire';
import { IngestClient } from '@spectral/capture-ingest';
import { SpectralError } from '@spectral/core';
import { afterAll, describe, expect, it } from 'vitest';
import { runDemo } from '../src/capture-demo.js';
import { runMesh } from '../src/main.js';
import { ACTIVE, Documents, metricsOf, PushFeed, SAMPLE_SECRET, Sink, startMesh } from './support.js';

const documents = new Documents();
const scratch = mkdtempSync(join(tmpdir(), 'spectral-feeds-'));
afterAll(() => {
  documents.remove();
  rmSync(scratch, { recursive: true });
});

/** The program with its own feeds. */
function run(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const [stdout, stderr, signals] = [new Sink(), new Sink(), new EventEmitter()];
  const exit = runMesh(argv, { stdout, stderr, env, signals });
  const stop = () => {
    signals.emit('SIGTERM', 'SIGTERM');
    return exit;
  };
  return { stdout, stderr, exit, stop };
}

describe('-feeds', () => {
  it.each([
    [[], 'on off off off'],
    [['-capture-stdin'], 'on off on off'],
    [['-capture-ingest-addr', ':9092', '-capture-hook-socket', 'unix:/s'], 'on on off on'],
  ])('alone, or with "list", says what %j turns on, and does nothing', async (argv, expected) => {
    for (const ask of [['-feeds'], ['--feeds', 'list'], ['-feeds=list']]) {
      const { exit, stdout } = run([...argv, ...ask]);
      expect(await exit).toBe(0);
      expect(
        stdout.text
          .match(/\b(on|off) {2,}(?=\S)/g)!
          .map((word) => word.trim())
          .join(' '),
      ).toBe(expected);
    }
  });

  it.each([
    [['-feeds', 'ebpf,nonsense'], 'flag -feeds: "nonsense" is not in a list of ebpf, ingest, stdin, hookwire'],
    [['-feeds', ','], 'flag -feeds: "" is not in a list'],
    [['-feeds', 'hookwire'], 'flag -feeds: hookwire needs a socket'],
    [['-feeds', 'ingest', '-capture-ingest-addr', 'nowhere'], 'flag -capture-ingest-addr: "nowhere" is not an address'],
    [['-feeds', 'ingest', '-capture-ingest-addr', '0.0.0.0:0'], '(-capture-ingest-token sets a token)'],
    [['-feeds', 'hookwire', '-capture-hook-socket', 'tcp:0.0.0.0:0'], '(-capture-hook-allow-remote allows it)'],
    [
      ['-feeds', 'hookwire', '-capture-hook-socket', '/run/s'],
      'flag -capture-hook-socket: "/run/s": must be unix:PATH',
    ],
  ])('refuses %j', async (argv, message) => {
    const { exit, stderr, stdout } = run(argv);
    expect(await exit).toBe(2);
    expect(stderr.text).toContain(message);
    expect(stdout.text).toBe('');
  });

  it('never shows a token', async () => {
    const token = 'SampleTokenOfThisTest';
    const { exit, stdout, stderr } = run([
      '-feeds',
      'ingest',
      '-capture-ingest-addr',
      '::',
      '-capture-ingest-token',
      token,
    ]);
    expect(await exit).toBe(2);
    expect(stdout.text + stderr.text).not.toContain(token);
  });
});

describe('without BPF', () => {
  const unavailable = () => {
    const feed = new PushFeed(() =>
      Promise.reject(new SpectralError('EPRIVILEGE', 'not allowed to load BPF programs')),
    );
    return Object.assign(feed, { name: 'ebpf' });
  };

  it('the other feeds go on, and the log says so', async () => {
    const other = new PushFeed();
    const mesh = startMesh(['-capture-stdin', '-policy', documents.samplePolicy()], {
      feeds: () => [unavailable(), other],
    });
    await mesh.stdout.has(ACTIVE);
    expect(mesh.stdout.events('feed_unavailable')).toMatchObject([{ level: 'WARN', feed: 'ebpf' }]);
    expect(mesh.stdout.events('sensor_active')).toMatchObject([{ feeds: ['push'] }]);
    other.push(SAMPLE_SECRET);
    expect(mesh.stdout.events('policy_alert')).toHaveLength(1);
    expect(await mesh.stop()).toBe(0);
  });

  it('but not when it is the only one, or was asked for by name', async () => {
    for (const argv of [[], ['-feeds', 'ebpf,stdin']]) {
      const mesh = startMesh(argv, { feeds: () => [unavailable(), new PushFeed()] });
      expect(await mesh.exit).toBe(4);
    }
  });
});

it('ends with the input of its feeds, if all of them end', async () => {
  const ending = () => Object.assign(new PushFeed(), { ended: Promise.resolve() });
  const mesh = startMesh([], { feeds: () => [ending(), ending()] });
  expect(await mesh.exit).toBe(0);
  expect(mesh.stdout.events('sensor_stopped')).toMatchObject([{ reason: 'input ended' }]);
  const mixed = startMesh([], { feeds: () => [ending(), new PushFeed()] });
  await mixed.stdout.has(ACTIVE);
  expect(mixed.stdout.events('sensor_stopped')).toEqual([]);
  expect(await mixed.stop()).toBe(0);
});

it('takes chunks over HTTP and a socket at once; alerts say from where; equal names of flows do not meet', async () => {
  const address = `unix:${join(scratch, 'hook.sock')}`;
  const flags = ['-feeds', 'ingest,hookwire', '-capture-ingest-addr', ':0', '-capture-hook-socket', address];
  const mesh = run([...flags, '-policy', documents.samplePolicy(), '-metrics-addr', ':0'], {
    CAPTURE_INGEST_TOKEN: 'sample-token',
  });
  await mesh.stdout.has(ACTIVE);
  expect(mesh.stdout.events('sensor_active')).toMatchObject([{ feeds: ['ingest', 'hookwire'] }]);
  const http = new IngestClient({
    url: mesh.stdout.events('ingest_listening')[0]!.url as string,
    token: 'sample-token',
  });
  const hook = await HookwireClient.connect(address);
  const [first, second] = [SAMPLE_SECRET.slice(0, 5), SAMPLE_SECRET.slice(5)];
  const place = { pid: 4321, comm: 'app' };
  // The halves go different ways first: they must not be put together.
  await http.send({ ...place, data: first });
  await hook.send({ ...place, data: Buffer.from(second) });
  await hook.send({ ...place, data: Buffer.from(`${first}${second}`) });
  await mesh.stdout.has(/policy_alert.*\n/);
  expect(await http.send({ ...place, data: second })).toMatchObject({ findings: 1 });
  const alerts = mesh.stdout.events('policy_alert');
  expect(alerts.map(({ feed, pid, comm }) => [feed, pid, comm])).toEqual([
    ['hookwire', 4321, 'app'],
    ['ingest', 4321, 'app'],
  ]);
  const { host, port } = mesh.stdout.events('metrics_listening')[0]!;
  const { text, value } = await metricsOf(`http://${host}:${port}`);
  expect(value('spectral_mesh_ringbuf_events_total')).toBe(4);
  expect(text).toContain('spectral_mesh_feed_count{feed="hookwire",name="frames"} 2\n');
  expect(text).toContain('spectral_mesh_feed_count{feed="ingest",name="requests"} 2\n');
  await hook.close();
  expect(await mesh.stop()).toBe(0);
  expect(mesh.stdout.text).not.toContain('sample-token');
});

it('a port or socket in use: exit code 6', async () => {
  const mesh = run(['-feeds', 'ingest', '-capture-ingest-addr', ':0']);
  await mesh.stdout.has(ACTIVE);
  const { address } = mesh.stdout.events('ingest_listening')[0]!;
  const second = run(['-feeds', 'ingest', '-capture-ingest-addr', address as string]);
  expect(await second.exit).toBe(6);
  expect(second.stderr.text).toContain('the port is in use');
  await mesh.stop();
});

describe('spectral-capture-demo', () => {
  const demo = async (argv: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const [stdout, stderr] = [new Sink(), new Sink()];
    return { code: await runDemo(argv, { stdout, stderr, env }), out: stdout.text, err: stderr.text };
  };

  it('splits a sample over two posts, which a sensor with the built-in policy finds', async () => {
    const mesh = run(['-feeds', 'ingest', '-capture-ingest-addr', ':0', '-capture-ingest-token', 'sample-token']);
    await mesh.stdout.has(ACTIVE);
    const url = mesh.stdout.events('ingest_listening')[0]!.url as string;
    const found = await demo(['-ingest-url', url, '-ingest-token=sample-token']);
    expect([found.code, found.err]).toEqual([0, '']);
    expect(found.out).toMatch(/^post 1 of 2: \d+ bytes, findings: 0\npost 2 of 2: \d+ bytes, findings: 1\n/);
    expect(mesh.stdout.events('policy_alert')).toMatchObject([{ rule_id: 'sample-project-ethos', feed: 'ingest' }]);
    expect((await demo(['--ingest-url', url], { CAPTURE_INGEST_TOKEN: 'sample-token' })).code).toBe(0);
    expect(await demo(['-ingest-url', url])).toMatchObject({ code: 1, err: expect.stringContaining('(401)') });
    await mesh.stop();
    expect(await demo(['-ingest-url', url])).toMatchObject({ code: 1, err: expect.stringContaining('no answer from') });
  });

  it.each([[['-ingest-url', 'nonsense']], [['-no-such-flag']], [['extra']]])('refuses %j', async (argv) => {
    expect(await demo(argv)).toMatchObject({ code: 2, out: '' });
  });

  it('explains itself', async () => {
    expect((await demo(['--help'])).out).toContain('-ingest-url');
  });
});
