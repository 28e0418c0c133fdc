import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COPIED, OffsetMap } from '../../src/detect/map.js';
import type { EngineMemory } from '../../src/sensor/memory.js';

const spans = (map: OffsetMap, start: number, end: number) => {
  const into: number[] = [];
  map.spans(start, end, into);
  return into;
};

test('runs of deflated data reach to the end of a byte that they share with the next run, known or not', () => {
  const map = new OffsetMap();
  map.add(0, 100, (21 << 16) | 32);
  expect(spans(map, 0, 32)).toEqual([100, 121]);
  map.add(32, 120, (20 << 16) | 32);
  expect(spans(map, 0, 32)).toEqual([100, 121]);
});

test('a last unit of base64 that is short ends where the next run begins', () => {
  const map = new OffsetMap();
  map.add(0, 0, (4 << 16) | 3);
  map.add(5, 7, 0);
  map.add(6, 8, (1 << 16) | 1);
  expect(spans(map, 0, 5)).toEqual([0, 7]);
});

test('what a decoder has lent says the same before it is read, and after', () => {
  const run = fc.record({
    bytes: fc.integer({ min: 1, max: 9 }),
    unit: fc.constantFrom([1, 1], [2, 1], [6, 1], [4, 3], [0, 0]),
    gap: fc.nat(3),
  });
  const part = fc.array(run, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.nat(40), (parts, forgotten) => {
      const [lent, read] = [new OffsetMap(), new OffsetMap()];
      let [out, input] = [0, 100];
      for (const runs of parts) {
        const words: number[] = [];
        let [made, taken] = [0, 0];
        for (const { bytes, unit, gap } of runs) {
          const [from, to] = unit as [number, number];
          const units = to === 0 ? bytes : bytes * to;
          taken += gap;
          words.push(made, taken, (from << 16) | to);
          made += units;
          taken += to === 0 ? bytes : bytes * from;
        }
        words.push(made, taken, COPIED);
        const memory = { words: Uint32Array.from(words) } as unknown as EngineMemory;
        for (const map of [lent, read]) map.lend(memory, 0, words.length / 3, out, input);
        spans(read, 0, 1);
        for (let at = 0; at <= out + made; at++) expect(lent.position(at)).toBe(read.position(at));
        out += made;
        input += taken;
      }
      for (const map of [lent, read]) map.trim(forgotten);
      for (let at = forgotten; at <= out; at++) {
        expect(lent.position(at)).toBe(read.position(at));
        expect(spans(lent, at, out)).toEqual(spans(read, at, out));
      }
    }),
    { numRuns: 300 },
  );
});

test('a map does not grow without end, whoever still asks', () => {
  const map = new OffsetMap();
  for (let run = 0; run < 100_000; run++) {
    map.add(2 * run, 3 * run, run % 2 === 0 ? COPIED : 0);
    map.trim(0);
  }
  expect(map.runs).toBeLessThanOrEqual(2 * 2048 + 1);
  expect(map.position(199_000)).toBe(298_500);
});
