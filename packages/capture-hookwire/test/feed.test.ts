/** The feed behind real sockets. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createHookwireFeed,
  encodeFrame,
  type FeedEvent,
  HookwireClient,
  type HookwireFeedOptions,
  MAX_PAYLOAD_BYTES,
} from '@spectral/capture-hookwire';
import type { Feed } from '@spectral/core';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { literals, record } from '../../core/test/sensor/support.js';
import { isLoopback } from '../src/address.js';

/** Made up for these tests. */
const SECRET = 'SAMPLE-SECRET-7f3a';

const scratch = mkdtempSync(join(tmpdir(), 'hookwire-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let paths = 0;
const newPath = () => join(scratch, `${paths++}.sock`);

const running: { stop(): Promise<void> }[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const one of running.splice(0)) await one.stop();
});

async function start(options: Partial<HookwireFeedOptions> = {}) {
  const recorded = await record({ policy: literals(SECRET) });
  const events: FeedEvent[] = [];
  const feed = createHookwireFeed({ address: `unix:${newPath()}`, log: (event) => events.push(event), ...options });
  await feed.start(recorded.sensor, new AbortController().signal);
  running.push(feed);
  const address = events.find(({ event }) => event === 'hookwire_listening')!.fields.address as string;
  return { ...recorded, feed, events, address };
}

async function open(address: string): Promise<Socket> {
  const to = address.startsWith('unix:') ? { path: address.slice(5) } : { port: Number(address.split(':').at(-1)) };
  const socket = connect(to as { path: string });
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const PATIENCE = { timeout: 20_000, interval: 5 };
const until = (feed: Feed, name: string, value: number) =>
  vi.waitFor(() => expect(feed.counters()[name]).toBe(value), PATIENCE);

describe('the socket', () => {
  it.each(['unix', 'tcp:127.0.0.1:0', 'tcp:[::1]:0'])(
    'takes a split secret over %s, and says where it came from',
    async (kind) => {
      const { address, alerts } = await start(kind === 'unix' ? {} : { address: kind });
      const client = await HookwireClient.connect(address);
      await client.send({ pid: 77, comm: 'app', data: Buffer.from(`before ${SECRET.slice(0, 9)}`) });
      await client.send({ pid: 77, comm: 'app', data: Buffer.from(`${SECRET.slice(9)} after`) });
      await client.close();
      await vi.waitFor(() => expect(alerts).toHaveLength(1), PATIENCE);
      expect(alerts[0]).toMatchObject({ pid: 77, comm: 'app', feed: 'hookwire', direction: 'egress', match_offset: 7 });
      expect(JSON.stringify(alerts)).not.toContain(SECRET.slice(9));
    },
  );

  it('is for its owner only, whatever the umask, and goes away with the feed', async () => {
    const before = process.umask(0);
    const path = newPath();
    const { feed } = await start({ address: `unix:${path}` });
    expect(process.umask(before)).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await feed.stop();
    expect(existsSync(path)).toBe(false);
  });

  it('replaces one that a killed process left', async () => {
    const path = newPath();
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', script]), 'close');
    expect(statSync(path).isSocket()).toBe(true);
    const { address, feed } = await start({ address: `unix:${path}` });
    await open(address);
    await until(feed, 'connections', 1);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('never takes one away from a living process', async () => {
    const path = newPath();
    const owner = createServer().listen(path);
    await once(owner, 'listening');
    const { ino } = statSync(path);
    await expect(start({ address: `unix:${path}` })).rejects.toMatchObject({ code: 'EBIND' });
    expect(statSync(path).ino).toBe(ino);
    await open(`unix:${path}`);
    owner.close();
  });

  it('never removes a file that is no socket', async () => {
    const path = newPath();
    writeFileSync(path, 'precious');
    await expect(start({ address: `unix:${path}` })).rejects.toMatchObject({ code: 'EBIND' });
    expect(statSync(path).size).toBe(8);
  });

  it('says which directory is missing, and which port is taken', async () => {
    const missing = `unix:${join(scratch, 'no', 'such.sock')}`;
    await expect(start({ address: missing })).rejects.toThrow('its directory does not exist');
    const { address } = await start({ address: 'tcp:127.0.0.1:0' });
    await expect(start({ address })).rejects.toMatchObject({
      code: 'EBIND',
      message: expect.stringContaining('in use'),
    });
  });

  it('listens where other machines reach it only when told to', async () => {
    for (const address of ['tcp:0.0.0.0:0', 'tcp:[::]:0', 'tcp:192.0.2.1:0', 'tcp:example.invalid:0']) {
      expect(() => createHookwireFeed({ address })).toThrow(expect.objectContaining({ code: 'EREMOTE' }));
    }
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost', '::ffff:127.0.0.1'].map(isLoopback)).not.toContain(false);
    const { events } = await start({ address: 'tcp:0.0.0.0:0', allowRemote: true });
    expect(events.map(({ event }) => event)).toEqual(['hookwire_listening', 'hookwire_not_loopback']);
  });

  it.each([{ maxConnections: 0 }, { stallMs: Number.NaN }])('refuses %j', (options) => {
    expect(() => createHookwireFeed({ address: 'tcp:127.0.0.1:0', ...options })).toThrow(
      expect.objectContaining({ code: 'EOPTION' }),
    );
  });
});

describe('bytes', () => {
  it('may come one at a time', async () => {
    const { address, alerts, feed } = await start({ address: 'tcp:127.0.0.1:0' });
    const socket = await open(address);
    socket.setNoDelay(true);
    for (const byte of encodeFrame({ pid: 5, comm: 'slow' }, Buffer.from(`x${SECRET}y`))) {
      await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
    }
    await until(feed, 'bytes', SECRET.length + 2);
    expect(alerts).toMatchObject([{ pid: 5, comm: 'slow', match_offset: 1 }]);
  });

  it('of a bad header close that connection, and no other', async () => {
    const { address, alerts, feed, events } = await start();
    const [good, bad] = [await open(address), await open(address)];
    good.write(encodeFrame({ pid: 1, comm: 'a' }, Buffer.from(SECRET.slice(0, 5))));
    await until(feed, 'frames', 1);
    bad.resume();
    bad.write(Buffer.alloc(100, 'GET / HTTP/1.1\r\n'));
    await once(bad, 'close');
    good.write(encodeFrame({ pid: 1, comm: 'a' }, Buffer.from(SECRET.slice(5))));
    await vi.waitFor(() => expect(alerts).toHaveLength(1), PATIENCE);
    expect(feed.counters()).toMatchObject({ bad_magic: 1, connections: 1, frames_cut_short: 0 });
    expect(events.at(-1)).toEqual({ event: 'hookwire_bad_header', level: 'warn', fields: { reason: 'magic' } });
  });

  it('that never end a frame are waited for only so long; a quiet connection stays', async () => {
    const { address, feed } = await start({ stallMs: 50 });
    const [quiet, stalled] = [await open(address), await open(address)];
    stalled.resume();
    stalled.write('SPHW');
    await once(stalled, 'close');
    await until(feed, 'connections', 1);
    expect(feed.counters().connections_stalled).toBe(1);
    expect(quiet.destroyed).toBe(false);
  });

  it('of a sender that left in the middle of a frame are scanned, and the frame is counted', async () => {
    const { address, alerts, feed } = await start();
    const socket = await open(address);
    socket.end(encodeFrame({ pid: 1, comm: 'a' }, Buffer.from(`${SECRET} and more`)).subarray(0, 60));
    await until(feed, 'connections', 0);
    expect(feed.counters().frames_cut_short).toBe(1);
    expect(alerts).toHaveLength(1);
  });

  it('that are missing are a gap', async () => {
    const { address, gaps, alerts, feed } = await start();
    const socket = await open(address);
    const send = (seq: number, text: string) =>
      socket.write(encodeFrame({ pid: 1, comm: 'a', seq }, Buffer.from(text)));
    send(1, SECRET.slice(0, 5));
    send(3, SECRET.slice(5));
    send(4, SECRET);
    await until(feed, 'frames', 3);
    expect(gaps).toMatchObject([{ reason: 'sequence', pid: 1, bytes: undefined, offset: 5 }]);
    expect(alerts).toHaveLength(1);
  });

  it('of two connections of one process do not mix, and their state goes with them', async () => {
    const { address, alerts, feed, sensor } = await start();
    const [one, two] = [await open(address), await open(address)];
    one.write(encodeFrame({ pid: 1, comm: 'a' }, Buffer.from(SECRET.slice(0, 5))));
    await until(feed, 'frames', 1);
    two.write(encodeFrame({ pid: 1, comm: 'a' }, Buffer.from(SECRET.slice(5))));
    await until(feed, 'frames', 2);
    expect(sensor.flowCount).toBe(2);
    one.destroy();
    two.destroy();
    await until(feed, 'connections', 0);
    expect([alerts.length, sensor.flowCount]).toEqual([0, 0]);
  });

  it('that were sent before the feed stops are still delivered', async () => {
    const { address, alerts, feed } = await start();
    const socket = await open(address);
    await until(feed, 'connections', 1);
    socket.end(encodeFrame({ pid: 1, comm: 'a' }, Buffer.from(SECRET)));
    await once(socket, 'finish');
    await feed.stop();
    await feed.stop();
    expect(alerts).toHaveLength(1);
  });
});

describe('many', () => {
  it('connections at once: 1,000 halves of secrets, none lost or mixed', async () => {
    const { address, alerts, feed, sensor } = await start();
    const all: Socket[] = [];
    for (let n = 0; n < 1000; n++) all.push(await open(address));
    for (const half of [SECRET.slice(0, 8), SECRET.slice(8)]) {
      for (const [n, socket] of all.entries()) {
        socket.write(encodeFrame({ pid: n + 1, comm: 'many' }, Buffer.from(half)));
      }
    }
    await until(feed, 'frames', 2000);
    expect(new Set(alerts.map(({ pid }) => pid)).size).toBe(1000);
    expect(alerts).toHaveLength(1000);
    for (const socket of all) socket.destroy();
    await until(feed, 'connections', 0);
    expect(sensor.flowCount).toBe(0);
  });

  it('more than allowed are closed at once and counted', async () => {
    const { address, feed } = await start({ maxConnections: 2 });
    const [first] = [await open(address), await open(address)];
    const third = await open(address);
    third.resume();
    await once(third, 'close');
    expect(feed.counters()).toMatchObject({ connections: 2, connections_refused: 1 });
    first.destroy();
    await until(feed, 'connections', 1);
    await open(address);
    await until(feed, 'connections', 2);
  });

  it('bytes from a sender that is faster than the scanner: it is held back, nothing is lost', async () => {
    const { sensor } = await record({ policy: literals(SECRET) });
    const events: FeedEvent[] = [];
    const feed = createHookwireFeed({ address: `unix:${newPath()}`, log: (event) => events.push(event) });
    running.push(feed);
    // Ten times slower than a sender that does nothing but write.
    const slow = Object.create(sensor, {
      handleChunks: {
        value: (chunks: Parameters<typeof sensor.handleChunks>[0]) => {
          const until = performance.now() + 2;
          const verdicts = sensor.handleChunks(chunks);
          while (performance.now() < until);
          return verdicts;
        },
      },
      endFlow: { value: (flow: string) => sensor.endFlow(flow) },
    }) as typeof sensor;
    await feed.start(slow, new AbortController().signal);
    const client = await HookwireClient.connect(events[0]!.fields.address as string);
    const data = Buffer.alloc(MAX_PAYLOAD_BYTES, 'harmless ');
    const before = process.memoryUsage();
    let most = 0;
    for (let n = 0; n < 200; n++) {
      await client.send({ pid: 1, comm: 'fast', data });
      const { arrayBuffers, external } = process.memoryUsage();
      most = Math.max(most, arrayBuffers + external - before.arrayBuffers - before.external);
    }
    await client.close();
    await until(feed, 'bytes', 200 * data.length);
    expect(sensor.counters).toMatchObject({ bytes: 200 * data.length, gaps: 0 });
    expect(most).toBeLessThan(8e6);
  });
});

describe('the client', () => {
  it('cuts what is longer than a frame, and ends flows', async () => {
    const { address, sensor, gaps, feed } = await start();
    const client = await HookwireClient.connect(address);
    const data = Buffer.alloc(300_000, 'x');
    await client.send({ pid: 1, comm: 'a', data, flow: 7 });
    await client.send({ pid: 1, comm: 'a', data: new Uint8Array(0), flow: 7n, end: true });
    await until(feed, 'frames', 4);
    expect(sensor.counters).toMatchObject({ bytes: 300_000, flows_opened: 1, flows_closed: 1 });
    expect(gaps).toEqual([]);
    await client.close();
    await expect(client.send({ pid: 1, comm: 'a', data })).rejects.toMatchObject({ code: 'ECLOSED' });
  });

  it('says that nobody listens', async () => {
    await expect(HookwireClient.connect(`unix:${newPath()}`)).rejects.toMatchObject({ code: 'ECLOSED' });
  });

  it.each([
    ['flow', { flow: 0.5 }],
    ['pid', { pid: -1 }],
  ])('refuses a bad %s before anything is sent', async (_name, bad) => {
    const { address, feed } = await start();
    const client = await HookwireClient.connect(address);
    const chunk = { pid: 1, comm: 'a', data: Buffer.from('x') };
    await expect(client.send({ ...chunk, ...bad })).rejects.toMatchObject({ code: 'EFRAME' });
    await client.send(chunk);
    await until(feed, 'frames', 1);
    await client.close();
  });
});

it('the sender in C sends', async () => {
  const sender = join(scratch, 'sender');
  const source = fileURLToPath(new URL('../examples/sender.c', import.meta.url));
  execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-std=gnu11', '-O1', '-o', sender, source]);
  const { address, alerts, sensor, feed, gaps } = await start();
  const text = `${'x'.repeat(MAX_PAYLOAD_BYTES - 6)}${SECRET}${'y'.repeat(1000)}`;
  const child = spawn(sender, [address.slice(5)], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin!.end(text);
  expect((await once(child, 'close'))[0]).toBe(0);
  await until(feed, 'connections', 0);
  expect(sensor.counters).toMatchObject({ bytes: text.length, gaps: 0, flows_closed: 1 });
  expect(alerts).toMatchObject([{ pid: child.pid, comm: 'sender', match_offset: MAX_PAYLOAD_BYTES - 6 }]);
  expect(gaps).toEqual([]);
});
