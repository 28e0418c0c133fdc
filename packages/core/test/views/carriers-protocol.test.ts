/** The scanner finds a made-up key in whatever protocol carries it, in one piece or byte by byte, and where it stands there. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { inPieces, KEY, RULES, scannerOf, told } from '../detect/support.js';
import { DICTIONARY } from './brotli-support.js';
import { bytesOf } from './protocol-support.js';

const BODY = JSON.stringify({ messages: [{ role: 'user', content: `my key "${KEY}" ok` }] });
const HALF = BODY.indexOf(KEY) + 9;
const HALVES = [Buffer.from(BODY.slice(0, HALF)), Buffer.from(BODY.slice(HALF))];

const halved = (bytes: Buffer) => [bytes.subarray(0, 20), bytes.subarray(20)];

function chunked(fields: string, chunks: readonly Buffer[]): Buffer {
  const framed = chunks.flatMap((chunk) => [
    Buffer.from(`${chunk.length.toString(16)}\r\n`),
    chunk,
    Buffer.from('\r\n'),
  ]);
  const head = `POST / HTTP/1.1\r\n${fields}Transfer-Encoding: chunked\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), ...framed, Buffer.from('0\r\n\r\n')]);
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt16BE(type * 256 + flags, 3);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

const interleaved = ([first, second]: Buffer[]) =>
  Buffer.concat([frame(0, 0, 1, first!), frame(0, 0, 3, Buffer.from('other')), frame(0, 1, 1, second!)]);

const deltas = KEY.match(/.{1,3}/g)!.map((content) => ({ choices: [{ index: 0, delta: { content } }] }));
const events = deltas.map((delta) => Buffer.from(`data: ${JSON.stringify(delta)}\n\n`));

const masked = bytesOf(BODY).map((byte, i) => byte ^ [1, 2, 3, 4][i % 4]!);
const upgrade = bytesOf('GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n');

const quoted = (text: string) => bytesOf(`{"attachment":"${text}","n":1}`);

const CARRIERS: Record<string, [view: string, Uint8Array]> = {
  'gzip in base64': ['base64/gzip', quoted(gzipSync(BODY).toString('base64'))],
  'gzip in base64url': ['base64/gzip', quoted(gzipSync(BODY).toString('base64url'))],
  'gzip in hexadecimal digits': ['base64/gzip', quoted(gzipSync(BODY).toString('hex'))],
  'zlib in base64': ['base64/zlib', quoted(deflateSync(BODY).toString('base64'))],
  'zlib in base64 in lines': ['base64/zlib', quoted(deflateSync(BODY).toString('base64').replace(/.{76}/g, '$&\\n'))],
  'UTF-16 in base64': ['base64/utf16le', quoted(Buffer.from(BODY, 'utf16le').toString('base64'))],
  'quoted-printable': [
    'quoted',
    bytesOf(`name=3D"x"\r\n\r\n${BODY.replace(KEY, `${KEY.slice(0, 20)}=\r\n${KEY.slice(20)}`)}`),
  ],
  'UTF-16': ['utf16le', Buffer.from(BODY, 'utf16le')],
  'UTF-16 with a byte order mark': ['utf16le', Buffer.from(`\ufeff\u4e2d${BODY}`, 'utf16le')],
  'UTF-16, big-endian': ['utf16be', Buffer.from(BODY, 'utf16le').swap16()],
  'chunks of HTTP/1': ['http1', chunked('', HALVES)],
  'chunks whose head was not seen': ['http1', chunked('', HALVES).subarray(chunked('', []).length - 5)],
  'gzip in chunks': ['http1/gzip', chunked('Content-Encoding: gzip\r\n', halved(gzipSync(BODY)))],
  'deflate without header': ['http1/raw', chunked('Content-Encoding: deflate\r\n', halved(deflateRawSync(BODY)))],
  'deflate in gzip': [
    'http1/gzip/zlib',
    chunked('Content-Encoding: deflate, gzip\r\n', halved(gzipSync(deflateSync(BODY)))),
  ],
  'Brotli in chunks': ['http1/br', chunked('Content-Encoding: br\r\n', halved(brotliCompressSync(BODY)))],
  'gzip in Brotli': [
    'http1/br/gzip',
    chunked('Content-Encoding: gzip, br\r\n', halved(brotliCompressSync(gzipSync(BODY)))),
  ],
  'data of HTTP/2': ['http2', interleaved(HALVES)],
  'gzip in HTTP/2': ['http2/gzip', interleaved(halved(gzipSync(BODY)))],
  'events in chunks': ['http1/sse', chunked('Content-Type: text/event-stream\r\n', events)],
  'events in gzip': ['gzip/sse', gzipSync(Buffer.concat(events))],
  'a masked message of WebSocket': [
    'websocket',
    Buffer.concat([upgrade, Buffer.of(0x81, 0x80 | BODY.length, 1, 2, 3, 4), masked]),
  ],
};

it.each(Object.entries(CARRIERS))('%s', async (_, [view, input]) => {
  const scanner = await scannerOf(RULES, { brotliDictionary: DICTIONARY });
  const whole = inPieces(scanner, [input]);
  expect(whole.findings.map((finding) => [finding.ruleId, finding.view])).toEqual([['key', view]]);
  expect(whole.redacted.length).toBe(input.length);
  expect(inPieces(scanner, [whole.redacted]).findings).toEqual([]);
  const bytewise = inPieces(
    scanner,
    Array.from(input, (byte) => Uint8Array.of(byte)),
  );
  expect(told(bytewise.findings)).toEqual(told(whole.findings));
  expect(Buffer.compare(bytewise.redacted, whole.redacted)).toBe(0);
  scanner.close();
});
