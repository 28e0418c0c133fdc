import { readFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDictionary } from '../../src/engine/brotli-dictionary.js';
import { DECODER_STATUS, LEAST_ENTRIES, LEAST_ROOM } from '../../src/engine/decoder.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { EngineMemory } from '../../src/sensor/memory.js';
import { cut } from '../engine/harness.js';
import { RUNNABLE, seeded } from '../engine/reference.js';
import {
  amount,
  begin,
  bitsToBytes,
  DICTIONARY,
  END,
  metadata,
  number,
  plainHeader,
  single,
  WINDOW_64K,
} from './brotli-support.js';
import { type Decoded, DecoderBench } from './decoder-harness.js';

const { damaged, over, stopped } = DECODER_STATUS;
const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_MODE, BROTLI_OPERATION_FLUSH } = constants;

const random = (seed: number, n: number) => {
  const next = seeded(seed);
  return Buffer.from(Array.from({ length: n }, () => Math.floor(next() * 256)));
};
const source = readFileSync(new URL('./decoder-brotli.test.ts', import.meta.url));
const prose = Buffer.from(
  '{"role":"user","content":"the quick model reads every word and answers with care; caf\u00e9, \u4e2d\u6587 \u0440\u0443\u0441"},'.repeat(
    400,
  ),
);

const contents = fc.oneof(
  fc.tuple(fc.nat(3000), fc.nat(4000)).map(([from, n]) => prose.subarray(from, from + n)),
  fc.tuple(fc.nat(9000), fc.nat(4000)).map(([from, n]) => source.subarray(from, from + n)),
  fc.tuple(fc.nat(1e6), fc.nat(3000)).map(([seed, n]) => random(seed, n)),
  fc.tuple(fc.nat(255), fc.nat(5000)).map(([byte, n]) => Buffer.alloc(n, byte)),
  fc.tuple(fc.nat(120_000), fc.nat(3000)).map(([from, n]) => Buffer.from(DICTIONARY.subarray(from, from + n))),
  fc
    .array(fc.constantFrom('abc', 'x', ' The ', '\n', 'zq7', '0123456789', '<div class="', ' Security.'), {
      maxLength: 600,
    })
    .map((l) => Buffer.from(l.join(''))),
);
const settings = fc.record({
  [BROTLI_PARAM_QUALITY]: fc.integer({ min: 0, max: 11 }),
  [BROTLI_PARAM_LGWIN]: fc.integer({ min: 10, max: 24 }),
  [BROTLI_PARAM_MODE]: fc.integer({ min: 0, max: 2 }),
});
const places = fc.array(fc.nat(6000), { maxLength: 12 });
const sizes = fc.record({
  room: fc.integer({ min: LEAST_ROOM, max: LEAST_ROOM + 700 }),
  entries: fc.integer({ min: LEAST_ENTRIES, max: LEAST_ENTRIES + 40 }),
});
const singly = (bytes: Uint8Array) => Array.from(bytes, (byte) => Uint8Array.of(byte));

/** Every byte stands for some of the input, and later ones for none before. */
function expectSoundMap({ bytes, ranges }: Decoded, length: number): void {
  expect(ranges.length).toBe(bytes.length);
  let before = 0;
  for (const [from, to] of ranges) {
    if (from < 0 || from >= to || to > length || from < before - 8) throw new Error(`[${from}, ${to}) of ${length}`);
    before = Math.max(before, from);
  }
}

/** One word of each length in each form, as a stream, and what it says. */
function words() {
  const bits = [0, 0, 0, 0, 10, 10, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 7, 7, 8, 7, 7, 6, 6, 5, 5];
  const bases = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 18, 22];
  const extras = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3];
  return bits.flatMap((sizeBits, length) => {
    if (sizeBits === 0) return [];
    const code = bases.filter((base) => base <= length).length - 1;
    return Array.from({ length: 121 }, (_, form) => {
      const word = (form * 37 + length) % 2 ** sizeBits;
      const distance = 1 + form * 2 ** sizeBits + word;
      let n = 0;
      let first = 1;
      for (; distance >= first + 2 ** (1 + (n >> 1)); n++) first += 2 ** (1 + (n >> 1));
      const streamOf = (size: number) =>
        bitsToBytes(
          WINDOW_64K,
          plainHeader(size),
          single(0, 8),
          single(code < 8 ? 128 + code : 192 + code - 8, 10),
          single(16 + n, 6),
          number(length - bases[code]!, extras[code]!),
          number(distance - first, 1 + (n >> 1)),
          END,
        );
      // How long it is in this form only the reference tells: it takes no other size. Nothing may be left of short ones.
      for (let size = 1; size < 64; size++) {
        const stream = streamOf(size);
        try {
          return { stream, text: brotliDecompressSync(stream).toString('latin1') };
        } catch {}
      }
      return undefined;
    });
  });
}
const WORDS = words().filter((word) => word !== undefined);

describe.each(RUNNABLE)('Brotli in the %s engine', async (variant) => {
  const engine = await loadEngine(variant);
  loadDictionary(engine, new EngineMemory(engine), DICTIONARY);
  const bench = new DecoderBench(engine);

  it('gives what was compressed, whatever the cuts and the room', () => {
    fc.assert(
      fc.property(contents, settings, places, sizes, (plain, params, cuts, driving) => {
        const packed = brotliCompressSync(plain, { params });
        const whole = bench.run('br', [packed]);
        expect(Buffer.compare(whole.bytes, plain)).toBe(0);
        expect(whole.status).toBe(over);
        expectSoundMap(whole, packed.length);
        const again = bench.run('br', cut(packed, cuts), driving);
        expect(Buffer.compare(again.bytes, plain)).toBe(0);
        expect(again.ranges).toEqual(whole.ranges);
        expect(again.status).toBe(over);
      }),
      { numRuns: 150 },
    );
  });

  it('gives the same byte by byte', () => {
    fc.assert(
      fc.property(contents, settings, (plain, params) => {
        const packed = brotliCompressSync(plain, { params });
        const whole = bench.run('br', [packed]);
        const single = bench.run('br', singly(packed), { room: LEAST_ROOM, entries: LEAST_ENTRIES });
        expect(Buffer.compare(single.bytes, plain)).toBe(0);
        expect(single.ranges).toEqual(whole.ranges);
        expect(single.status).toBe(over);
      }),
      { numRuns: 25 },
    );
  });

  it('has all of a stream that breaks off that its map says is there, and nothing that is not', () => {
    fc.assert(
      fc.property(contents, settings, fc.nat(), (plain, params, place) => {
        const packed = brotliCompressSync(plain, { params });
        const { ranges } = bench.run('br', [packed]);
        const length = place % (packed.length + 1);
        const { bytes, status } = bench.run('br', [packed.subarray(0, length)]);
        expect(Buffer.compare(bytes, plain.subarray(0, bytes.length))).toBe(0);
        expect(bytes.length).toBeGreaterThanOrEqual(ranges.filter(([, to]) => to <= length).length);
        expect(bytes.length).toBeLessThanOrEqual(ranges.filter(([from]) => from < length).length);
        expect(status & ~over).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it.each([10, 16, 18, 24])('copies from as far back as a window of 2^%i bytes allows', (bits) => {
    const far = Math.min(2 ** bits, 260_000);
    const part = random(bits, 900);
    const plain = Buffer.concat([part, random(7, far - 950 - part.length), part, prose, random(9, 3000), part]);
    const params = { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: bits };
    const packed = brotliCompressSync(plain.subarray(0, 300_000), { params });
    const { bytes, status } = bench.run('br', cut(packed, [5, 1000, 70_000]));
    expect(Buffer.compare(bytes, plain.subarray(0, 300_000))).toBe(0);
    expect(status).toBe(over);
  });

  it('puts out all that was flushed', () => {
    const packed = brotliCompressSync(prose.subarray(0, 900), { finishFlush: BROTLI_OPERATION_FLUSH });
    const { bytes, status } = bench.run('br', [packed], { unfinished: true });
    expect(Buffer.compare(bytes, prose.subarray(0, 900))).toBe(0);
    expect(status).toBe(0);
  });

  it('knows words of every length in every form', () => {
    expect(WORDS.length).toBeGreaterThan(2500);
    for (const { stream, text } of WORDS) {
      const { bytes, status } = bench.run('br', [stream]);
      expect(Buffer.from(bytes).toString('latin1')).toBe(text);
      expect(status).toBe(over);
    }
  });

  it('passes over metadata and empty meta-blocks', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 4 }), places, (list, cuts) => {
        const body = brotliCompressSync(prose, { finishFlush: BROTLI_OPERATION_FLUSH });
        const parts = list.map((bytes) => metadata(bytes));
        const whole = Buffer.concat([body, ...parts, bitsToBytes(END)]);
        expect(Buffer.compare(brotliDecompressSync(whole), prose)).toBe(0);
        const { bytes, status } = bench.run('br', cut(whole, cuts));
        expect(Buffer.compare(bytes, prose)).toBe(0);
        expect(status).toBe(over);
      }),
      { numRuns: 60 },
    );
    expect(bench.run('br', [bitsToBytes(WINDOW_64K, END)])).toMatchObject({ status: over, ranges: [] });
  });

  it('swallows what follows the last meta-block', () => {
    const { bytes, status } = bench.run('br', [Buffer.concat([brotliCompressSync(prose), random(1, 400)])]);
    expect(Buffer.compare(bytes, prose)).toBe(0);
    expect(status).toBe(over);
  });

  it('finds output in the byte before it when its codes have no bits', () => {
    // 70,000 letters out of one command: its code has no bits, nor have those of its letters.
    const letters = bitsToBytes(
      WINDOW_64K,
      plainHeader(70_000),
      single(0x61, 8),
      single(64 * 7 + 7 * 8, 10),
      single(0, 6),
      number(70_000 - 22_594, 24),
      END,
    );
    expect(brotliDecompressSync(letters).length).toBe(70_000);
    const { bytes, ranges, status } = bench.run('br', [letters]);
    expect(Buffer.compare(bytes, Buffer.alloc(70_000, 0x61))).toBe(0);
    expect(status).toBe(over);
    expectSoundMap({ bytes, ranges, status }, letters.length);
  });

  it.each([
    ['padding that is not zero', bitsToBytes(WINDOW_64K, END, '1')],
    ['a size with a nibble too much', bitsToBytes(WINDOW_64K, `0${number(1, 2)}${number(5, 20)}`)],
    ['a reserved bit', bitsToBytes(WINDOW_64K, `0${number(3, 2)}1`)],
    ['metadata with a byte too much', bitsToBytes(WINDOW_64K, `0${number(3, 2)}0${number(2, 2)}${number(5, 16)}`)],
    [
      'a symbol twice',
      bitsToBytes(WINDOW_64K, plainHeader(9), `${number(1, 2)}${number(1, 2)}`, number(7, 8), number(7, 8)),
    ],
    ['a command that does not exist', bitsToBytes(WINDOW_64K, plainHeader(9), single(0, 8), single(1000, 10))],
    ['a word of 3 bytes', bitsToBytes(WINDOW_64K, plainHeader(9), single(0, 8), single(129, 10), single(16, 6), '0')],
    [
      'more literals than there are',
      bitsToBytes(WINDOW_64K, plainHeader(1), single(0, 8), single(128 + 16, 10), single(0, 6)),
    ],
    ['codes that are too many', bitsToBytes(WINDOW_64K, plainHeader(9), '00', '11101110'.repeat(3))],
    [
      'a distance of zero',
      bitsToBytes(WINDOW_64K, plainHeader(9), single(0, 8), single(128 + 8, 10), single(8, 6), single(0, 6)),
    ],
    [
      'a run beyond the map',
      bitsToBytes(
        WINDOW_64K,
        begin(9),
        '000',
        number(0, 8),
        amount(2),
        '1',
        number(15, 4),
        single(16, 5),
        number(0, 16),
      ),
    ],
  ])('calls %s damaged', (_, stream) => {
    const bytes = Buffer.concat([stream, Buffer.alloc(40)]);
    expect(() => brotliDecompressSync(bytes)).toThrow();
    for (const pieces of [[bytes], singly(bytes)]) expect(bench.run('br', pieces).status).toBe(damaged | stopped);
  });

  it('does not know windows of more than 16 MiB', () => {
    const params = { [BROTLI_PARAM_LGWIN]: 26, [constants.BROTLI_PARAM_LARGE_WINDOW]: 1 };
    expect(bench.run('br', [brotliCompressSync(prose, { params })])).toMatchObject({ status: stopped, ranges: [] });
  });

  it('bears damage anywhere, and says the same of it whatever the cuts', () => {
    const damages = fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(contents, settings, damages, places, (plain, params, at, cuts) => {
        const whole = brotliCompressSync(plain, { params });
        for (const [place, byte] of at) whole[place % whole.length] = byte;
        const most = 100_000;
        const once = bench.run('br', [whole], { most });
        const again = bench.run('br', cut(whole, cuts), { room: LEAST_ROOM, entries: LEAST_ENTRIES, most });
        if (once.bytes.length >= most) return;
        expect(Buffer.compare(again.bytes, once.bytes)).toBe(0);
        expect(again.ranges).toEqual(once.ranges);
        expect(again.status).toBe(once.status);
        let expected: Buffer | undefined;
        try {
          expected = brotliDecompressSync(whole);
        } catch {}
        if (expected === undefined) expect(once.status & over).toBe(0);
        else expect(Buffer.compare(once.bytes, expected)).toBe(0);
      }),
      { numRuns: 250 },
    );
  });

  it('bears any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom('', '1b', '0b8180', '5b0e00'), (bytes, head) => {
        const input = Buffer.concat([Buffer.from(head, 'hex'), bytes]);
        const { bytes: out } = bench.run('br', cut(input, [20, 21, 100]), { most: 50_000 });
        expect(out.length).toBeLessThan(300_000);
      }),
      { numRuns: 250 },
    );
  });

  it('gives back the memory of its decoders', () => {
    const before = engine.heapUsed();
    const packed = brotliCompressSync(Buffer.concat([random(3, 300_000), prose]));
    bench.run('br', [packed]);
    bench.run('br', [packed.subarray(0, 5000)], { unfinished: true });
    expect(engine.heapUsed()).toBe(before);
  });
});

describe('without the dictionary', () => {
  it('what comes before the first word is put out, and the rest not known', async () => {
    const bench = new DecoderBench(await loadEngine());
    const plain = Buffer.concat([
      random(1, 500),
      Buffer.from(' the information of this government from the beginning'),
    ]);
    const packed = brotliCompressSync(plain, { params: { [BROTLI_PARAM_QUALITY]: 11 } });
    for (const pieces of [[packed], singly(packed)]) {
      const { bytes, status } = bench.run('br', pieces);
      expect(bytes.length).toBeGreaterThanOrEqual(500);
      expect(Buffer.compare(bytes, plain.subarray(0, bytes.length))).toBe(0);
      expect(status).toBe(stopped);
    }
    const wordless = random(2, 3000);
    expect(bench.run('br', [brotliCompressSync(wordless)]).status).toBe(over);
  });

  it('another one is refused', async () => {
    const engine = await loadEngine();
    const memory = new EngineMemory(engine);
    const used = engine.heapUsed();
    const other = Uint8Array.from(DICTIONARY);
    other[100]! ^= 1;
    for (const wrong of [other, DICTIONARY.subarray(1), new Uint8Array(0)]) {
      expect(() => loadDictionary(engine, memory, wrong)).toThrow(/brotliDictionary/);
    }
    expect(engine.heapUsed()).toBe(used);
    loadDictionary(engine, memory, DICTIONARY);
    loadDictionary(engine, memory, DICTIONARY);
    expect(engine.brotliDictionary(0)).toBe(1);
  });
});
