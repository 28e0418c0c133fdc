import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createIngestFeed, type FeedEvent, type IngestFeedOptions } from '@spectral/capture-ingest';
import type { ChunkHandler, Feed, Sensor } from '@spectral/core';
import { afterEach, expect, vi } from 'vitest';
import { literals, record } from '../../core/test/sensor/support.js';

/** Made up for these tests. */
export const SECRET = 'SAMPLE-SECRET-c4b8';

const running: Feed[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((feed) => feed.stop()));
});

/** A feed on a port of its own, with a sensor that looks for `SECRET`. `through` may stand between the two. */
export async function start(
  options: Partial<IngestFeedOptions> = {},
  through: (sensor: Sensor) => ChunkHandler = (sensor) => sensor,
) {
  const recorded = await record({ policy: literals(SECRET) });
  const events: FeedEvent[] = [];
  const feed = createIngestFeed({ address: '127.0.0.1:0', log: (event) => events.push(event), ...options });
  await feed.start(through(recorded.sensor), new AbortController().signal);
  running.push(feed);
  const url = events.find(({ event }) => event === 'ingest_listening')!.fields.url as string;
  return { ...recorded, feed, events, url, port: Number(new URL(url).port) };
}

export async function post(url: string, type: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    body: body as string,
    headers: { 'content-type': type, ...headers },
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

export const json = (url: string, document: unknown, headers?: Record<string, string>) =>
  post(url, 'application/json', JSON.stringify(document), headers);

export const base64 = (text: string) => Buffer.from(text).toString('base64');

export async function open(port: number): Promise<Socket & { received(): string }> {
  const socket = connect({ port, host: '127.0.0.1' });
  sockets.push(socket);
  socket.on('error', () => {});
  let received = '';
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
  });
  await once(socket, 'connect');
  return Object.assign(socket, { received: () => received });
}

export const PATIENCE = { timeout: 20_000, interval: 5 };
export const until = (feed: Feed, name: string, value: number) =>
  vi.waitFor(() => expect(feed.counters()[name]).toBe(value), PATIENCE);
