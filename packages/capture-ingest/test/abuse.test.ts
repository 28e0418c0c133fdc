/** Senders that are slow, many, fast, or gone. */
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { Budget } from '../src/budget.js';
import { base64, json, open, PATIENCE, post, SECRET, start, until } from './support.js';

const head = (type: string, length: number, more = '') =>
  `POST /v1/ingest/chunk HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n${more}\r\n`;
const BYTES = 'application/octet-stream';

describe('a sender', () => {
  it('may send byte for byte', async () => {
    const { port, alerts } = await start();
    const socket = await open(port);
    socket.setNoDelay(true);
    const body = JSON.stringify({ pid: 4, payload: base64(SECRET) });
    for (const byte of Buffer.from(head('application/json', body.length) + body)) {
      await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
    }
    await vi.waitFor(() => expect(socket.received()).toContain('"findings":1'), PATIENCE);
    expect(alerts).toHaveLength(1);
  });

  it.each([
    ['nothing', ''],
    ['half a header', 'POST /v1/ingest/chunk HT'],
    ['half a body', `${head(BYTES, 100)}0123`],
  ])('that sends %s and waits gets 408, and is let go', async (_what, text) => {
    const { port, feed, sensor } = await start({ requestTimeoutMs: 150 });
    const socket = await open(port);
    if (text !== '') socket.write(text);
    await once(socket, 'close');
    expect(socket.received()).toMatch(/^HTTP\/1\.1 408 /);
    await until(feed, 'connections', 0);
    expect(feed.counters()).toMatchObject({ request_timeouts: 1, reserved_bytes: 0 });
    expect(sensor.counters.chunks).toBe(0);
  });

  it('that leaves in the middle of a body leaves nothing behind', async () => {
    const { port, feed, sensor } = await start();
    const socket = await open(port);
    socket.write(`${head(BYTES, 100_000)}${SECRET}`);
    await until(feed, 'reserved_bytes', 100_000);
    socket.destroy();
    await until(feed, 'reserved_bytes', 0);
    expect(sensor.counters.chunks).toBe(0);
  });

  it('that speaks something else gets 400', async () => {
    const { port, feed } = await start();
    const socket = await open(port);
    socket.write('SPHW\x01\x00\x00\x00 this is no HTTP\r\n\r\n');
    await once(socket, 'close');
    expect(socket.received()).toMatch(/^HTTP\/1\.1 400 /);
    expect(feed.counters().requests_malformed).toBe(1);
  });

  it('that sends an endless header gets 431', async () => {
    const { port } = await start();
    const socket = await open(port);
    socket.write(`${head(BYTES, 1).trimEnd()}\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`);
    await once(socket, 'close');
    expect(socket.received()).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('that asks first is told, before it sends the body', async () => {
    const { port, sensor } = await start();
    const expects = 'Expect: 100-continue\r\n';
    const good = await open(port);
    good.write(head(BYTES, SECRET.length, expects));
    await vi.waitFor(() => expect(good.received()).toBe('HTTP/1.1 100 Continue\r\n\r\n'), PATIENCE);
    good.write(SECRET);
    await vi.waitFor(() => expect(good.received()).toContain('200 OK'), PATIENCE);
    const bad = await open(port);
    bad.write(head(BYTES, 1e9, expects));
    await vi.waitFor(() => expect(bad.received()).toMatch(/^HTTP\/1\.1 413 /), PATIENCE);
    expect(sensor.counters.chunks).toBe(1);
  });
});

describe('many senders', () => {
  it('at once: 1,000 connections with halves of secrets, none lost or mixed', async () => {
    const { port, alerts, feed } = await start();
    const sockets = [];
    for (let n = 0; n < 1000; n++) sockets.push(await open(port));
    for (const [at, half] of [SECRET.slice(0, 9), SECRET.slice(9)].entries()) {
      for (const [n, socket] of sockets.entries()) {
        const body = JSON.stringify({ pid: n + 1, comm: 'many', payload: base64(half) });
        socket.write(head('application/json', body.length) + body);
      }
      await until(feed, 'chunks', 1000 * (at + 1));
    }
    expect(new Set(alerts.map(({ pid }) => pid)).size).toBe(1000);
    expect(alerts).toHaveLength(1000);
  });

  it('more than allowed are turned away and counted', async () => {
    const { port, feed } = await start({ maxConnections: 2 });
    await open(port);
    await open(port);
    await until(feed, 'connections', 2);
    const third = await open(port);
    await once(third, 'close');
    expect(feed.counters()).toMatchObject({ connections: 2, connections_refused: 1 });
  });

  it('share a bounded memory: who finds none waits unread, and nothing is lost', async () => {
    const size = 400_000;
    const { port, feed, sensor } = await start({ maxChunkBytes: size, maxBufferedBytes: 1_300_000 });
    const sockets = [];
    for (let n = 0; n < 40; n++) {
      const socket = await open(port);
      socket.write(head(BYTES, size, `X-Spectral-Pid: ${n + 1}\r\n`));
      sockets.push(socket);
    }
    // Three have a place; they send nothing yet.
    await until(feed, 'requests_waiting', 37);
    expect(feed.counters().reserved_bytes).toBe(3 * size);
    const body = Buffer.alloc(size, 'x');
    body.write(SECRET, size / 2);
    let most = 0;
    for (const socket of sockets) socket.write(body);
    await vi.waitFor(() => {
      most = Math.max(most, feed.counters().reserved_bytes!);
      expect(feed.counters().chunks).toBe(40);
    }, PATIENCE);
    expect(most).toBeLessThanOrEqual(1_300_000);
    expect(sensor.counters).toMatchObject({ bytes: 40 * size, findings: 40, gaps: 0 });
    expect(feed.counters()).toMatchObject({ reserved_bytes: 0, requests_waiting: 0 });
  });

  it('that are ten times faster than the scanner are held back', async () => {
    const { url, sensor, feed } = await start({ maxBufferedBytes: 2 << 20 }, (fast) =>
      Object.create(fast, {
        handleChunks: {
          value: (chunks: Parameters<typeof fast.handleChunks>[0]) => {
            const end = performance.now() + 5;
            while (performance.now() < end);
            return fast.handleChunks(chunks);
          },
        },
      }),
    );
    const body = Buffer.alloc(500_000, 'x');
    const answers = Array.from({ length: 100 }, (_, n) => post(url, BYTES, body, { 'x-spectral-pid': `${n}` }));
    for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
    expect(sensor.counters).toMatchObject({ bytes: 100 * body.length, gaps: 0 });
    expect(feed.counters().reserved_bytes).toBe(0);
  });
});

describe('stopping', () => {
  it('finishes what is under way, and takes nothing more', async () => {
    const { port, url, feed, sensor } = await start();
    const socket = await open(port);
    socket.write(head(BYTES, SECRET.length) + SECRET.slice(0, 5));
    await until(feed, 'requests', 1);
    const stopped = feed.stop();
    socket.write(SECRET.slice(5));
    await stopped;
    await vi.waitFor(() => expect(socket.received()).toContain('"findings":1'), PATIENCE);
    expect([feed.counters().chunks, sensor.counters.findings]).toEqual([1, 1]);
    await expect(json(url, {})).rejects.toThrow();
    await feed.stop();
  });
});

describe('the budget', () => {
  it('serves in order, gives back, and forgets who leaves the line', () => {
    const budget = new Budget(10);
    const served: string[] = [];
    const take = (name: string, bytes: number) => budget.take(bytes, () => served.push(name));
    const a = take('a', 6);
    const b = take('b', 6);
    const c = take('c', 1);
    const d = take('d', 100);
    expect([served, budget.used, budget.waiting]).toEqual([['a'], 6, 3]);
    budget.leave(b);
    expect([served, budget.used, budget.waiting]).toEqual([['a', 'c'], 7, 1]);
    budget.leave(a);
    budget.leave(a);
    expect(budget.used).toBe(1);
    budget.leave(c);
    expect([served, budget.used]).toEqual([['a', 'c', 'd'], 10]);
    budget.leave(d);
    budget.leave(b);
    expect([budget.used, budget.waiting]).toEqual([0, 0]);
  });
});
