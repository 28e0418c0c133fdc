import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BODY_KINDS, FLOW_KINDS, SNIFF_BYTES, sniff } from '../../src/views/sniff.js';
import { Sniffed } from '../../src/views/sniffed.js';
import { bytesOf, decode, everywhere, places, RecordingHost, summary, withBytes } from './protocol-support.js';

const tell = (bytes: Uint8Array, final = false, kinds = FLOW_KINDS) => sniff(bytes, 0, bytes.length, final, kinds);

function frame(type: number, flags: number, stream: number, payload: readonly number[]): number[] {
  const { length } = payload;
  return [length >> 16, (length >> 8) & 255, length & 255, type, flags, 0, 0, stream >> 8, stream & 255, ...payload];
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

const KNOWN: readonly (readonly [string, string, Uint8Array])[] = [
  ['a request', 'http1', bytesOf('GET /index HTTP/1.1\r\n')],
  ['a request to a proxy', 'http1', bytesOf('POST http://example.test/ HTTP/1.1\r\n')],
  ['a request for the server itself', 'http1', bytesOf('OPTIONS * HTTP/1.1\r\n')],
  ['a response', 'http1', bytesOf('HTTP/1.1 200 OK\r\n')],
  ['a chunk', 'http1-body', bytesOf('5\r\nabcde\r\n')],
  ['a chunk with an extension', 'http1-body', bytesOf('00005;a=b\r\nabcde\r\n')],
  ['the last chunk', 'http1-body', bytesOf('0\r\n\r\n')],
  ['the preface', 'http2', bytesOf('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ['SETTINGS', 'http2', Uint8Array.from(frame(4, 0, 0, [0, 3, 0, 0, 0, 100]))],
  ['HEADERS', 'http2', Uint8Array.from(frame(1, 0x25, 1, zeros(20)))],
  ['DATA', 'http2', Uint8Array.from(frame(0, 1, 3, zeros(300)))],
  ['WINDOW_UPDATE', 'http2', Uint8Array.from(frame(8, 0, 0, [0, 0, 1, 0]))],
  ['gzip', 'gzip', new Uint8Array(gzipSync('x'))],
  ['zlib', 'zlib', new Uint8Array(deflateSync('x'))],
  ['an event', 'sse', bytesOf('event: message_start\ndata: {}\n\n')],
  ['data of an event', 'sse', bytesOf('data:{"a":1}')],
  ['a comment between events', 'sse', bytesOf(': keep-alive\n\n')],
  ['an object', 'json', bytesOf('{"messages":[]}')],
  ['an object on lines', 'json', bytesOf('\n {\r\n\t"a" : 1\n}')],
  ['an array of strings', 'json', bytesOf('["a"]')],
  ['an array of objects', 'json', bytesOf('[{}]')],
  ['a form', 'form', bytesOf('grant_type=password&user%5Bname%5D=a+b')],
  ['a form with an empty field', 'form', bytesOf('a=&b=1')],
];

describe('sniff', () => {
  it.each(KNOWN)('knows %s as %s, and says so as soon as it can', (_, kind, bytes) => {
    expect(tell(bytes)).toBe(kind);
    const answers = everywhere(bytes).map((length) => tell(bytes.subarray(0, length)));
    const decided = answers.findIndex((answer) => answer !== 'more');
    if (decided >= 0) expect(new Set(answers.slice(decided))).toEqual(new Set([kind]));
  });

  it.each([
    ['text', bytesOf('Hello, world')],
    ['a block of code', bytesOf('{ return "x"; }')],
    ['a section', bytesOf('[section]')],
    ['a date', bytesOf('[2026-01-31 10:20] "x"')],
    ['an assignment', bytesOf('a=b; c=d')],
    ['a comparison', bytesOf('a=b && c=d')],
    ['a long name', bytesOf(`${'a'.repeat(65)}=b&c=d`)],
    ['many blanks', bytesOf(`${' '.repeat(65)}{"a":1}`)],
    ['a verb', bytesOf('GET well soon')],
    ['a number on a line', bytesOf('1\r\n34\r\n')],
    ['a long number', bytesOf('1234567\r\n')],
    ['DATA on no stream', Uint8Array.from(frame(0, 0, 0, zeros(4)))],
    ['SETTINGS on a stream', Uint8Array.from(frame(4, 0, 1, zeros(6)))],
    ['SETTINGS of a broken length', Uint8Array.from(frame(4, 0, 0, zeros(7)))],
    ['PING of a broken length', Uint8Array.from(frame(6, 0, 0, zeros(7)))],
    ['a flag that DATA has not', Uint8Array.from(frame(0, 4, 1, zeros(4)))],
    ['a frame of unheard-of type', Uint8Array.from(frame(200, 0, 1, zeros(4)))],
    ['a reserved bit', Uint8Array.from([0, 0, 1, 0, 0, 128, 0, 0, 1, 0])],
    ['gzip with reserved flags', Uint8Array.of(0x1f, 0x8b, 8, 0x80)],
    ['a block of deflate that does not exist', Uint8Array.of(0x78, 0x9c, 7)],
    ['zeros', new Uint8Array(64)],
    ['TLS', Uint8Array.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
  ])('takes %s for none', (_, bytes) => {
    expect(tell(bytes)).toBe('none');
    expect(tell(bytes, true)).toBe('none');
  });

  it('looks for less in bodies', () => {
    for (const [, kind, bytes] of KNOWN) {
      expect(tell(bytes, true, BODY_KINDS)).toBe(
        ['gzip', 'zlib', 'sse', 'json', 'form'].includes(kind) ? kind : 'none',
      );
    }
  });

  it('never changes its mind, and has made it up within its limit', () => {
    const alphabet = [
      ...bytesOf('GPOSTHE/1. *\r\nPRIdatevn:;05afx{["=&'),
      0,
      1,
      4,
      6,
      8,
      9,
      0x1f,
      0x8b,
      0x9c,
      0x80,
      0xff,
    ];
    const noise = fc
      .array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 40 })
      .map((bytes) => Uint8Array.from(bytes));
    const known = fc.tuple(fc.constantFrom(...KNOWN), noise).map(([[, , bytes], tail]) => {
      return Uint8Array.from([...bytes, ...tail]);
    });
    fc.assert(
      fc.property(fc.oneof(noise, known), (bytes) => {
        const padded = new Uint8Array(SNIFF_BYTES);
        padded.set(bytes);
        const told = tell(padded);
        expect(told).not.toBe('more');
        for (let length = 0; length <= bytes.length; length++)
          expect(['more', told]).toContain(tell(bytes.subarray(0, length)));
        expect(tell(bytes, true)).not.toBe('more');
      }),
      { numRuns: 300 },
    );
  });

  it('waits for no more than its limit', () => {
    const long = new Uint8Array(SNIFF_BYTES);
    long.set(frame(0, 0, 1, []).slice(3), 3);
    long.set([15, 255, 255]);
    expect(tell(long.subarray(0, SNIFF_BYTES - 1))).toBe('more');
    expect(tell(long)).toBe('http2');
    expect(tell(bytesOf('fffff\r\nabc'))).toBe('http1-body');
  });
});

describe('Sniffed', () => {
  it('gives the decoder all bytes from the first on, wherever they are cut', () => {
    const input = bytesOf('5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n');
    const [body] = decode(input);
    expect(body!.text).toBe('firstsecond');
    expect(body!.from.map((at) => input[at])).toEqual(body!.bytes);
    fc.assert(
      fc.property(places, (cuts) => {
        expect(summary(decode(input, cuts))).toEqual(summary([body!]));
      }),
    );
    expect(summary(decode(input, everywhere(input)))).toEqual(summary([body!]));
  });

  it('inflates a flow that is compressed as a whole', () => {
    for (const [kind, compress] of [['gzip', gzipSync] as const, ['zlib', deflateSync] as const]) {
      const input = new Uint8Array(compress('made-up text'));
      expect(decode(input, everywhere(input)).map(({ name, text }) => [name, text])).toEqual([[kind, 'made-up text']]);
    }
  });

  it('begins anew behind a gap', () => {
    const host = new RecordingHost();
    const protocol = new Sniffed(host, 'flow');
    const piece = bytesOf('5\r\nfirst\r\n6\r\nsec');
    withBytes(piece, (pointer) => protocol.push(pointer, piece.length, 0));
    const other = bytesOf('3\r\nabc\r\n0\r\n\r\n');
    withBytes(other, (pointer) => protocol.push(pointer, other.length, 1000));
    expect(host.streams.map(({ text, isEnded }) => [text, isEnded])).toEqual([
      ['firstsec', true],
      ['abc', true],
    ]);
    expect(host.streams[1]!.from[0]).toBe(1003);
    protocol.end();
    protocol.free();
  });

  it('believes what it is told about a body', () => {
    const input = bytesOf('5\r\nfirst\r\n');
    expect(decode(input, [], (host) => new Sniffed(host, 'body'))).toEqual([]);
    expect(decode(input, [], (host) => new Sniffed(host, 'body', 'http1-body')).map(({ text }) => text)).toEqual([
      'first',
    ]);
  });
});
