/** Messages are searched once: their heads where they stand, their bodies by themselves. */
import { afterAll, expect, test } from 'vitest';
import { encode, KEY, scannerOf } from './support.js';

const scanner = await scannerOf();
afterAll(() => scanner.close());

const viewsOf = (text: string) => scanner.scan(encode(text)).findings.map(({ ruleId, view }) => [ruleId, view]);
const sized = (body: string) => `POST / HTTP/1.1\r\nX-Key: ${KEY}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

test('a body that stands there as it is has no view of its own', () => {
  expect(viewsOf(sized(`{"a":"${KEY}\\n"}`))).toEqual([
    ['key', 'raw'],
    ['key', 'raw'],
  ]);
  expect(viewsOf(sized(`{"a":"${KEY.replace('-', '\\u002d')}"}`))).toEqual([
    ['key', 'raw'],
    ['key', 'json'],
  ]);
  expect(viewsOf(sized(`a=${KEY.replace('-', '%2d')}`))).toEqual([
    ['key', 'raw'],
    ['key', 'percent'],
  ]);
});

test('what lies between chunks is searched, too', () => {
  const chunks = `3;note="${KEY}"\r\nabc\r\n0\r\nX-Key: ${KEY}\r\n\r\n`;
  expect(viewsOf(`POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`)).toEqual([
    ['key', 'raw'],
    ['key', 'raw'],
  ]);
});

test('nothing goes on from a head into a body, or from one message into the next', () => {
  const [front, back] = [KEY.slice(0, 14), KEY.slice(14)];
  expect(viewsOf(`POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc${sized(front)}${back}\r\n\r\n`)).toEqual([
    ['key', 'raw'],
  ]);
});

test('where framing is not to be trusted, what stands on both sides of it is found', () => {
  const body = `x ${KEY}`;
  const short = `POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n${body}`;
  expect(viewsOf(`no message\r\n${short}`)).toEqual([['key', 'raw']]);
});

test('data of HTTP/2 is searched by itself behind a preface only', () => {
  const frame = (type: number, stream: number, payload: Uint8Array) => {
    const header = Buffer.alloc(9);
    header.writeUIntBE(payload.length, 0, 3);
    header[3] = type;
    header.writeUInt32BE(stream, 5);
    return Buffer.concat([header, payload]);
  };
  const [front, back] = [KEY.slice(0, 14), KEY.slice(14)].map(encode);
  const frames = Buffer.concat([
    frame(0, 1, encode(`{"a":"${KEY}\\n"}`)),
    frame(0, 3, front!),
    frame(0, 1, encode(`{"b":"${KEY.replace('-', '\\u002d')}"}`)),
    frame(0, 3, back!),
  ]);
  const preface = encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  const bytes = Buffer.concat([preface, frame(4, 0, Buffer.alloc(0)), frames]);
  const { findings } = scanner.scan(bytes);
  expect(findings.map(({ view }) => view)).toEqual(['raw', 'http2', 'json']);
  expect(scanner.scan(frames).findings.map(({ view }) => view)).toEqual(['raw', 'http2', 'http2/json']);
});
