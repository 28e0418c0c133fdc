/** The table of flows: who is remembered, who makes room, and that nobody gets another's state. */
import { RECORD_CLOSE, RECORD_EXIT } from '@spectral/core';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import {
  chunk,
  cut,
  encode,
  handleRows,
  literals,
  occurrences,
  type Recorded,
  record,
  sortFindings,
} from './support.js';

const policy = literals('needle');
const open: Recorded[] = [];
async function start(options = {}): Promise<Recorded> {
  const recorded = await record({ policy, ...options });
  open.push(recorded);
  return recorded;
}
afterEach(() => {
  for (const { sensor } of open.splice(0)) sensor.close();
});

test('keys of different type or direction are different flows', async () => {
  const { sensor } = await start();
  for (const flow of ['1', 1, 1n, '']) sensor.handleChunk(chunk('nee', { flow }));
  sensor.handleChunk(chunk('nee', { flow: 1, direction: 'ingress' }));
  handleRows(sensor, [{ flow: 1, data: 'nee' }]);
  expect(sensor.flowCount).toBe(6);
  sensor.endFlow(1);
  expect(sensor.flowCount).toBe(4);
  expect(sensor.handleChunk(chunk('dle', { flow: 1 })).findings).toEqual([]);
  expect(sensor.handleChunk(chunk('dle', { flow: 1n })).findings).toHaveLength(1);
  sensor.endFlow('unknown');
});

test('the end of a process is the end of all its flows', async () => {
  const { sensor } = await start();
  sensor.handleChunk(chunk('nee', { flow: 'a', pid: 1 }));
  sensor.handleChunk(chunk('nee', { flow: 'b', pid: 2 }));
  handleRows(sensor, [{ flow: 1, data: 'nee', pid: 1 }]);
  sensor.endProcess(1);
  sensor.endProcess(99);
  expect(sensor.flowCount).toBe(1);
  expect(sensor.handleChunk(chunk('dle', { flow: 'b', pid: 2 })).findings).toHaveLength(1);
});

test('a full table drops the flow that was not used lately; it goes on at its offset, without what straddled', async () => {
  const { sensor, gaps } = await start({ maxFlows: 2 });
  sensor.handleChunk(chunk('....nee', { flow: 'a' }));
  sensor.handleChunk(chunk('nee', { flow: 'b' }));
  sensor.handleChunk(chunk('nee', { flow: 'c' }));
  expect(sensor.flowCount).toBe(2);
  expect(sensor.counters).toMatchObject({ flows_opened: 3, flows_evicted: 1 });
  expect(sensor.handleChunk(chunk('dle needle', { flow: 'a' })).findings).toMatchObject([{ start: 11, end: 17 }]);
  expect(gaps).toEqual([]);
});

test('rows of a dropped flow go on at their offset without a gap; missing ones still are one', async () => {
  const { sensor, gaps } = await start({ maxFlows: 1 });
  handleRows(sensor, [
    { flow: 1, data: 'abc', offset: 0 },
    { flow: 2, data: 'abc', offset: 0 },
    { flow: 1, data: 'def', offset: 3 },
    { flow: 2, data: 'def', offset: 5 },
    { flow: 1, kind: RECORD_CLOSE, offset: 6 },
    { flow: 2, kind: RECORD_CLOSE, offset: 9 },
  ]);
  expect(gaps.map(({ offset, bytes }) => [offset, bytes])).toEqual([
    [3, 2],
    [8, 1],
  ]);
  expect(sensor.flowCount).toBe(0);
});

test('idle flows are dropped in time', async () => {
  const recorded = await start({ maxFlows: 16, flowIdleMs: 1000 });
  const { sensor } = recorded;
  for (let flow = 0; flow < 10; flow++) sensor.handleChunk(chunk('nee', { flow }));
  recorded.time += 1001;
  for (let i = 0; i < 4; i++) sensor.handleChunk(chunk('nee', { flow: 0 }));
  expect(sensor.flowCount).toBe(1);
  expect(sensor.counters.flows_idle).toBe(9);
  expect(sensor.handleChunk(chunk('dle', { flow: 0 })).findings).toHaveLength(1);
});

test('many short flows and processes do not use up memory', async () => {
  const { sensor } = await start({ maxFlows: 64 });
  const round = (n: number) => {
    for (let i = 0; i < 100; i++) sensor.handleChunk(chunk('x'.repeat(100), { flow: `${n}-${i}`, pid: i }));
    sensor.endProcess(n % 100);
  };
  for (let n = 0; n < 20; n++) round(n);
  const size = sensor.batch.memory.length;
  for (let n = 0; n < 200; n++) round(n);
  expect(sensor.batch.memory.length).toBe(size);
  expect(sensor.flowCount).toBeLessThanOrEqual(64);
});

test('with fewer slots than flows in a call, no flow is given another’s bytes', async () => {
  const lists = literals('abc', 'ca');
  let next = 0;
  const sensors = await Promise.all([1, 2, 3].map((maxFlows) => start({ policy: lists, maxFlows })));
  const flow = fc.tuple(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 }),
    fc.array(fc.nat(100), { maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(flow, { minLength: 2, maxLength: 6 }), fc.boolean(), fc.nat(2), (flows, asRows, which) => {
      const { sensor, alerts } = sensors[which]!;
      alerts.length = 0;
      const wanted = flows.map(([text]) => occurrences(lists, encode(text)));
      const pieces = flows.map(([text, places]) => cut(encode(text), places));
      const order = Array.from({ length: 8 }, (_, round) =>
        pieces.flatMap((list, n) => (list[round] ? [{ n, data: list[round] }] : [])),
      ).flat();
      const base = next;
      next += flows.length;
      if (asRows) {
        const offsets = flows.map(() => 0);
        const rows = order.map(({ n, data }) => {
          const offset = offsets[n]!;
          offsets[n]! += data.length;
          return { flow: base + n, data, offset, pid: n };
        });
        handleRows(sensor, [...rows, { flow: 0, kind: RECORD_EXIT, pid: 0 }]);
        expect(sensor.counters.gaps).toBe(0);
        for (const alert of alerts) {
          expect(wanted[alert.pid]!.map(({ start }) => start)).toContain(alert.match_offset);
        }
      } else {
        const verdicts = sensor.handleChunks(order.map(({ n, data }) => chunk(data, { flow: `${base + n}` })));
        flows.forEach((_, n) => {
          const found = sortFindings(verdicts.flatMap(({ findings }, i) => (order[i]!.n === n ? findings : [])));
          // Matches that straddle a drop are not seen; all that are seen are right.
          for (const finding of found) expect(wanted[n]).toContainEqual(finding);
        });
      }
      expect(sensor.flowCount).toBeLessThanOrEqual(which + 1);
    }),
    { seed: 41, numRuns: 300 },
  );
});
