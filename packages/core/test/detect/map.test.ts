import { expect, test } from 'vitest';
import { OffsetMap } from '../../src/detect/map.js';

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
