import { constants, deflateRawSync, deflateSync, gzipSync, type ZlibOptions } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECODER_STATUS, LEAST_ENTRIES, LEAST_ROOM } from '../../src/engine/decoder.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { cut } from '../engine/harness.js';
import { bytesOf, RUNNABLE, seeded } from '../engine/reference.js';
import { DecoderBench } from './decoder-harness.js';
import { inflated } from './decoder-inflate-reference.js';

const { damaged, over } = DECODER_STATUS;

const random = (seed: number, n: number) => {
  const next = seeded(seed);
  return Buffer.from(Array.from({ length: n }, () => Math.floor(next() * 256)));
};
const prose = Buffer.from(
  '{"role":"user","content":"the quick model reads every word and answers with care"},'.repeat(900),
);
const contents = fc.oneof(
  fc.tuple(fc.nat(3000), fc.nat(3000)).map(([from, n]) => prose.subarray(from, from + n)),
  fc.tuple(fc.nat(1e6), fc.nat(3000)).map(([seed, n]) => random(seed, n)),
  fc.tuple(fc.nat(255), fc.nat(5000)).map(([byte, n]) => Buffer.alloc(n, byte)),
  fc
    .array(fc.constantFrom('abc', 'x', 'the ', '\n', 'zq7', '0123456789'), { maxLength: 900 })
    .map((l) => Buffer.from(l.join(''))),
);
const settings: fc.Arbitrary<ZlibOptions> = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
  strategy: fc.constantFrom(
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FILTERED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
    constants.Z_FIXED,
  ),
});
/** Streams of several blocks: each part is deflated by itself and flushed. */
const streams = fc.tuple(fc.array(contents, { minLength: 1, maxLength: 4 }), settings).map(([parts, options]) => {
  const last = parts.length - 1;
  const flush = (i: number) => (i === last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH);
  return {
    plain: Buffer.concat(parts),
    raw: Buffer.concat(parts.map((part, i) => deflateRawSync(part, { ...options, finishFlush: flush(i) }))),
  };
});
const sizes = fc.record({
  room: fc.integer({ min: LEAST_ROOM, max: LEAST_ROOM + 700 }),
  entries: fc.integer({ min: LEAST_ENTRIES, max: LEAST_ENTRIES + 40 }),
});

/** A gzip member with whatever header. */
function member(plain: Uint8Array, parts: { extra?: Buffer; name?: string; comment?: string; crc?: boolean }): Buffer {
  const { extra, name, comment, crc } = parts;
  const flags = (crc ? 2 : 0) | (extra ? 4 : 0) | (name === undefined ? 0 : 8) | (comment === undefined ? 0 : 16);
  const whole = gzipSync(plain);
  const size = Buffer.alloc(2);
  size.writeUInt16LE(extra?.length ?? 0);
  return Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3]),
    ...(extra ? [size, extra] : []),
    ...(name === undefined ? [] : [Buffer.from(`${name}\0`)]),
    ...(comment === undefined ? [] : [Buffer.from(`${comment}\0`)]),
    ...(crc ? [Buffer.from([1, 2])] : []),
    whole.subarray(10),
  ]);
}

describe.each(RUNNABLE)('inflating in the %s engine', async (variant) => {
  const bench = new DecoderBench(await loadEngine(variant));

  it('gives the same output and map whatever the cuts and the room', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(4000), { maxLength: 12 }), sizes, ({ plain, raw }, cuts, driving) => {
        const expected = inflated(raw);
        expect(Buffer.compare(expected.bytes, plain)).toBe(0);
        const { bytes, ranges, status } = bench.run('raw', cut(raw, cuts), driving);
        expect(Buffer.compare(bytes, plain)).toBe(0);
        expect(ranges).toEqual(expected.ranges);
        expect(status & ~over).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same byte by byte', () => {
    fc.assert(
      fc.property(streams, ({ raw }) => {
        const expected = inflated(raw);
        const single = Array.from(raw, (byte) => Uint8Array.of(byte));
        const { bytes, ranges, status } = bench.run('raw', single, { room: LEAST_ROOM, entries: LEAST_ENTRIES });
        expect(Buffer.compare(bytes, expected.bytes)).toBe(0);
        expect(ranges).toEqual(expected.ranges);
        expect(status).toBe(over);
      }),
      { numRuns: 25 },
    );
  });

  it('copies from 32 KiB before', () => {
    const plain = Buffer.concat([random(1, 32_768), random(1, 32_768), random(1, 9000), prose, random(1, 20_000)]);
    const { bytes, status } = bench.run('raw', cut(deflateRawSync(plain, { level: 9 }), [100, 30_000, 33_000]));
    expect(Buffer.compare(bytes, plain)).toBe(0);
    expect(status).toBe(over);
  });

  it.each([0, 1, 6, 9])('reads zlib and gzip of level %i, and checks the sums', (level) => {
    const wrapped = { zlib: deflateSync(prose, { level }), gzip: gzipSync(prose, { level }) };
    for (const kind of ['zlib', 'gzip'] as const) {
      const whole = wrapped[kind];
      const good = bench.run(kind, cut(whole, [1, 3, 700, whole.length - 3]));
      expect(Buffer.compare(good.bytes, prose)).toBe(0);
      expect(good.status & damaged).toBe(0);
      for (const from of kind === 'zlib' ? [1, 4] : [1, 4, 5, 8]) {
        const wrong = Buffer.from(whole);
        wrong[whole.length - from]! ^= 0x40;
        const bad = bench.run(kind, [wrong]);
        expect(Buffer.compare(bad.bytes, prose)).toBe(0);
        expect(bad.status & damaged).toBe(damaged);
      }
    }
    expect(bench.run('zlib', [wrapped.zlib]).status).toBe(over);
  });

  it('reads headers with all fields, several members, and swallows what follows', () => {
    const part = fc.record(
      {
        extra: fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)),
        name: fc.constantFrom('', 'a name'),
        comment: fc.constantFrom('', 'text'),
        crc: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    const members = fc.array(fc.tuple(contents, part), { minLength: 1, maxLength: 3 });
    const rests = fc.constantFrom('', '\0\0\0\0', 'garbage', '\x1fgarbage');
    fc.assert(
      fc.property(members, rests, fc.array(fc.nat(2000), { maxLength: 9 }), (list, rest, cuts) => {
        const parts = list.map(([plain, fields]) => member(plain, fields as Parameters<typeof member>[1]));
        const { bytes, status } = bench.run('gzip', cut(Buffer.concat([...parts, Buffer.from(rest)]), cuts));
        expect(Buffer.compare(bytes, Buffer.concat(list.map(([plain]) => plain)))).toBe(0);
        expect(status).toBe(rest === '' ? 0 : over);
      }),
      { numRuns: 150 },
    );
  });

  it('puts out all that was flushed', () => {
    const part = deflateRawSync(prose.subarray(0, 90), { finishFlush: constants.Z_SYNC_FLUSH });
    const { bytes } = bench.run('raw', [part], { unfinished: true });
    expect(Buffer.compare(bytes, prose.subarray(0, 90))).toBe(0);
  });

  it('gives what a stream that breaks off holds', () => {
    const whole = gzipSync(prose);
    for (const length of [0, 1, 9, 10, 11, 40, 90, whole.length - 9, whole.length - 1]) {
      const { bytes, status } = bench.run('gzip', [whole.subarray(0, length)]);
      expect(Buffer.compare(bytes, prose.subarray(0, bytes.length))).toBe(0);
      expect(status).toBe(0);
      if (length >= whole.length - 9) expect(bytes.length).toBe(prose.length);
    }
  });

  it.each([
    ['no gzip', 'gzip', '504b0304'],
    ['another method', 'gzip', '1f8b09'],
    ['reserved flags', 'gzip', '1f8b08e0'],
    ['a zlib header that is no multiple of 31', 'zlib', '789d'],
    ['a preset dictionary', 'zlib', '78bb'],
    ['a window above 32 KiB', 'zlib', '8819'],
    ['a block of no kind', 'raw', '07'],
    ['a stored block with wrong length', 'raw', '0105000000'],
    ['too many lengths', 'raw', 'fcff'],
    ['a copy from before the beginning', 'raw', '4304'],
  ] as const)('calls %s damaged', (_, kind, hex) => {
    const bytes = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(40)]);
    for (const pieces of [[bytes], Array.from(bytes, (byte) => Uint8Array.of(byte))]) {
      const { status } = bench.run(kind, pieces);
      expect(status & damaged).toBe(damaged);
    }
  });

  it('bears damage anywhere, and says the same of it whatever the cuts', () => {
    const kinds = fc.constantFrom('raw', 'gzip', 'zlib');
    const damages = fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        contents,
        settings,
        kinds,
        damages,
        fc.array(fc.nat(3000), { maxLength: 9 }),
        (plain, options, kind, at, cuts) => {
          const compress = { raw: deflateRawSync, gzip: gzipSync, zlib: deflateSync }[kind];
          const whole = compress(plain, options);
          for (const [place, byte] of at) whole[place % whole.length] = byte;
          const most = 100_000;
          const once = bench.run(kind, [whole], { most });
          const again = bench.run(kind, cut(whole, cuts), { room: LEAST_ROOM, entries: LEAST_ENTRIES, most });
          if (once.bytes.length < most) {
            expect(Buffer.compare(again.bytes, once.bytes)).toBe(0);
            expect(again.ranges).toEqual(once.ranges);
            expect(again.status).toBe(once.status);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('bears any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.constantFrom('', '1f8b0800000000000003', '789c'),
        (bytes, head) => {
          const kind = head === '' ? 'raw' : head === '789c' ? 'zlib' : 'gzip';
          const input = Buffer.concat([Buffer.from(head, 'hex'), bytes]);
          const { bytes: out } = bench.run(kind, cut(input, [20, 21, 100]), { most: 50_000 });
          expect(out.length).toBeLessThan(300_000);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('gives back the memory of its decoders', () => {
    const before = bench.engine.heapUsed();
    bench.run('gzip', [gzipSync(bytesOf('some words'))]);
    expect(bench.engine.heapUsed()).toBe(before);
  });
});
