import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAST_ENTRIES, LEAST_ROOM } from '../../src/engine/decoder.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { cut } from '../engine/harness.js';
import { RUNNABLE } from '../engine/reference.js';
import { DecoderBench } from './decoder-harness.js';

const texts = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom('\ud83d', '\ude00', '\ufeff'),
    ),
  )
  .map((parts) => parts.join(''));

/** What each byte of UTF-8 stands for: two bytes of a unit, four of a pair. */
function reference(text: string) {
  const bytes: number[] = [];
  const ranges: [number, number][] = [];
  let at = 0;
  for (const character of text) {
    const size = character.length * 2;
    for (const byte of Buffer.from(character)) {
      bytes.push(byte);
      ranges.push([at, at + size]);
    }
    at += size;
  }
  return { bytes: Buffer.from(bytes), ranges };
}

describe.each(RUNNABLE)('UTF-16 in the %s engine', async (variant) => {
  const bench = new DecoderBench(await loadEngine(variant));

  it.each(['utf16le', 'utf16be'] as const)('%s becomes UTF-8, whatever the cuts and the room', (kind) => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(400), { maxLength: 9 }), fc.boolean(), (text, cuts, half) => {
        const units = Buffer.from(text, 'utf16le');
        if (kind === 'utf16be') units.swap16();
        const input = half ? Buffer.concat([units, Buffer.from([0x41])]) : units;
        const expected = reference(text);
        const { bytes, ranges, status } = bench.run(kind, cut(input, cuts), {
          room: LEAST_ROOM,
          entries: LEAST_ENTRIES,
        });
        expect(Buffer.compare(bytes, expected.bytes)).toBe(0);
        expect(ranges).toEqual(expected.ranges);
        expect(status).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
