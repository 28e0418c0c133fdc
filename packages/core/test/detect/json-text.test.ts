/** A JSON text is searched as what it says, and nothing of it twice. */
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { encode, inPieces, KEY, scannerOf, told } from './support.js';

const scanner = await scannerOf();
afterAll(() => scanner.close());

const viewsOf = (text: string | Uint8Array) =>
  scanner.scan(typeof text === 'string' ? encode(text) : text).findings.map(({ ruleId, view }) => [ruleId, view]);

describe('the view of a finding', () => {
  test('is that of the text, where nothing was undone', () => {
    expect(viewsOf(`{"a\\n":"${KEY}"}`)).toEqual([['key', 'raw']]);
    expect(viewsOf(gzipSync(`{"a\\n":"${KEY}"}`))).toEqual([['key', 'gzip']]);
    expect(viewsOf(`{"a\\n":"${Buffer.from(`a key: ${KEY}`).toString('base64')}"}`)).toEqual([['key', 'base64']]);
  });

  test('says what was undone in it', () => {
    expect(viewsOf(`{"a":"${KEY.replace('-', '\\u002d')}"}`)).toEqual([['key', 'json']]);
    expect(viewsOf(JSON.stringify({ a: `{"a":"${KEY.replace('-', '\\u002d')}"}` }))).toEqual([['key', 'json/json']]);
  });
});

test('what a string says is found, not what stands there', () => {
  expect(viewsOf(`{"a":"\\n${KEY}\\n"}`)).toEqual([['key', 'raw']]);
  expect(viewsOf('{"a":"password: hunt\\"er22xx"}')).toEqual([]);
  expect(viewsOf('"a":"password: hunter22\\"xx"}')).toEqual([['assignment', 'raw']]);
});

test('behind what is no JSON, the text is searched as it is', () => {
  const { findings } = scanner.scan(encode(`{"a":"${KEY}\\n"} and ${KEY}\\n, "\\u0073${KEY.slice(1)}"`));
  expect(findings.map(({ ruleId, view }) => [ruleId, view])).toEqual([
    ['key', 'raw'],
    ['key', 'raw'],
    ['key', 'json'],
  ]);
});

test('a message that follows on a body is decoded', () => {
  const body = gzipSync(`{"a":"${KEY}"}`);
  const head = `POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
  expect(viewsOf(Buffer.concat([encode(`{"a":"b\\n"}\n${head}`), body]))).toEqual([['key', 'http1/gzip']]);
});

test('a long finding is known to its beginning, however many decoders it came through', () => {
  const secret = `sk-test-${'A1b2'.repeat(45)}`;
  const long = [...secret].map((c) => `\\\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  const body = `{"a":"{\\"key\\":\\"${long}\\"}"}`;
  const chunks = body.match(/.{1,7}/gs)!.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  const head = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
  const bytes = encode(`${head}${chunks.join('')}0\r\n\r\n`);
  const whole = inPieces(scanner, [bytes]);
  expect(whole.findings).toMatchObject([{ ruleId: 'key', view: 'http1/json/json' }]);
  const masked = Buffer.from(whole.redacted).toString('latin1').slice(head.length);
  expect(masked).not.toMatch(/u0073|u0041/);
  const single = inPieces(
    scanner,
    Array.from(bytes, (byte) => Uint8Array.of(byte)),
  );
  expect(told(single.findings)).toEqual(told(whole.findings));
  expect(Buffer.compare(single.redacted, whole.redacted)).toBe(0);
});
