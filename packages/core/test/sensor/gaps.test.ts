/** Bytes that nobody looked at: never spliced over, never silent, never counted twice. */
import {
  LOST_FAULT,
  LOST_RING_FULL,
  LOST_SENDFILE,
  LOST_TRUNCATED,
  RECORD_CLOSE,
  RECORD_EXIT,
  RECORD_LOST,
} from '@spectral/core';
import { afterEach, describe, expect, test } from 'vitest';
import { chunk, handleRows, literals, type Recorded, record } from './support.js';

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

describe('chunks', () => {
  test('bytes reported as lost part what is before and behind them', async () => {
    const { sensor, alerts, gaps } = await start();
    sensor.handleChunk(chunk('..nee', { seq: 1 }));
    expect(sensor.handleChunk(chunk('dle needle', { seq: 2, lost: 3, time: 99 })).findings).toMatchObject([
      { start: 12, end: 18 },
    ]);
    expect(gaps).toEqual([{ pid: 7, comm: 'curl', offset: 5, bytes: 3, reason: 'reported', time: 99 }]);
    expect(alerts).toMatchObject([{ match_offset: 12, bytes_not_scanned: 3 }]);
    expect(sensor.counters).toMatchObject({ gaps: 1, bytes_not_scanned: 3, gaps_unknown_size: 0 });
  });

  test('a jump of the chunk numbers is a gap of unknown size', async () => {
    const { sensor, gaps } = await start();
    for (const seq of [5, 6, 8, 7]) sensor.handleChunk(chunk('nee', { seq }));
    expect(sensor.handleChunk(chunk('nee', { seq: 9 })).findings).toEqual([]);
    expect(gaps).toMatchObject([
      { offset: 6, bytes: undefined, reason: 'sequence', time: 1_000_000 },
      { offset: 9, bytes: undefined, reason: 'sequence' },
      { offset: 12, bytes: undefined, reason: 'sequence' },
    ]);
    expect(sensor.counters).toMatchObject({ gaps: 3, bytes_not_scanned: 0, gaps_unknown_size: 3 });
  });

  test('lost bytes explain the jump: one gap', async () => {
    const { sensor, gaps } = await start();
    sensor.handleChunk(chunk('a', { seq: 1 }));
    sensor.handleChunk(chunk('b', { seq: 4, lost: 20 }));
    expect(gaps).toMatchObject([{ offset: 1, bytes: 20, reason: 'reported' }]);
  });

  test('a gap concerns its own flow and direction only, in the order of the call', async () => {
    const { sensor } = await start();
    const verdicts = sensor.handleChunks([
      chunk('nee', { flow: 'a' }),
      chunk('nee', { flow: 'b' }),
      chunk('nee', { flow: 'a', direction: 'ingress' }),
      chunk('dle', { flow: 'a', lost: 1 }),
      chunk('dle', { flow: 'b' }),
      chunk('dle', { flow: 'a', direction: 'ingress' }),
    ]);
    expect(verdicts.map(({ findings }) => findings.length)).toEqual([0, 0, 0, 0, 1, 1]);
  });
});

describe('rows', () => {
  test.each([
    [LOST_RING_FULL, 'ring_full'],
    [LOST_FAULT, 'fault'],
    [LOST_TRUNCATED, 'truncated'],
    [LOST_SENDFILE, 'sendfile'],
    [0, 'reported'],
  ])('a lost record of detail %i is a gap: %s', async (detail, reason) => {
    const { sensor, gaps, alerts } = await start();
    handleRows(sensor, [
      { flow: 1, data: 'nee', offset: 0 },
      { flow: 1, kind: RECORD_LOST, offset: 3, length: 100, detail, time: 42, pid: 9, comm: 'wget' },
      { flow: 1, data: 'dle needle', offset: 103 },
    ]);
    expect(gaps).toEqual([{ pid: 9, comm: 'wget', offset: 3, bytes: 100, reason, time: 42 }]);
    expect(alerts).toMatchObject([{ match_offset: 107, bytes_not_scanned: 100 }]);
    expect(sensor.counters.bytes_not_scanned).toBe(100);
  });

  test('an offset that jumps ahead is a gap of that size', async () => {
    const { sensor, gaps } = await start();
    handleRows(sensor, [
      { flow: 1, data: 'nee', offset: 0 },
      { flow: 1, data: 'dle', offset: 10, time: 8 },
    ]);
    expect(gaps).toEqual([{ pid: 7, comm: 'curl', offset: 3, bytes: 7, reason: 'ring_full', time: 8 }]);
  });

  test('the record that tells of a jump afterwards, or of part of it, adds nothing', async () => {
    const { sensor, gaps } = await start();
    handleRows(sensor, [
      { flow: 1, data: 'abc', offset: 0 },
      { flow: 1, data: 'def', offset: 10 },
      { flow: 1, kind: RECORD_LOST, offset: 3, length: 7, detail: LOST_RING_FULL },
      { flow: 1, kind: RECORD_LOST, offset: 13, length: 2, detail: LOST_FAULT },
      { flow: 1, kind: RECORD_LOST, offset: 14, length: 4, detail: LOST_FAULT },
      { flow: 1, data: 'ghi', offset: 18 },
    ]);
    expect(gaps.map(({ offset, bytes }) => [offset, bytes])).toEqual([
      [3, 7],
      [13, 2],
      [15, 3],
    ]);
    expect(sensor.counters.bytes_not_scanned).toBe(12);
  });

  test('an offset that goes back is a gap of unknown size', async () => {
    const { sensor, gaps, alerts } = await start();
    handleRows(sensor, [
      { flow: 1, data: 'abcnee', offset: 0 },
      { flow: 1, data: 'dle needle', offset: 2 },
    ]);
    expect(gaps).toMatchObject([{ offset: 6, bytes: undefined, reason: 'sequence' }]);
    expect(alerts).toMatchObject([{ match_offset: 6, match_count: 1 }]);
  });

  test('a lost record without a length is a gap of unknown size', async () => {
    const { sensor, gaps } = await start();
    handleRows(sensor, [{ flow: 1, kind: RECORD_LOST, offset: -1, length: 0, detail: LOST_FAULT }]);
    expect(gaps).toMatchObject([{ offset: 0, bytes: undefined, reason: 'fault' }]);
  });

  test('a flow of which the first or the last or all bytes are missing', async () => {
    const { sensor, gaps } = await start();
    handleRows(sensor, [
      { flow: 1, data: 'late', offset: 5 },
      { flow: 2, data: 'early', offset: 0 },
      { flow: 2, kind: RECORD_CLOSE, offset: 9 },
      { flow: 3, kind: RECORD_CLOSE, offset: 11 },
      { flow: 4, kind: RECORD_CLOSE, offset: 0 },
      { flow: 5, kind: RECORD_CLOSE },
    ]);
    expect(gaps.map(({ offset, bytes }) => [offset, bytes])).toEqual([
      [5 - 5, 5],
      [5, 4],
      [0, 11],
    ]);
    expect(sensor.flowCount).toBe(1);
  });

  test('events part the rows around them', async () => {
    const { sensor, alerts } = await start();
    handleRows(sensor, [
      { flow: 1, data: 'nee', pid: 1 },
      { flow: 2, data: 'nee', pid: 2 },
      { flow: 3, data: 'nee', pid: 3 },
      { flow: 1, kind: RECORD_CLOSE },
      { flow: 0, kind: RECORD_EXIT, pid: 2 },
      { flow: 1, data: 'dle', pid: 1 },
      { flow: 2, data: 'dle', pid: 2 },
      { flow: 3, data: 'dle', pid: 3 },
    ]);
    expect(alerts.map(({ pid }) => pid)).toEqual([3]);
    expect(sensor.counters).toMatchObject({ flows_opened: 5, flows_closed: 2 });
  });

  test('malformed rows are counted and left out, those around them are scanned', async () => {
    const { sensor, alerts, gaps } = await start();
    const { memory, table, data } = sensor.batch;
    memory.set(new TextEncoder().encode('needle'), data);
    const view = new DataView(memory.buffer);
    const row = (n: number, fields: { at?: number; length?: number; kind?: number; offset?: number }) => {
      const r = table + n * 64;
      view.setUint32(r, fields.at ?? data, true);
      view.setUint32(r + 4, fields.length ?? 6, true);
      view.setUint32(r + 12, fields.kind ?? 0, true);
      view.setFloat64(r + 16, n, true);
      view.setFloat64(r + 24, fields.offset ?? -1, true);
    };
    row(0, {});
    row(1, { at: 0xffff_fff0 });
    row(2, { length: 0xffff_ffff });
    row(3, { kind: 99 });
    row(4, { offset: Number.POSITIVE_INFINITY });
    row(5, { offset: 0.5 });
    row(6, { offset: Number.NaN });
    row(7, {});
    sensor.handleBatch(8);
    expect(alerts).toHaveLength(3);
    expect(gaps).toEqual([]);
    expect(sensor.counters).toMatchObject({ chunk_errors: 5, chunks: 3, bytes: 18 });
  });

  test.each([-1, 1.5, Number.NaN, 4097, '1'])('a count of %j is refused', async (count) => {
    const { sensor } = await start();
    expect(() => sensor.handleBatch(count as number)).toThrow(expect.objectContaining({ code: 'BATCH_INVALID' }));
  });
});

test('a flood of matches takes bounded time, is masked, and what was left out is a gap', async () => {
  const patterns = Array.from({ length: 1000 }, (_, n) => 'a'.repeat(n + 1));
  const { sensor, alerts, gaps } = await start({ policy: literals(...patterns) });
  const size = 16_384;
  const { findings, omitted, redacted } = sensor.handleChunk(chunk('a'.repeat(size)));
  expect(findings).toHaveLength(1024);
  expect(gaps).toMatchObject([{ reason: 'flood' }]);
  const [gap] = gaps;
  expect(gap).toMatchObject({ offset: 0, bytes: size });
  expect(alerts[0]).toMatchObject({ match_count: findings.length + omitted!, match_offset: 0 });
  expect(redacted).toEqual(new Uint8Array(size).fill(0x2a));
  expect(sensor.counters.findings_omitted).toBe(omitted);
  expect(sensor.handleChunk(chunk('.a')).findings).toHaveLength(1);
});

test('many matches are no flood as long as there are few per byte', async () => {
  const { sensor, gaps } = await start({ policy: literals('a', 'aa') });
  const { findings, omitted } = sensor.handleChunk(chunk('a'.repeat(200_000)));
  expect(findings.length + omitted!).toBe(399_999);
  expect(gaps).toEqual([]);
});

test('whatever the order of the engine’s hits, a flood leaves nothing of the row readable', async () => {
  // A literal that a prefilter looks for apart from the flood around it, at the row's very start and end.
  const patterns = [...Array.from({ length: 200 }, (_, n) => 'a'.repeat(n + 1)), 'SAMPLE-long-secret-of-its-own'];
  const { sensor } = await start({ policy: literals(...patterns) });
  const secret = patterns.at(-1)!;
  const { redacted } = sensor.handleChunk(chunk(`${secret} ${'a'.repeat(16_000)} ${secret}`));
  expect(new TextDecoder().decode(redacted)).not.toContain('SAMPLE');
});

test('lists findings by where they are, whatever finds them', async () => {
  const { sensor } = await start({ policy: literals('longer-than-others', 'ab', 'b', 'xyz') });
  const { findings } = sensor.handleChunk(chunk(`xyz ${'.'.repeat(500)} longer-than-others ab xyz ab`));
  expect(findings.map(({ ruleId, start }) => [start, ruleId])).toEqual(
    [...findings].sort((a, b) => a.start - b.start || a.end - b.end).map(({ ruleId, start }) => [start, ruleId]),
  );
  expect(findings).toHaveLength(7);
});
