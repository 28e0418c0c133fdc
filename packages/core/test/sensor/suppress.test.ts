/** The two tables that keep alerts back are bounded, and a clock that is set back silences nothing. */
import { expect, test } from 'vitest';
import { Dedupe } from '../../src/sensor/dedupe.js';
import { AlertLimiter } from '../../src/sensor/limiter.js';

test('dedupe forgets the oldest when full, and what is out of the window', () => {
  const dedupe = new Dedupe(100, 3);
  for (const [time, pid] of [
    [0, 1],
    [1, 2],
    [2, 1],
    [3, 3],
    [4, 4],
  ] as const)
    dedupe.report(pid, ['r'], time);
  expect(dedupe.size).toBe(3);
  expect([1, 2, 3, 4].map((pid) => dedupe.isRepeat(pid, ['r'], 5))).toEqual([true, false, true, true]);
  expect(dedupe.isRepeat(4, ['r', 'new'], 5)).toBe(false);
  expect(dedupe.isRepeat(4, ['r'], 104)).toBe(false);
  dedupe.report(9, ['r'], 200);
  expect(dedupe.size).toBe(1);
});

test('dedupe without a window keeps nothing', () => {
  const dedupe = new Dedupe(0);
  dedupe.report(1, ['r'], 5);
  expect([dedupe.size, dedupe.isRepeat(1, ['r'], 5)]).toEqual([0, false]);
});

test('limiter counts processes apart, within bounds', () => {
  const limiter = new AlertLimiter(0, 1, 100, 2);
  for (const pid of [1, 2]) {
    expect(limiter.allows(pid, 0)).toBe(true);
    limiter.report(pid);
    expect(limiter.allows(pid, 50)).toBe(false);
  }
  limiter.report(3);
  expect([1, 2, 3].map((pid) => limiter.allows(pid, 50))).toEqual([true, false, false]);
  expect(limiter.allows(2, 100)).toBe(true);
});

test('a clock that is set back begins a new window', () => {
  const limiter = new AlertLimiter(1, 0, 100);
  expect(limiter.allows(1, 1000)).toBe(true);
  limiter.report(1);
  expect(limiter.allows(1, 1050)).toBe(false);
  expect(limiter.allows(1, 10)).toBe(true);
  const dedupe = new Dedupe(100);
  dedupe.report(1, ['r'], 1000);
  expect(dedupe.isRepeat(1, ['r'], 10)).toBe(false);
});
