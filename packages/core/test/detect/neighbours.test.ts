/** Secrets next to each other are all reported, though in a compressed body their places in the input are much the same. */
import { brotliCompressSync, constants, deflateRawSync, gzipSync } from 'node:zlib';
import { definePolicy, type Finding } from '@spectral/core';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { DICTIONARY } from '../views/brotli-support.js';
import { encode, inPieces, KEY, pieces, RULES, scannerOf, told } from './support.js';

const scanner = await scannerOf(RULES, { brotliDictionary: DICTIONARY });
afterAll(() => scanner.close());

const OTHER = 'sk-test-Zyx9876543210Abc0123456789';
const ids = (findings: readonly Finding[]) => findings.map(({ ruleId }) => ruleId);

const message = (coding: string, body: Uint8Array) =>
  Buffer.concat([
    encode(`POST / HTTP/1.1\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]);

const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
const CODINGS: Record<string, (text: string) => Uint8Array> = {
  gzip: (text) => message('gzip', gzipSync(text)),
  'gzip, whose blocks are flushed': (text) => message('gzip', gzipSync(text, { finishFlush: constants.Z_SYNC_FLUSH })),
  deflate: (text) => message('deflate', deflateRawSync(text)),
  br: (text) => message('br', brotliCompressSync(text, best)),
  'gzip in gzip': (text) => message('gzip', gzipSync(gzipSync(text))),
};

describe.each(Object.entries(CODINGS))('in %s', (_, compress) => {
  test('two that touch', () => {
    expect(ids(scanner.scan(compress(`a ${KEY},${OTHER} b`)).findings)).toEqual(['key', 'key']);
  });

  test('of two rules', () => {
    expect(ids(scanner.scan(compress(`${KEY} 4111111111111111 who@example.org`)).findings).sort()).toEqual([
      'card',
      'key',
      'mail',
    ]);
  });

  test('the same one a hundred times', () => {
    expect(scanner.scan(compress(`${KEY} `.repeat(100))).findings).toHaveLength(100);
  });

  test('in escapes and outside of them', () => {
    const text = JSON.stringify({
      a: `${KEY}"${OTHER}`,
      b: `x\n${[...KEY].map((c) => `&#${c.charCodeAt(0)};`).join('')}`,
    });
    expect(ids(scanner.scan(compress(text)).findings)).toEqual(['key', 'key', 'key']);
  });

  test('one that gives way to another still does', () => {
    expect(ids(scanner.scan(compress(`password=${KEY} `)).findings)).toEqual(['key']);
  });

  test('whatever the cut', () => {
    const text = `${KEY},${OTHER} password=${KEY} {"a":"\\u0073${KEY.slice(1)}","b":"\\"${OTHER}"} `;
    const bytes = compress(text.repeat(3));
    const whole = inPieces(scanner, [bytes]);
    expect(ids(whole.findings)).toEqual(Array.from({ length: 15 }, () => 'key'));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 9 }), (cuts) => {
        const cut = inPieces(scanner, pieces(bytes, cuts));
        expect(told(cut.findings)).toEqual(told(whole.findings));
        expect(Buffer.compare(cut.redacted, whole.redacted)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});

test('literals without tests, too', async () => {
  const literals = [
    { id: 'a', severity: 'low', action: 'observe', pattern: 'aaa' },
    { id: 'b', severity: 'low', action: 'observe', pattern: 'bbb' },
  ] as const;
  using plain = await scannerOf(definePolicy(literals, 'test').rules, { views: true });
  expect(ids(plain.scan(gzipSync('aaa bbb aaa aaa bbb')).findings).sort()).toEqual(['a', 'a', 'a', 'b', 'b']);
});

test('in streams of HTTP/2 that are interleaved', () => {
  const frame = (stream: number, data: string, flags = 0) => {
    const header = Buffer.alloc(9);
    header.writeUIntBE(data.length, 0, 3);
    header[4] = flags;
    header.writeUInt32BE(stream, 5);
    return Buffer.concat([header, encode(data)]);
  };
  const bytes = Buffer.concat([
    frame(1, `x ${KEY.slice(0, 15)}`),
    frame(3, ` ${OTHER} `, 1),
    frame(1, `${KEY.slice(15)} `, 1),
  ]);
  expect(ids(scanner.scan(bytes).findings)).toEqual(['key', 'key']);
});

test('a body of nothing else takes no longer than its length', () => {
  // Some 50,000 findings that the same few bytes stand for, of two rules that do not come in order.
  const text = `${KEY} who@example.org ${OTHER} `.repeat(20_000);
  const { findings } = scanner.scan(message('gzip', gzipSync(text)));
  expect(findings.length).toBeGreaterThan(40_000);
});
