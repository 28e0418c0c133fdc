import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECODER_STATUS, LEAST_ENTRIES, LEAST_ROOM } from '../../src/engine/decoder.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { cut } from '../engine/harness.js';
import { bytesOf, RUNNABLE } from '../engine/reference.js';
import { DecoderBench } from './decoder-harness.js';
import { ENTITIES, undone } from './decoder-reference.js';
import { decoderVectors } from './decoder-vectors.js';

const filler = fc.oneof(
  fc.constantFrom('word ', 'x', 'a"b', '<i>', "it's ", 'v+w', '\n', 'é€'),
  fc.integer({ min: 1, max: 1700 }).map((n) => 'k'.repeat(n)),
  fc.integer({ min: 200, max: 700 }).map((n) => 'lorem ipsum '.repeat(n / 12)),
);

const escapes = {
  json: fc.constantFrom(
    '\\n',
    '\\"',
    '\\\\',
    '\\/',
    "\\'",
    '\\b\\f\\r\\t',
    '\\u0041',
    '\\u00e9',
    '\\u20ac\\u20AC',
    '\\ud83d\\ude00',
    '\\ud83d',
    '\\ude00',
    '\\ud83d\\u0041',
    '\\ud83d\\udX00',
    '\\ud83d\\ud83d\\ude00',
    '\\x41',
    '\\q',
    '\\',
    '\\u12',
    '\\u12\\n',
    '\\x4\\x41',
    '\\u0000',
  ),
  percent: fc.constantFrom('%41', '%e2%82%AC', '%', '%%41', '%4', '%4g', '+', '%2B', '%25', '%20+%20', '%00', '%zz'),
  quoted: fc.constantFrom(
    '=3D',
    '=\n',
    '=\r\n',
    '=C3=A9',
    '=c3',
    '=',
    '=3',
    '=3d',
    '==3D',
    '=\r',
    '=0A',
    '==',
    '\n',
    `${'long line '.repeat(7)}=\n`,
  ),
  entity: fc.oneof(
    fc.constantFrom(...Object.keys(ENTITIES)).map((name) => `&${name};`),
    fc.constantFrom('&#65;', '&#x41;', '&#X20aC;', '&#128512;', '&#0;', '&#xd800;', '&#1114112;', '&#99999999999;'),
    fc.constantFrom(
      '&',
      '&&amp;',
      '&amp',
      '&nosuch;',
      '&#',
      '&#;',
      '&#x;',
      '&#65',
      '&#65x',
      '&a=1&b=2',
      '&toolongname;',
    ),
  ),
};

const sizes = fc.record({
  room: fc.integer({ min: LEAST_ROOM, max: LEAST_ROOM + 700 }),
  entries: fc.integer({ min: LEAST_ENTRIES, max: LEAST_ENTRIES + 40 }),
  skip: fc.boolean(),
});

describe.each(RUNNABLE)('escapes in the %s engine', async (variant) => {
  const bench = new DecoderBench(await loadEngine(variant));

  it.each(decoderVectors('json', 'percent', 'entity'))('$kind: $name', ({ kind, input, output }) => {
    const { bytes } = bench.run(kind, [bytesOf(input)]);
    expect(Buffer.from(bytes).toString()).toBe(output);
  });

  describe.each(['json', 'percent', 'entity', 'quoted'] as const)('%s', (kind) => {
    const texts = fc
      .array(fc.oneof({ weight: 3, arbitrary: escapes[kind] }, { weight: 2, arbitrary: filler }), { maxLength: 24 })
      .map((parts) => bytesOf(parts.join('')));

    it('gives the same output and map whatever the cuts and the room', () => {
      fc.assert(
        fc.property(texts, fc.array(fc.nat(6000), { maxLength: 12 }), sizes, (text, cuts, driving) => {
          const expected = undone(kind, text);
          const { bytes, ranges } = bench.run(kind, cut(text, cuts), driving);
          expect(Buffer.from(bytes).toString('latin1')).toBe(Buffer.from(expected.bytes).toString('latin1'));
          expect(ranges).toEqual(expected.ranges);
        }),
        { numRuns: 300 },
      );
    });

    it('gives the same byte by byte', () => {
      fc.assert(
        fc.property(texts, fc.boolean(), (text, skip) => {
          const expected = undone(kind, text);
          const pieces = Array.from(text, (byte) => Uint8Array.of(byte));
          const { bytes, ranges } = bench.run(kind, pieces, { room: LEAST_ROOM, entries: LEAST_ENTRIES, skip });
          expect(bytes).toEqual(Buffer.from(expected.bytes));
          expect(ranges).toEqual(expected.ranges);
        }),
        { numRuns: 40 },
      );
    });

    it('takes any bytes', () => {
      const bytes = fc.array(fc.oneof(fc.constantFrom(...bytesOf('\\u%&#x;4d8=3D\n')), fc.nat(255)), {
        maxLength: 600,
      });
      fc.assert(
        fc.property(bytes, fc.array(fc.nat(600), { maxLength: 8 }), (list, cuts) => {
          const text = Uint8Array.from(list);
          const expected = undone(kind, text);
          const decoded = bench.run(kind, cut(text, cuts));
          expect(decoded.bytes).toEqual(Buffer.from(expected.bytes));
          expect(decoded.ranges).toEqual(expected.ranges);
        }),
      );
    });

    it('puts nothing out for a text without escapes, and is idle', () => {
      const text = bytesOf('{"role":"user","content":"plain words, and more of them"}'.repeat(40));
      const { bytes, status } = bench.run(kind, cut(text, [7, 600, 601]));
      expect(bytes).toHaveLength(0);
      expect(status).toBe(DECODER_STATUS.idle);
    });
  });

  it('is idle only when what comes next does not go on from what came out', () => {
    const text = `\\n ${'word '.repeat(52)}`;
    for (const [rest, status] of [
      ['', 0],
      ['word '.repeat(48), 0],
      ['word '.repeat(60), DECODER_STATUS.idle],
    ] as const) {
      expect(bench.run('json', [bytesOf(text + rest)], { unfinished: true }).status).toBe(status);
    }
  });

  it('knows its names wherever the heap has been written to', async () => {
    const engine = await loadEngine(variant);
    const used = engine.alloc(1 << 19);
    new Uint8Array(engine.memory.buffer).fill(0x41, used, used + (1 << 19));
    const { bytes } = new DecoderBench(engine).run('entity', [bytesOf('&lowbar;&yen;&AMP;&Tab;&bsol;&grave;&zwnj;')]);
    expect(Buffer.from(bytes).toString()).toBe('_\u00a5&\t\\`\u200c');
  });

  it('gives back the memory of its decoders', () => {
    const before = bench.engine.heapUsed();
    for (const kind of ['json', 'percent', 'entity'] as const) bench.run(kind, [bytesOf('a\\n%41&amp;')]);
    expect(bench.engine.heapUsed()).toBe(before);
    expect(bench.engine.decoderOpen(77)).toBe(0);
  });
});
