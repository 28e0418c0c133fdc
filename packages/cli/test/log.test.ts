import type { Gap } from '@spectral/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GapLog } from '../src/log/gaps.js';
import { createLog, type Log, type LogOptions } from '../src/log/log.js';

const clock = () => new Date('2026-01-02T03:04:05.678Z');

function capture(options: Partial<LogOptions> = {}): { log: Log; lines: string[]; minor: boolean[] } {
  const lines: string[] = [];
  const minor: boolean[] = [];
  const write = (line: string, less: boolean) => {
    lines.push(line);
    minor.push(less);
  };
  return { log: createLog({ level: 'debug', format: 'json', colour: false, write, clock, ...options }), lines, minor };
}

describe('JSON lines', () => {
  it('have the shape of log/slog', () => {
    const { log, lines } = capture();
    log.warn('policy_alert', { rule_id: 'r', pid: 7, matched_rule_ids: ['r'] });
    expect(lines).toEqual([
      '{"level":"WARN","time":"2026-01-02T03:04:05.678Z","msg":"policy_alert","rule_id":"r","pid":7,"matched_rule_ids":["r"]}\n',
    ]);
  });

  it('name the four levels, and leave out what is below the wanted one', () => {
    for (const [level, names] of [
      ['debug', ['DEBUG', 'INFO', 'WARN', 'ERROR']],
      ['warn', ['WARN', 'ERROR']],
      ['error', ['ERROR']],
    ] as const) {
      const { log, lines, minor } = capture({ level });
      log.debug('a');
      log.info('b');
      log.warn('c');
      log.error('d');
      expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(names);
      expect(minor).toEqual(names.map((name) => name === 'DEBUG' || name === 'INFO'));
    }
  });

  it('cannot be forged by a field', () => {
    const { log, lines } = capture();
    log.info('real', { msg: 'forged', level: 'ERROR', time: 'never', text: 'a"}\n{"msg":"forged"' });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 'INFO',
      time: '2026-01-02T03:04:05.678Z',
      msg: 'real',
      field_msg: 'forged',
      field_level: 'ERROR',
      field_time: 'never',
      text: 'a"}\n{"msg":"forged"',
    });
    expect(lines[0]!.indexOf('\n')).toBe(lines[0]!.length - 1);
  });
});

describe('text lines', () => {
  it('are short', () => {
    const { log, lines } = capture({ format: 'text' });
    log.warn('policy_alert', {
      schema_version: 2,
      rule_id: 'r',
      matched_rule_ids: ['r'],
      action: 'observe',
      kernel_wipe_applied: false,
      comm: 'my app',
      bytes_not_scanned: 0,
    });
    log.warn('policy_alert', { rule_id: 'r', matched_rule_ids: ['r', 's'], action: 'block', bytes_not_scanned: 5 });
    expect(lines).toEqual([
      '03:04:05.678 WARN  policy_alert rule_id=r comm="my app"\n',
      '03:04:05.678 WARN  policy_alert rule_id=r matched_rule_ids=r,s action=block bytes_not_scanned=5\n',
    ]);
  });

  it('are coloured where that is wanted', () => {
    const { log, lines } = capture({ format: 'text', colour: true });
    log.error('event', { name: 'value' });
    expect(lines[0]).toContain('\x1b[31mERROR\x1b[0m');
  });

  it('let nobody steer the terminal', () => {
    const { log, lines } = capture({ format: 'text' });
    log.info('event', { comm: '\x1b]0;owned\x07\r\n\u202etxt\x9b2J', nested: { a: '\x1b[2J' } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is the point
    expect(lines[0]!.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(lines[0]).toContain('\\u202etxt');
  });
});

describe('bytes_not_scanned', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const gap = (over: Partial<Gap> = {}): Gap => ({
    pid: 1,
    comm: 'a',
    offset: 0,
    bytes: 10,
    reason: 'ring_full',
    time: 0,
    ...over,
  });

  it('is summed up by process and reason, and written once a second', () => {
    const { log, lines } = capture();
    const gaps = new GapLog(log);
    for (let i = 0; i < 1_000; i++) gaps.add(gap({ offset: i * 10 }));
    gaps.add(gap({ reason: 'truncated', bytes: undefined }));
    expect(lines).toHaveLength(0);
    vi.advanceTimersByTime(1_000);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      {
        level: 'WARN',
        msg: 'bytes_not_scanned',
        reason: 'ring_full',
        bytes: 10_000,
        gaps: 1_000,
        pid: 1,
        comm: 'a',
        offset: 0,
      },
      { msg: 'bytes_not_scanned', reason: 'truncated', bytes: 0, gaps: 1, gaps_of_unknown_size: 1 },
    ]);
    vi.advanceTimersByTime(10_000);
    expect(lines).toHaveLength(2);
    gaps.add(gap());
    vi.advanceTimersByTime(1_000);
    expect(lines).toHaveLength(3);
  });

  it('stays bounded and exact in a flood of processes', () => {
    const { log, lines } = capture();
    const gaps = new GapLog(log);
    for (let pid = 1; pid <= 10_000; pid++) gaps.add(gap({ pid }));
    gaps.flush();
    expect(lines.length).toBeLessThanOrEqual(70);
    const records = lines.map((line) => JSON.parse(line) as { bytes: number; other_processes?: boolean });
    expect(records.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(100_000);
    expect(records.filter((record) => record.other_processes)).toHaveLength(1);
    expect(gaps.totals.get('ring_full')).toEqual({ bytes: 100_000, gaps: 10_000, unknown: 0 });
  });
});
