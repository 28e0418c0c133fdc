/** What is decoded as a whole may end anywhere. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { DICTIONARY } from '../views/brotli-support.js';
import { encode, inPieces, KEY, pieces, RULES, scannerOf, told } from './support.js';

const TEXT = `{"messages":[{"role":"user","content":"\\u00e9\\ud83d\\ude00 my key: ${KEY}\\n"}]} `.repeat(2);
const head = (coding: string) =>
  encode(`POST / HTTP/1.1\r\nContent-Encoding: ${coding}\r\nContent-Length: 9999\r\n\r\n`);

const WHOLES: Record<string, Uint8Array> = {
  JSON: encode(TEXT),
  gzip: gzipSync(TEXT),
  zlib: deflateSync(TEXT),
  'deflate without header': Buffer.concat([head('deflate'), deflateRawSync(TEXT)]),
  Brotli: Buffer.concat([head('br'), brotliCompressSync(TEXT)]),
  'UTF-16': Buffer.from(`${KEY} \ud83d\ude00 \ud83d`, 'utf16le'),
  'UTF-16, big-endian': Buffer.from(`${KEY} \ud83d\ude00 \ud83d`, 'utf16le').swap16(),
  'gzip in base64': encode(`"${gzipSync(TEXT).toString('base64')}`),
  'UTF-16 in base64': encode(`"${Buffer.from(`${KEY} \ud83d\ude00 \ud83d`, 'utf16le').toString('base64')}`),
};

test.each(Object.entries(WHOLES))('%s', async (_, bytes) => {
  using scanner = await scannerOf(RULES, { brotliDictionary: DICTIONARY });
  for (let end = 1; end <= bytes.length; end++) {
    const input = bytes.slice(0, end);
    const whole = inPieces(scanner, [input]);
    expect(whole.redacted.length).toBe(end);
    expect(told(inPieces(scanner, pieces(input, [end - 1])).findings)).toEqual(told(whole.findings));
  }
  expect(scanner.scan(bytes).findings.map(({ ruleId }) => ruleId)).toContain('key');
});
