/** Of compressed streams that are not decoded to their end it is told how much was not looked at. */
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { definePolicy, Sensor } from '@spectral/core';
import { expect, test } from 'vitest';
import { chunk, record } from '../sensor/support.js';
import { DICTIONARY } from '../views/brotli-support.js';
import { encode, inPieces, KEY, RULES, scannerOf } from './support.js';

const WORDS = ' the information about this government and the development of international business';
const TEXT = `my key "${KEY}" ok;${WORDS.repeat(3)}`;

function message(coding: string, body: Uint8Array): Uint8Array {
  const head = `POST / HTTP/1.1\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([encode(head), body]);
}

const slowly = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
const br = (text: string) => message('br', brotliCompressSync(text, slowly));

test('Brotli without its dictionary: up to the first word of it', async () => {
  using poor = await scannerOf();
  using rich = await scannerOf(RULES, { brotliDictionary: DICTIONARY });
  const early = br(TEXT);
  const late = br(`${WORDS}${TEXT}`);
  expect(rich.scan(early)).toMatchObject({ findings: [{ ruleId: 'key', view: 'http1/br' }] });
  expect(rich.scan(late)).toMatchObject({ findings: [{ ruleId: 'key', view: 'http1/br' }] });
  expect(rich.scan(late).undecoded).toBeUndefined();
  const { findings, undecoded } = poor.scan(late);
  expect(findings).toEqual([]);
  expect(undecoded).toBe(late.length - Buffer.from(late).indexOf('\r\n\r\n') - 4);
});

test('the dictionary must be the right one', async () => {
  await expect(scannerOf(RULES, { brotliDictionary: new Uint8Array(122_784) })).rejects.toThrow(/brotliDictionary/);
  const options = { policy: definePolicy(RULES, 'test', 3), brotliDictionary: new Uint8Array(9) };
  await expect(Sensor.create(options)).rejects.toThrow(/brotliDictionary/);
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('what a bomb of %s holds beyond its bound', async (coding, compress) => {
  using scanner = await scannerOf(RULES, { brotliDictionary: DICTIONARY });
  const bomb = message(coding, compress(Buffer.concat([encode(KEY), Buffer.alloc(48 << 20, ' '), encode(KEY)])));
  const { findings, undecoded } = scanner.scan(bomb);
  expect(findings.map(({ ruleId }) => ruleId)).toEqual(['key']);
  expect(undecoded).toBeGreaterThan(0);
  const bytewise = inPieces(scanner, [bomb.subarray(0, 40), bomb.subarray(40)]);
  expect(bytewise.findings).toEqual(findings);
});

test.each([
  ['gzip', gzipSync(TEXT, { finishFlush: constants.Z_SYNC_FLUSH })],
  ['br', brotliCompressSync(TEXT, { finishFlush: constants.BROTLI_OPERATION_FLUSH })],
])('what follows damage in %s', async (coding, body) => {
  using scanner = await scannerOf(RULES, { brotliDictionary: DICTIONARY });
  const damaged = message(coding, Buffer.concat([body, Buffer.alloc(200_000, 0xff)]));
  const { findings, undecoded } = scanner.scan(damaged);
  expect(findings).toHaveLength(1);
  expect(undecoded).toBeGreaterThanOrEqual(200_000);
});

test('the sensor reports it as a gap', async () => {
  const { sensor, gaps } = await record({ policy: definePolicy(RULES, 'test', 3) });
  sensor.handleChunk({ ...chunk('x'), data: br(`${WORDS}${TEXT}`) });
  sensor.endFlow('f');
  expect(gaps).toMatchObject([{ reason: 'undecoded', bytes: expect.any(Number) }]);
  sensor.close();
});
