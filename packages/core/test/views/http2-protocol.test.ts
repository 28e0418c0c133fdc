import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2Session,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { Duplex } from 'node:stream';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Http2 } from '../../src/views/http2.js';
import { bytesOf, decode, everywhere, places, type Recorded, summary } from './protocol-support.js';

const SECRET = 'made-up-secret-0123456789';
const KEY = `Bearer ${SECRET}`;

const run = (input: Uint8Array, cuts: readonly number[] = []) => decode(input, cuts, (host) => new Http2(host));
const dataOf = (streams: readonly Recorded[]) => streams.filter(({ name }) => name !== 'http2/headers');
const fieldsOf = (streams: readonly Recorded[]) => streams.find(({ name }) => name === 'http2/headers');

/** Two ends of a connection; `sent` collects what the first one writes. */
function pipe(sent: Buffer[]): [Duplex, Duplex] {
  const ends: Duplex[] = [];
  for (const [mine, other] of [[0, 1] as const, [1, 0] as const]) {
    const end = new Duplex({
      read() {},
      write(chunk: Buffer, _, done) {
        if (mine === 0) sent.push(Buffer.from(chunk));
        ends[other]!.push(chunk);
        done();
      },
      final(done) {
        ends[other]!.push(null);
        done();
      },
    });
    ends.push(end);
  }
  return ends as [Duplex, Duplex];
}

interface Call {
  readonly headers: OutgoingHttpHeaders;
  readonly body: readonly Uint8Array[];
}

/** What a real client writes for these calls, all of them at once; `padded`: with as much padding as it ever uses. */
async function captured(calls: readonly Call[], padded = false): Promise<Uint8Array> {
  const sent: Buffer[] = [];
  const [client, far] = pipe(sent);
  const server = createServer();
  let remote: Http2Session | undefined;
  server.on('session', (session) => {
    remote = session;
  });
  server.on('stream', (stream) => {
    stream.resume();
    stream.on('end', () => stream.respond({ ':status': 200 }, { endStream: true }));
  });
  server.emit('connection', far);
  const options = padded ? { paddingStrategy: 1 } : {};
  const session: ClientHttp2Session = connect('http://example.test', { ...options, createConnection: () => client });
  await once(session, 'remoteSettings');
  const done = calls.map(async ({ headers, body }) => {
    const stream = session.request({ ':method': 'POST', ...headers });
    stream.resume();
    for (const part of body) {
      stream.write(part);
      await new Promise(setImmediate);
    }
    stream.end();
    await once(stream, 'end');
  });
  await Promise.all(done);
  session.destroy();
  remote?.destroy();
  return new Uint8Array(Buffer.concat(sent));
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array | readonly number[] | string): Buffer {
  const bytes = Buffer.from(payload as string);
  const header = Buffer.alloc(9);
  header.writeUIntBE(bytes.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, bytes]);
}

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const PING = 6;
const CONTINUATION = 9;

describe('HTTP/2', () => {
  it('finds the fields and the data of what a real client sends, wherever it is cut', async () => {
    for (const padded of [false, true]) {
      const bodies = ['first ', 'second ', 'third '].map((word) => [0, 1, 2].map((n) => Buffer.from(`${word}${n} `)));
      const calls = bodies.map((body, n) => ({
        headers: { ':path': `/${n}`, authorization: KEY, 'x-made-up': 'é' },
        body,
      }));
      const input = await captured(calls, padded);
      const whole = run(input);
      expect(dataOf(whole).map(({ text }) => text)).toEqual(bodies.map((body) => Buffer.concat(body).toString()));
      for (const { bytes, from } of dataOf(whole)) expect(from.map((at) => input[at])).toEqual(bytes);
      const lines = fieldsOf(whole)!.text.split('\n');
      expect(lines.filter((line) => line === `authorization: ${KEY}`)).toHaveLength(3);
      expect(lines.filter((line) => line.startsWith(':path: /'))).toEqual([':path: /0', ':path: /1', ':path: /2']);
      expect(summary(run(input, everywhere(input)))).toEqual(summary(whole));
      fc.assert(
        fc.property(places, (cuts) => {
          expect(summary(run(input, cuts))).toEqual(summary(whole));
        }),
        { numRuns: 20 },
      );
      expect(summary(decode(input, everywhere(input)))).toEqual(summary(whole));
    }
  });

  it('says which content coding a body has, or that it is a stream of events', async () => {
    const codings = { gzip: gzipSync, br: brotliCompressSync, identity: (bytes: Uint8Array) => bytes };
    for (const [coding, compress] of Object.entries(codings)) {
      const headers = { ':path': '/', 'content-encoding': coding, 'content-type': 'text/event-stream' };
      const [data] = dataOf(run(await captured([{ headers, body: [compress(Buffer.from(SECRET))] }])));
      expect([data!.content, data!.kind]).toEqual([SECRET, coding === 'identity' ? 'sse' : coding]);
    }
  });

  it('starts at any frame, knowing of the table what was added since', async () => {
    const calls = (n: number) => ({
      headers: { ':path': `/${n}`, authorization: KEY, other: `o${n}` },
      body: [Buffer.from(`data${n}`)],
    });
    const input = await captured([calls(0), calls(1), calls(2), calls(3)]);
    const starts: number[] = [];
    for (let at = 24; at < input.length; at += 9 + Buffer.from(input).readUIntBE(at, 3)) starts.push(at);
    expect(starts.length).toBeGreaterThan(8);
    const all = run(input).map((stream) => stream.text);
    for (const start of starts) {
      const streams = decode(input.subarray(start));
      for (const { text } of dataOf(streams)) expect(all).toContain(text);
      const lines = fieldsOf(streams)?.text.split('\n') ?? [''];
      for (const line of lines) expect(all.join('\n').split('\n')).toContain(line.replace(/^\?: /, 'other: '));
    }
  });

  it('joins the data of each stream, and ends it where it ends', () => {
    const input = Buffer.concat([
      frame(DATA, 0, 1, 'made-up'),
      frame(DATA, 0, 3, 'one '),
      frame(DATA, 8, 1, [2, ...bytesOf('-sec'), 0, 0]),
      frame(PING, 0, 0, '12345678'),
      frame(200, 0xff, 5, 'an extension'),
      frame(DATA, 1, 3, 'two'),
      frame(DATA, 9, 1, [0, ...bytesOf('ret')]),
      frame(DATA, 0, 5, 'broken off'),
      frame(RST_STREAM, 0, 5, '\0\0\0\0'),
      frame(DATA, 1, 5, 'anew'),
      frame(DATA, 8, 7, [4, 0, 0, 0, 0]),
    ]);
    for (const cuts of [[], everywhere(input)])
      expect(run(input, cuts).map(({ text }) => text)).toEqual(['made-up-secret', 'one two', 'broken off', 'anew']);
  });

  it('puts header blocks together', () => {
    const block = Buffer.concat([Buffer.of(0x82, 0x10, 3), Buffer.from('key'), Buffer.of(25), Buffer.from(SECRET)]);
    const expected = `:method: GET\nkey: ${SECRET}\n`;
    for (let cut = 0; cut <= block.length; cut++) {
      const input = Buffer.concat([
        frame(HEADERS, 0x28, 1, [3, 1, 2, 3, 4, 5, ...block.subarray(0, cut), 9, 9, 9]),
        frame(CONTINUATION, 0, 1, block.subarray(cut)),
        frame(CONTINUATION, 4, 1, ''),
      ]);
      for (const cuts of [[], everywhere(input)]) {
        const [fields, ...others] = run(input, cuts);
        expect([fields!.text, others, fields!.cuts]).toEqual([expected, [], [expected.length]]);
        const at = expected.indexOf('made');
        const covered = input.subarray(fields!.from[at], fields!.to[at + 24]).toString();
        expect([covered.at(0), covered.slice(-1)]).toEqual(['m', '9']);
        if (fields!.to[at]! - fields!.from[at]! === 1) expect(covered).toBe(SECRET);
      }
    }
  });

  it('closes the oldest of too many streams', () => {
    const input = Buffer.concat(Array.from({ length: 1000 }, (_, i) => frame(DATA, 0, 2 * i + 1, 'x')));
    const streams = run(input, [100, 5000]);
    expect(streams).toHaveLength(1000);
    expect(streams[0]!.host.mostOpen).toBe(128);
  });

  it.each([
    ['data on no stream', frame(DATA, 0, 0, 'abc')],
    ['another frame within a block', Buffer.concat([frame(HEADERS, 0, 1, [0x82]), frame(PING, 0, 0, '12345678')])],
    ['the block of another stream', Buffer.concat([frame(HEADERS, 0, 1, [0x82]), frame(CONTINUATION, 4, 3, [0x82])])],
    ['padding without room for its length', frame(DATA, 8, 1, '')],
    ['a PING too long', frame(PING, 0, 0, '123456789')],
  ])('stops at %s', (_, bad) => {
    const input = Buffer.concat([frame(DATA, 0, 1, 'good'), bad, frame(DATA, 0, 1, 'more')]);
    expect(run(input, everywhere(input)).map(({ text }) => text)).toEqual(['good']);
  });

  it('takes anything, and does the same with it wherever it is cut', () => {
    const payload = fc.uint8Array({ maxLength: 40 });
    const pick = fc.constantFrom(DATA, HEADERS, HEADERS, RST_STREAM, 5, CONTINUATION, 77);
    const frames = fc.tuple(pick, fc.constantFrom(0, 1, 4, 5, 8, 0x2d), fc.nat(3), payload);
    const input = fc.array(
      fc.oneof({ weight: 9, arbitrary: frames.map((f) => frame(...f)) }, { weight: 1, arbitrary: payload }),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(input, places, (parts, cuts) => {
        const bytes = new Uint8Array(Buffer.concat(parts));
        const whole = summary(run(bytes));
        expect(summary(run(bytes, cuts))).toEqual(whole);
        expect(summary(run(bytes, everywhere(bytes)))).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });
});
