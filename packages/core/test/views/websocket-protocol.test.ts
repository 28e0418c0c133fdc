import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { constants, createDeflateRaw } from 'node:zlib';
import fc from 'fast-check';
import { WebSocket } from 'undici';
import { describe, expect, it } from 'vitest';
import { WebSocketStream } from '../../src/views/websocket.js';
import { bytesOf, decode, engine, everywhere, places, summary, withBytes } from './protocol-support.js';

const run = (input: Uint8Array, cuts: readonly number[] = []) =>
  decode(input, cuts, (host) => new WebSocketStream(host));

/** A frame as RFC 6455 has it; `first` is its first byte. */
function frame(first: number, payload: Uint8Array | string, key?: readonly number[]): Buffer {
  const bytes = Buffer.from(payload);
  const { length } = bytes;
  const masked = key === undefined ? 0 : 0x80;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = masked | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  const mask = key ?? [0, 0, 0, 0];
  return Buffer.concat([header, Buffer.from(key ?? []), bytes.map((byte, i) => byte ^ mask[i % 4]!)]);
}

const KEY = [0x37, 0xfa, 0x21, 0x3d];
const TEXT = 0x81;

/** All that a real client writes to its connection, its request included, when it sends these messages. */
async function captured(messages: readonly string[]): Promise<Uint8Array> {
  let sent = Buffer.alloc(0);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const hadHead = sent.length > 0;
      sent = Buffer.concat([sent, data]);
      const id = /sec-websocket-key: (\S+)/i.exec(sent.toString('latin1'))![1]!;
      const accept = createHash('sha1').update(`${id}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      const head = [
        '101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${accept}`,
      ];
      if (!hadHead) socket.write(`HTTP/1.1 ${head.join('\r\n')}\r\n\r\n`);
      // The last frame: CLOSE with its code, masked.
      if (sent.at(-8) === 0x88 && sent.at(-7) === 0x82) server.emit('over');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const over = once(server, 'over');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  client.addEventListener('open', () => {
    for (const message of messages) client.send(message);
    client.close(1000);
  });
  client.addEventListener('error', () => {});
  await over;
  server.close();
  return new Uint8Array(sent);
}

const textsOf = (input: Uint8Array, cuts?: readonly number[]) => run(input, cuts).map(({ content }) => content);

describe('WebSocket', () => {
  it('reads the examples of RFC 6455, 5.7', () => {
    const hello = Buffer.from('810548656c6c6f', 'hex');
    const masked = Buffer.from('818537fa213d7f9f4d5158', 'hex');
    const fragments = Buffer.from('010348656c80026c6f', 'hex');
    const ping = Buffer.from('890548656c6c6f', 'hex');
    const pong = Buffer.from('8a8537fa213d7f9f4d5158', 'hex');
    const all = Buffer.concat([hello, masked, fragments.subarray(0, 5), ping, fragments.subarray(5), pong]);
    for (const cuts of [[], everywhere(all)]) expect(textsOf(all, cuts)).toEqual(['Hello\nHello\nHello\n']);
  });

  it('reads messages of any length, and maps them back', () => {
    const texts = [0, 1, 125, 126, 65_535, 65_536, 100_000].map((length) =>
      'abcdefg'.repeat(length / 7 + 1).slice(0, length),
    );
    const input = Buffer.concat(texts.map((text) => frame(TEXT, text, KEY)));
    const [stream] = run(input, [3, 20_000, 20_001, 170_000]);
    expect(stream!.kind).toBe('ndjson');
    expect(stream!.text).toBe(texts.map((text) => `${text}\n`).join(''));
    const isText = (at: number) => stream!.bytes[at] !== 10;
    const payload = stream!.from.filter((_, at) => isText(at));
    const expected = texts.reduce<number[]>((places, text, n) => {
      const before = Buffer.concat(texts.slice(0, n).map((other) => frame(TEXT, other, KEY))).length;
      const begin = before + frame(TEXT, text, KEY).length - text.length;
      for (let i = 0; i < text.length; i++) places.push(begin + i);
      return places;
    }, []);
    expect(payload).toEqual(expected);
  });

  it('decompresses messages that share a window', async () => {
    expect(textsOf(Buffer.from('c107f248cdc9c90700', 'hex'))).toEqual(['Hello']);
    const deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
    const texts = ['{"type":"made-up","n":1}', '{"type":"made-up","n":2}'];
    const frames: Buffer[] = [frame(TEXT, 'plain')];
    for (const text of texts) {
      deflate.write(text);
      const [chunk] = (await once(deflate, 'data')) as [Buffer];
      const payload = chunk.subarray(0, -4);
      frames.push(frame(0x41, payload.subarray(0, 5), KEY), frame(0x80, payload.subarray(5), KEY));
    }
    const input = Buffer.concat(frames);
    for (const cuts of [[], everywhere(input)]) expect(textsOf(input, cuts)).toEqual(['plain\n', texts.join('')]);
  });

  it('follows the upgrade of a real client', async () => {
    const input = await captured(['{"made-up":"first"}', '{"made-up":"second"}']);
    expect(decode(input).map(({ name, text }) => [name, text])).toEqual([
      ['websocket', '{"made-up":"first"}\n{"made-up":"second"}\n'],
    ]);
    fc.assert(
      fc.property(places, (cuts) => {
        expect(summary(decode(input, cuts))).toEqual(summary(decode(input)));
      }),
      { numRuns: 20 },
    );
    const answer = Buffer.concat([bytesOf('HTTP/1.1 101 OK\r\nUpgrade: websocket\r\n\r\n'), frame(TEXT, 'answer')]);
    expect(decode(answer, everywhere(answer)).map(({ text }) => text)).toEqual(['answer\n']);
  });

  it('is left for HTTP when the server refuses the upgrade', () => {
    const refused = bytesOf(
      'GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\nPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
    );
    expect(decode(refused, everywhere(refused)).map(({ text }) => text)).toEqual(['ab']);
  });

  it.each([
    ['an unknown opcode', Buffer.of(0x83, 1, 0x61)],
    ['a reserved bit', Buffer.of(0x91, 1, 0x61)],
    ['a control frame in parts', Buffer.of(0x09, 1, 0x61)],
    ['a control frame too long', frame(0x89, 'x'.repeat(126))],
  ])('stops at %s', (_, bad) => {
    const input = Buffer.concat([frame(TEXT, 'good'), bad, frame(TEXT, 'more')]);
    expect(textsOf(input, everywhere(input))).toEqual(['good\n']);
  });

  it('takes anything, and does the same with it wherever it is cut', () => {
    const payload = fc.uint8Array({ maxLength: 300 });
    const key = fc.option(fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }), { nil: undefined });
    const first = fc.constantFrom(0x81, 0x82, 0x01, 0x00, 0x80, 0x88, 0x89, 0x8a);
    const frames = fc.tuple(first, payload, key).map((parts) => frame(...parts));
    const input = fc.array(fc.oneof({ weight: 9, arbitrary: frames }, { weight: 1, arbitrary: payload }), {
      maxLength: 6,
    });
    // A compressed message would have to be one.
    const isPlain = (bytes: Uint8Array) => (bytes[0]! & 0x70) === 0;
    fc.assert(
      fc.property(
        input.filter((parts) => parts.every(isPlain)),
        places,
        (parts, cuts) => {
          const bytes = new Uint8Array(Buffer.concat(parts));
          const whole = summary(run(bytes));
          expect(summary(run(bytes, cuts))).toEqual(whole);
          expect(summary(run(bytes, everywhere(bytes)))).toEqual(whole);
        },
      ),
      { numRuns: 150 },
    );
  });
});

it('takes masks off at any phase and address', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(3), fc.nat(7), (bytes, phase, shift) => {
      const out = engine.alloc(64);
      const key = Buffer.from(KEY);
      withBytes(Uint8Array.from([...new Uint8Array(shift), ...bytes]), (pointer) =>
        engine.xorMask(pointer + shift, bytes.length, key.readInt32LE(), phase, out),
      );
      const found = new Uint8Array(engine.memory.buffer, out, bytes.length);
      expect([...found]).toEqual([...bytes].map((byte, i) => byte ^ KEY[(i + phase) % 4]!));
      engine.release(out);
    }),
  );
});
