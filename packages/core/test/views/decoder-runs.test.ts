import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECODER_STATUS, LEAST_ENTRIES, LEAST_ROOM } from '../../src/engine/decoder.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { cut } from '../engine/harness.js';
import { bytesOf, RUNNABLE, seeded } from '../engine/reference.js';
import { DecoderBench } from './decoder-harness.js';
import { runs } from './decoder-runs-reference.js';
import { decoderVectors } from './decoder-vectors.js';

const words = 'the user asked for "tests": {"key": 1}, é€ 😀 and\nsome\tmore of it; '.repeat(30);
const texts = fc.tuple(fc.nat(60), fc.integer({ min: 8, max: 400 })).map(([from, n]) => words.slice(from, from + n));
const random = (seed: number, n: number) => {
  const next = seeded(seed);
  return Buffer.from(Array.from({ length: n }, () => Math.floor(next() * 256)));
};
const binary = fc.tuple(fc.nat(1e6), fc.integer({ min: 6, max: 300 })).map(([seed, n]) => random(seed, n));
/** Text with some bytes in it that spoil it: just so many, or too many. */
const spoiled = fc
  .tuple(fc.nat(60), fc.integer({ min: 9, max: 60 }), fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 8 }))
  .map(([from, n, bad]) => {
    const bytes = Buffer.from(words.slice(from, from + n));
    for (const [place, byte] of bad) bytes[place % bytes.length] = byte;
    return bytes;
  });
const contents = fc.oneof(
  { weight: 3, arbitrary: texts.map((text) => Buffer.from(text)) },
  { weight: 3, arbitrary: spoiled },
  { weight: 1, arbitrary: binary },
);

const wrapped = (text: string, width: number, separator: string) =>
  text.match(new RegExp(`.{1,${width}}`, 'g'))!.join(separator);

const pieces = fc.oneof(
  contents.map((bytes) => bytes.toString('base64')),
  contents.map((bytes) => bytes.toString('base64url')),
  contents.map((bytes) => bytes.toString('hex')),
  contents.map((bytes) => `0x${bytes.toString('hex').toUpperCase()}`),
  fc
    .tuple(contents, fc.constantFrom(16, 20, 62, 64, 76, 80, 84), fc.constantFrom('\n', '\r\n', '\n ', '\r'))
    .map(([bytes, width, separator]) => wrapped(bytes.toString('base64'), width, separator)),
  contents.map((bytes) => gzipSync(bytes).toString('base64')),
  fc
    .tuple(contents, fc.integer({ min: 0, max: 9 }))
    .map(([bytes, level]) => deflateSync(bytes, { level }).toString('base64url')),
  contents.map((bytes) => Buffer.from(bytes.toString('latin1'), 'utf16le').toString('base64')),
  contents.map((bytes) => Buffer.from(`\ufeff${bytes.toString()}`, 'utf16le').toString('base64')),
  fc.constantFrom(
    '/usr/lib/node_modules/some-package/dist/index.js',
    'aVeryLongIdentifierInCamelCase',
    'key_',
    'a',
    'abcde',
  ),
  fc.constantFrom(
    '123e4567-e89b-12d3-a456-426614174000',
    'a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x-y-z-'.repeat(2),
  ),
  fc.constantFrom(' ', '"', ',', '=', '==', '\n', '\r\n', '/', '_', ': ', 'é', '.', ' some words '),
);

const bodies = fc.array(pieces, { maxLength: 14 }).map((parts) => bytesOf(parts.join('')));

const sizes = fc.record({
  room: fc.integer({ min: LEAST_ROOM, max: LEAST_ROOM + 300 }),
  entries: fc.integer({ min: LEAST_ENTRIES, max: LEAST_ENTRIES + 10 }),
  skip: fc.boolean(),
});

describe.each(RUNNABLE)('runs in the %s engine', async (variant) => {
  const bench = new DecoderBench(await loadEngine(variant));
  const decoded = (text: string) => Buffer.from(bench.run('runs', [bytesOf(text)]).bytes).toString();

  it.each(decoderVectors('runs'))('$name', ({ input, output }) => {
    expect(decoded(input)).toBe(output);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('finds base64 to which %i letters are glued', (count) => {
    const text = 'api_key = "made-up-value-0123456789", and so on';
    const glued = 'XqXqXqX'.slice(0, count) + Buffer.from(text).toString('base64');
    expect(decoded(glued)).toContain('made-up-value-0123456789');
  });

  it('gives the same output and map whatever the cuts and the room', () => {
    fc.assert(
      fc.property(bodies, fc.array(fc.nat(3000), { maxLength: 12 }), sizes, (text, cuts, driving) => {
        const expected = runs(text);
        const { bytes, ranges } = bench.run('runs', cut(text, cuts), driving);
        expect(Buffer.from(bytes).toString('latin1')).toBe(Buffer.from(expected.bytes).toString('latin1'));
        expect(ranges).toEqual(expected.ranges);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same byte by byte', () => {
    fc.assert(
      fc.property(bodies, fc.boolean(), (text, skip) => {
        const expected = runs(text);
        const single = Array.from(text, (byte) => Uint8Array.of(byte));
        const { bytes, ranges } = bench.run('runs', single, { room: LEAST_ROOM, entries: LEAST_ENTRIES, skip });
        expect(bytes).toEqual(Buffer.from(expected.bytes));
        expect(ranges).toEqual(expected.ranges);
      }),
      { numRuns: 40 },
    );
  });

  it('takes any bytes', () => {
    const bytes = fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...bytesOf('aZ09+/-_6')) }, fc.nat(255)), {
      maxLength: 900,
    });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(900), { maxLength: 8 }), (list, cuts) => {
        const text = Uint8Array.from(list);
        const expected = runs(text);
        const all = bench.run('runs', cut(text, cuts));
        expect(all.bytes).toEqual(Buffer.from(expected.bytes));
        expect(all.ranges).toEqual(expected.ranges);
      }),
    );
  });

  it('lets hashes, images and identifiers pass, and is idle behind them', () => {
    const text = `sha256:${random(1, 32).toString('hex')} data:image/png;base64,${random(2, 3000).toString('base64')} `;
    const { bytes, status } = bench.run('runs', [bytesOf(`${text}/usr/lib/typescript/lib/lib.dom.d.ts `)]);
    expect(bytes).toHaveLength(0);
    expect(status).toBe(DECODER_STATUS.idle);
  });

  it('says where a gzip stream in a run begins and ends', () => {
    const plain = Buffer.from(words);
    const text = `first ${Buffer.from(words.slice(0, 90)).toString('base64')} then ${gzipSync(plain).toString('base64')} end `;
    const input = bench.engine.alloc(8192);
    const out = bench.engine.alloc(8192);
    const map = bench.engine.alloc(8192);
    new Uint8Array(bench.engine.memory.buffer).set(bytesOf(text), input);
    const decoder = bench.engine.decoderOpen(4);
    const stream: Uint8Array[] = [];
    for (let taken = 0, ended = false; ; ) {
      taken += bench.engine.decode(decoder, input + taken, text.length - taken, out, 512, map, 16, 0);
      const [produced, , status] = new Uint32Array(bench.engine.memory.buffer, bench.engine.decodedPointer(), 3);
      if (status! & DECODER_STATUS.gzipRun) {
        ended = (status! & DECODER_STATUS.runEnd) !== 0;
        stream.push(new Uint8Array(bench.engine.memory.buffer.slice(out, out + produced! - (ended ? 1 : 0))));
      }
      if (taken === text.length) {
        expect(ended || status === DECODER_STATUS.idle).toBe(true);
        break;
      }
    }
    expect(gunzipSync(Buffer.concat(stream))).toEqual(plain);
    bench.engine.decoderClose(decoder);
    for (const pointer of [input, out, map]) bench.engine.release(pointer);
  });
});
