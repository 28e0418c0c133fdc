import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Http1 } from '../../src/views/http1.js';
import { bytesOf, decode, everywhere, places, summary } from './protocol-support.js';

const SECRET = 'made-up-secret-0123456789';
const run = (input: Uint8Array, cuts: readonly number[] = []) => decode(input, cuts, (host) => new Http1(host));
const texts = (text: string, cuts?: readonly number[]) => run(bytesOf(text), cuts).map((stream) => stream.text);

const message = (fields: string, body: Uint8Array | string, start = 'POST /v1/chat HTTP/1.1') =>
  Buffer.concat([Buffer.from(`${start}\r\nHost: example.test\r\n${fields}\r\n`), Buffer.from(body)]);
const chunked = (...chunks: string[]) =>
  `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

/** What a real client sends for these requests over one connection. */
async function captured(requests: readonly { headers: Record<string, string>; chunks: readonly Uint8Array[] }[]) {
  const parts: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      parts.push(data);
      if (Buffer.concat(parts).subarray(-5).toString() === '0\r\n\r\n')
        socket.write('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n');
    });
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { Agent } = await import('node:http');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const { headers, chunks } of requests) {
    const call = request({ port, host: '127.0.0.1', method: 'POST', path: '/', headers, agent });
    for (const chunk of chunks) call.write(chunk);
    call.end();
    const [response] = await once(call, 'response');
    response.resume();
    await once(response, 'end');
  }
  agent.destroy();
  server.close();
  return new Uint8Array(Buffer.concat(parts));
}

describe('HTTP/1', () => {
  it('joins what chunks cut apart, and maps it back', () => {
    const input = message(CHUNKED, chunked('{"key":"made-up-se', 'cret-0123456789"}'));
    const [body, ...others] = run(input);
    expect(others).toEqual([]);
    expect(body!.text).toBe(`{"key":"${SECRET}"}`);
    expect(body!.from.map((at) => input[at])).toEqual(body!.bytes);
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ])('inflates %s', (coding, compress) => {
    const body = compress(Buffer.from(SECRET));
    const sized = message(`content-encoding: ${coding}\r\nContent-Length: ${body.length}\r\n`, body);
    expect(run(sized).map(({ content }) => content)).toEqual([SECRET]);
    expect(run(sized, everywhere(sized)).map(({ content }) => content)).toEqual([SECRET]);
  });

  it('inflates what was compressed twice, by content and by transfer coding', () => {
    const body = gzipSync(deflateSync(Buffer.from(SECRET))).toString('latin1');
    for (const fields of [
      `Content-Encoding: deflate, gzip\r\n${CHUNKED}`,
      'Content-Encoding: deflate\r\nTransfer-Encoding: gzip, chunked\r\n',
      `Content-Encoding: deflate\r\nContent-Encoding: gzip\r\n${CHUNKED}`,
    ]) {
      const input = message(fields, Buffer.from(chunked(body.slice(0, 7), body.slice(7)), 'latin1'));
      const [outer, ...others] = run(input);
      expect([outer!.kind, others.length]).toEqual(['gzip', 0]);
      expect(inflateSync(gunzipSync(Uint8Array.from(outer!.bytes))).toString()).toBe(SECRET);
    }
  });

  it('moves bodies that are not encoded, as long as there was nothing but messages', () => {
    const sized = 'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc';
    const encoded = `POST / HTTP/1.1\r\nContent-Encoding: gzip\r\n${CHUNKED}\r\n${chunked('xyz')}`;
    const moved = (input: string) => run(bytesOf(input)).map(({ text, moves }) => [text, moves]);
    expect(moved(sized + encoded + sized)).toEqual([
      ['abc', true],
      ['xyz', false],
      ['abc', true],
    ]);
    expect(moved('HTTP/1.1 200 OK\r\n\r\nuntil the end')).toEqual([['until the end', true]]);
    expect(moved(`${sized}no head\r\n${sized}POST / HTTP/1.1\r\n${CHUNKED}\r\n${chunked('xyz')}`)).toEqual([
      ['abc', true],
      ['xyz', false],
    ]);
  });

  it('passes on nothing that cannot be decoded', () => {
    expect(texts(`POST / HTTP/1.1\r\nContent-Encoding: zstd\r\nContent-Length: 3\r\n\r\nabc`)).toEqual([]);
  });

  it('passes on streams of events and of JSON lines, saying which', () => {
    const types = { 'text/event-stream; charset=utf-8': 'sse', 'application/x-ndjson': 'ndjson' };
    for (const [type, kind] of Object.entries(types)) {
      const [body] = run(bytesOf(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n\r\nuntil the end`));
      expect([body!.text, body!.kind]).toEqual(['until the end', kind]);
    }
  });

  it('reads messages one behind the other', () => {
    const stream = [
      'GET / HTTP/1.1\r\n\r\n',
      `\r\nPOST /a HTTP/1.1\r\n${CHUNKED}\r\n${chunked('first')}`,
      'POST /b HTTP/1.1\r\nContent-Length: 28\r\n\r\nPOST /not-a-head HTTP/1.1\r\n\r\n'.replace('28', '29'),
      `POST /c HTTP/1.1\r\n${CHUNKED}\r\n3;a="b"\r\nsec\r\n0003\r\nond\r\n0\r\nTrailer: x\r\n\r\n`,
      `POST /d HTTP/1.1\n${CHUNKED}\n5\nthird\n0\n\n`,
    ].join('');
    const bodies = ['first', 'POST /not-a-head HTTP/1.1\r\n\r\n', 'second', 'third'];
    expect(texts(stream)).toEqual(bodies);
    expect(texts(stream, everywhere(bytesOf(stream)))).toEqual(bodies);
  });

  it('knows responses that have no body', () => {
    const next = `HTTP/1.1 200 OK\r\n${CHUNKED}\r\n${chunked('found')}`;
    for (const status of ['100 Continue', '103 Early Hints', '204 No Content', '304 Not Modified'])
      expect(texts(`HTTP/1.1 ${status}\r\n\r\n${next}`)).toEqual(['found']);
    expect(texts(`HTTP/1.1 101 Switching Protocols\r\n\r\n${next}`)).toEqual([]);
    expect(texts(`CONNECT a:443 HTTP/1.1\r\n\r\n${next}`)).toEqual([]);
  });

  it('finds the next message behind broken framing, and behind a beginning in the middle', () => {
    const next = `POST / HTTP/1.1\r\n${CHUNKED}\r\n${chunked('found')}`;
    expect(texts(`${'rest of a body '.repeat(99)}\r\n${next}`)).toEqual(['found']);
    expect(texts(`POST / HTTP/1.1\r\n${CHUNKED}\r\n3\r\nabcX\r\n${next}`)).toEqual(['abc', 'found']);
    expect(texts(`POST / HTTP/1.1\r\n${CHUNKED}\r\nzz\r\n${next}`)).toEqual(['found']);
    expect(texts(`POST / HTTP/1.1\r\n${CHUNKED}\r\n${'f'.repeat(14)}\r\n${next}`)).toEqual(['found']);
    expect(texts(`POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n${next}`)).toEqual(['found']);
  });

  it('gives up on what is no HTTP', () => {
    const next = `POST / HTTP/1.1\r\n${CHUNKED}\r\n${chunked('found')}`;
    const noise = (bytes: number) => 'no HTTP here \n'.repeat(bytes / 14);
    expect(texts(noise(64_000) + next)).toEqual(['found']);
    expect(texts(noise(70_000) + next)).toEqual([]);
    expect(texts('x'.repeat(70_000) + next)).toEqual([]);
    expect(texts(`POST / HTTP/1.1\r\n${'a: b\r\n'.repeat(12_000)}${CHUNKED}\r\n${chunked('x')}`)).toEqual([]);
    const trailers = 'a: b\r\n'.repeat(12_000);
    expect(texts(`POST / HTTP/1.1\r\n${CHUNKED}\r\n1\r\na\r\n0\r\n${trailers}\r\n${next}`)).toEqual(['a', 'found']);
  });

  it('reads what a real client sends, wherever it is cut', async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 5 });
    const samples = fc.sample(fc.array(fc.tuple(chunks, fc.boolean()), { minLength: 1, maxLength: 4 }), {
      numRuns: 6,
      seed: 7,
    });
    for (const sample of samples) {
      const requests = sample.map(([parts, gzip]) =>
        gzip
          ? { headers: { 'Content-Encoding': 'gzip' }, chunks: [gzipSync(Buffer.concat(parts))] }
          : { headers: {}, chunks: parts },
      );
      const input = await captured(requests);
      const expected = sample.map(([parts]) => Buffer.concat(parts).toString());
      const whole = run(input);
      expect(whole.map(({ content }) => content)).toEqual(expected);
      expect(summary(run(input, everywhere(input)))).toEqual(summary(whole));
      fc.assert(
        fc.property(places, (cuts) => {
          expect(summary(run(input, cuts))).toEqual(summary(whole));
        }),
        { numRuns: 15 },
      );
    }
  });

  it('takes anything, and does the same with it wherever it is cut', () => {
    const fragments = fc.constantFrom(
      ...[
        'POST / HTTP/1.1\r\n',
        'HTTP/1.1 200 OK\r\n',
        'HTTP/1.1 100 \n',
        CHUNKED,
        'Content-Length: 7\r\n',
        '\r\n',
        '\n',
      ],
      ...[
        '5\r\nabcde\r\n',
        '0\r\n\r\n',
        '3;x=y\r\n',
        'abc',
        'fff',
        'Content-Type: text/event-stream\r\n',
        '\r',
        '\0\xff',
      ],
    );
    const input = fc.array(fragments, { maxLength: 30 }).map((parts) => bytesOf(parts.join('')));
    fc.assert(
      fc.property(input, places, (bytes, cuts) => {
        const whole = summary(run(bytes));
        expect(summary(run(bytes, cuts))).toEqual(whole);
        expect(summary(run(bytes, everywhere(bytes)))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
});
