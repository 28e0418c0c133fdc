/** Every way into the sensor that needs no kernel: takes the pieces of one flow in order, and returns once all are scanned. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { createHookwireFeed, HookwireClient } from '@spectral/capture-hookwire';
import { createIngestFeed, IngestClient } from '@spectral/capture-ingest';
import { createStdinFeed } from '@spectral/capture-stdin';
import type { ChunkHandler, Feed } from '@spectral/core';
import { expect, vi } from 'vitest';

export interface Way {
  readonly feed: Feed | undefined;
  /** All that the feed logged, and all that it answered. */
  readonly said: unknown[];
  send(pieces: readonly Uint8Array[], flow: number): Promise<void>;
  close(): Promise<void>;
}

const place = { pid: 77, comm: 'same' };
/** Given to every feed; never aborted. */
export const NEVER = new AbortController().signal;

async function ingest(handler: ChunkHandler, form: 'send' | 'sendJson' | 'sendBatch'): Promise<Way> {
  const said: unknown[] = [];
  let url = '';
  const feed = createIngestFeed({
    address: ':0',
    log: (event) => {
      said.push(event);
      url = (event.fields.url as string) ?? url;
    },
  });
  await feed.start(handler, NEVER);
  const client = new IngestClient({ url });
  return {
    feed,
    said,
    close: () => feed.stop(),
    async send(pieces, flow) {
      const chunks = pieces.map((data) => ({ ...place, flow, data }));
      if (form === 'sendBatch') said.push(await client.sendBatch(chunks));
      else for (const chunk of chunks) said.push(await client[form](chunk));
    },
  };
}

export const WAYS: Readonly<Record<string, (handler: ChunkHandler) => Promise<Way>>> = {
  'the library': async (handler) => ({
    feed: undefined,
    said: [],
    close: async () => {},
    async send(pieces, flow) {
      for (const data of pieces) handler.handleChunk({ ...place, flow, data });
    },
  }),
  'ingest, bare bytes': (handler) => ingest(handler, 'send'),
  'ingest, JSON': (handler) => ingest(handler, 'sendJson'),
  'ingest, JSON Lines': (handler) => ingest(handler, 'sendBatch'),
  stdin: async (handler) => {
    const said: unknown[] = [];
    const input = new PassThrough();
    const feed = createStdinFeed({ input, log: (event) => said.push(event) });
    await feed.start(handler, NEVER);
    let sent = 0;
    return {
      feed,
      said,
      close: () => feed.stop(),
      async send(pieces, flow) {
        for (const data of pieces) {
          input.write(`${JSON.stringify({ ...place, flow, payload: Buffer.from(data).toString('base64') })}\n`);
        }
        sent += pieces.length;
        await vi.waitFor(() => expect(feed.counters().chunks).toBe(sent), { timeout: 20_000, interval: 1 });
      },
    };
  },
  hookwire: async (handler) => {
    const said: unknown[] = [];
    const scratch = mkdtempSync(join(tmpdir(), 'feeds-'));
    const address = `unix:${join(scratch, 's.sock')}`;
    const feed = createHookwireFeed({ address, log: (event) => said.push(event) });
    await feed.start(handler, NEVER);
    const client = await HookwireClient.connect(address);
    let sent = 0;
    return {
      feed,
      said,
      async close() {
        await client.close();
        await feed.stop();
        rmSync(scratch, { recursive: true });
      },
      async send(pieces, flow) {
        for (const data of pieces) await client.send({ ...place, flow, data });
        sent += pieces.reduce((sum, { length }) => sum + length, 0);
        await vi.waitFor(() => expect(feed.counters().bytes).toBe(sent), { timeout: 20_000, interval: 1 });
      },
    };
  },
};
