/** What the endpoint answers to requests, good and bad. */
import { createIngestFeed, OPENAPI } from '@spectral/capture-ingest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64, json, post, SECRET, start } from './support.js';

const BYTES = 'application/octet-stream';
const LINES = 'application/x-ndjson';

describe('one chunk as JSON', () => {
  it('is scanned; a secret in two posts is found, and the alert says which feed', async () => {
    const { url, alerts } = await start();
    const first = await json(url, { pid: 9, comm: 'app', payload: base64(`x ${SECRET.slice(0, 7)}`) });
    expect(first).toMatchObject({ status: 200, body: { chunks: 1, findings: 0, action: 'observe' } });
    const second = await json(url, { pid: 9, comm: 'app', payload: base64(SECRET.slice(7)) });
    expect(second.body).toMatchObject({ chunks: 1, findings: 1 });
    expect(alerts).toMatchObject([{ pid: 9, comm: 'app', feed: 'ingest', match_offset: 2 }]);
  });

  it.each<[string | undefined, string]>([
    [undefined, '{"payload":'],
    [undefined, ''],
    [undefined, '[]'],
    ['payload', '{}'],
    ['payload', '{"payload":"*"}'],
    ['pid', '{"payload":"","pid":-1}'],
    ['comm', '{"payload":"","comm":5}'],
    ['seq', '{"payload":"","seq":0.5}'],
  ])('with a bad field "%s" is a 400: %s', async (field, body) => {
    const { url, feed, sensor } = await start();
    const answer = await post(url, 'application/json', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: expect.any(String), ...(field !== undefined && { field }) });
    expect([feed.counters().refused_400, sensor.counters.chunks]).toEqual([1, 0]);
  });
});

describe('bare bytes', () => {
  it('carry their fields in the header', async () => {
    const { url, alerts, sensor } = await start();
    const headers = {
      'x-spectral-pid': '12',
      'x-spectral-flow': 'f',
      'x-spectral-comm': 'n\u00c3\u00a9e',
      'x-spectral-seq': '1',
    };
    await post(url, BYTES, SECRET.slice(0, 4), headers);
    const last = await post(url, BYTES, SECRET.slice(4), {
      ...headers,
      'x-spectral-seq': '2',
      'x-spectral-end': 'true',
    });
    expect(last).toMatchObject({ status: 200, body: { chunks: 1, bytes: SECRET.length - 4, findings: 1 } });
    expect(alerts).toMatchObject([{ pid: 12, comm: 'née', feed: 'ingest' }]);
    expect(sensor.flowCount).toBe(0);
  });

  it('may be none, and may be many', async () => {
    const { url, sensor } = await start();
    expect((await post(url, BYTES, '')).status).toBe(200);
    const big = Buffer.alloc(1 << 20, 'x');
    big.write(SECRET, 700_000);
    expect((await post(url, BYTES, big, { 'x-spectral-pid': '1' })).body).toMatchObject({ findings: 1, chunks: 1 });
    expect(sensor.counters.bytes).toBe(1 << 20);
  });

  it.each([
    ['x-spectral-pid', '-1'],
    ['x-spectral-pid', '4294967296'],
    ['x-spectral-pid', '1e3'],
    ['x-spectral-seq', '1.5'],
    ['x-spectral-lost', ''],
    ['x-spectral-time', 'now'],
    ['x-spectral-end', 'yes'],
    ['x-spectral-direction', 'up'],
    ['x-spectral-comm', 'x'.repeat(65)],
    ['x-spectral-flow', 'x'.repeat(129)],
  ])('with a bad %s: %s', async (name, value) => {
    const { url, sensor } = await start();
    expect(await post(url, BYTES, SECRET, { [name]: value })).toMatchObject({ status: 400, body: { field: name } });
    expect(sensor.counters.chunks).toBe(0);
  });
});

describe('JSON Lines', () => {
  it('are many chunks', async () => {
    const { url, alerts } = await start();
    const halves = [SECRET.slice(0, 5), SECRET.slice(5)].map((text) =>
      JSON.stringify({ flow: 1, payload: base64(text) }),
    );
    expect((await post(url, LINES, halves.join('\n'))).body).toMatchObject({ chunks: 2, findings: 1 });
    expect(alerts).toHaveLength(1);
  });

  it('that are bad are listed, and the good ones count', async () => {
    const { url, alerts, feed } = await start({ maxChunkBytes: 100 });
    const good = JSON.stringify({ text: SECRET });
    const body = [good, `{${SECRET}`, '', '{"text":5}', 'x'.repeat(5000), good].join('\n');
    const answer = await post(url, LINES, body);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        error: 'line 2: is not valid JSON',
        chunks: 2,
        findings: 2,
        bad_lines: 3,
        lines: [{ line: 2 }, { line: 4, field: 'text' }, { line: 5, error: expect.stringContaining('longer') }],
      },
    });
    expect(JSON.stringify(answer.body)).not.toContain(SECRET);
    expect(alerts).toHaveLength(2);
    expect(feed.counters()).toMatchObject({ bad_lines: 3, chunks: 2, refused_400: 1 });
  });
});

describe('refused', () => {
  it.each<[number, string, RequestInit]>([
    [404, '/', {}],
    [404, '/v1/ingest/chunks', { method: 'POST' }],
    [405, '/v1/ingest/chunk', {}],
    [405, '/v1/ingest/chunk', { method: 'PUT', body: 'x' }],
    [405, '/openapi.json', { method: 'POST', body: 'x' }],
    [415, '/v1/ingest/chunk', { method: 'POST', body: new Uint8Array(1) }],
    [415, '/v1/ingest/chunk', { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }],
    [
      415,
      '/v1/ingest/chunk',
      { method: 'POST', body: 'x', headers: { 'content-type': BYTES, 'content-encoding': 'gzip' } },
    ],
  ])('with %i: %s %j', async (status, path, init) => {
    const { url, sensor, feed } = await start();
    const response = await fetch(new URL(path, url), init);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: expect.any(String) });
    if (status === 405) expect(response.headers.get('allow')).toMatch(/POST|GET/);
    expect([sensor.counters.chunks, feed.counters()[`refused_${status}`]]).toEqual([0, 1]);
  });

  it.each<[string, Uint8Array | string, number]>([
    [BYTES, Buffer.alloc(1001), 413],
    [BYTES, Buffer.alloc(1000), 200],
    ['application/json', JSON.stringify({ payload: base64('x'.repeat(1000)) }), 200],
    ['application/json', JSON.stringify({ payload: base64('x'.repeat(5000)) }), 413],
    [LINES, '\n'.repeat(2001), 413],
    [LINES, '\n'.repeat(2000), 200],
  ])('when too large: %s %#', async (type, body, status) => {
    const { url, feed } = await start({ maxChunkBytes: 1000, maxBatchBytes: 2000 });
    expect((await post(url, type, body)).status).toBe(status);
    // Without a length in the header.
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(typeof body === 'string' ? Buffer.from(body) : body);
        controller.close();
      },
    });
    const init = { method: 'POST', body: stream, duplex: 'half', headers: { 'content-type': type } };
    expect((await fetch(url, init as RequestInit)).status).toBe(status);
    expect(feed.counters().reserved_bytes).toBe(0);
  });

  it('without the token: 401, and no word about it', async () => {
    const token = 'sample-token-of-this-test';
    const { url, sensor, events } = await start({ token });
    const wrong = [
      '',
      'Bearer',
      'Bearer ',
      `Basic ${token}`,
      token,
      'Bearer x',
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
    ];
    for (const authorization of wrong) {
      const answer = await json(url, { text: SECRET }, { authorization });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="spectral"']);
      expect(JSON.stringify(answer.body)).not.toContain(token);
    }
    expect(sensor.counters.chunks).toBe(0);
    expect((await json(url, { text: SECRET }, { authorization: `bearer ${token}` })).status).toBe(200);
    expect(JSON.stringify(events)).not.toContain(token);
  });

  it('for a fault of the sensor: 500, without its details', async () => {
    const { url, feed } = await start({}, (sensor) =>
      Object.create(sensor, {
        handleChunk: {
          value: () => {
            throw new Error(`inside: ${SECRET}`);
          },
        },
      }),
    );
    expect(await json(url, { text: 'x' })).toMatchObject({
      status: 500,
      body: { error: 'the sensor could not scan this' },
    });
    expect(feed.counters().handler_errors).toBe(1);
  });
});

it('listens where other machines reach it only with a token', async () => {
  for (const address of ['0.0.0.0:0', '[::]:0', 'example.invalid:0']) {
    expect(() => createIngestFeed({ address })).toThrow(expect.objectContaining({ code: 'ENOTOKEN' }));
  }
  const { events } = await start({ address: '0.0.0.0:0', token: 'sample-token' });
  expect(events[0]!.fields).toMatchObject({ token: true });
});

it.each([
  [{ address: 'nonsense' }, 'EADDRESS'],
  [{ address: ':70000' }, 'EADDRESS'],
  [{ token: '' }, 'EOPTION'],
  [{ maxChunkBytes: 0 }, 'EOPTION'],
  [{ maxConnections: 1e9 }, 'EOPTION'],
])('refuses %j', (options, code) => {
  expect(() => createIngestFeed({ address: ':0', ...options })).toThrow(expect.objectContaining({ code }));
});

it('says which port is taken', async () => {
  const { port } = await start();
  await expect(start({ address: `:${port}` })).rejects.toMatchObject({
    code: 'EBIND',
    message: expect.stringContaining('in use'),
  });
});

it('describes itself, in words that resolve', async () => {
  const { url } = await start({ token: 'sample-token' });
  for (const name of ['/openapi.json', '/openapi.yaml']) {
    const response = await fetch(new URL(name, url));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(OPENAPI)));
  }
  const refs = JSON.stringify(OPENAPI).match(/#\/components\/schemas\/\w+/g)!;
  for (const ref of refs) expect(OPENAPI.components.schemas).toHaveProperty(ref.split('/').at(-1)!);
});

it('answers any body of any type with 200, 400 or 413, and stays sound', async () => {
  const { url, feed, sensor } = await start({ maxChunkBytes: 500, maxBatchBytes: 2000 });
  const text = fc.array(fc.constantFrom('{', '}', '"payload":"QUJD"', '"text":"a"', ',', '\n', 'x'.repeat(600)), {
    maxLength: 9,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('application/json', LINES, BYTES),
      fc.oneof(
        fc.uint8Array({ maxLength: 700 }),
        text.map((parts) => Buffer.from(parts.join(''))),
      ),
      async (type, body) => {
        expect([200, 400, 413]).toContain((await post(url, type, body)).status);
      },
    ),
    { seed: 7, numRuns: 300 },
  );
  const counters = feed.counters() as Record<string, number>;
  expect(counters.requests).toBe(300);
  expect([counters.reserved_bytes, counters.refused_500]).toEqual([0, 0]);
  expect(sensor.counters.chunk_errors).toBe(0);
});
