import { describe, expect, it } from 'vitest';
import { type Budget, overBudget, record } from './budget.js';
import { emptyReport, type ProgramRecord, takeLine } from './protocol.js';
import { checkTable } from './table.js';

const one = (program: string, insns: number, more = {}): ProgramRecord => ({
  object: 'capture',
  program,
  insns,
  loaded: true,
  ...more,
});

describe('the verifier budget', () => {
  const budget: Budget = {
    compiler: 'any',
    tolerancePercent: 10,
    programs: { capture: { a: { '6.1': { insns: 1000, states: 50 }, '6.12': { insns: 2000, logBytes: 900 } } } },
  };

  it.each([
    ['6.1', 1100, true],
    ['6.1', 1101, false],
    ['6.12', 2200, true],
    ['6.12', 2201, false],
    ['host', 2200, true],
    ['host', 2201, false],
  ])('on %s, %d instructions: kept is %s', (kernel, insns, kept) => {
    expect(overBudget(budget, kernel, [one('a', insns)]).length === 0).toBe(kept);
  });

  it.each([
    ['6.1', { states: 55, logBytes: 9999 }, true],
    ['6.1', { states: 56 }, false],
    ['6.12', { states: 9999, logBytes: 990 }, true],
    ['6.12', { logBytes: 991 }, false],
    ['host', { states: 55, logBytes: 990 }, true],
    ['host', { states: 56 }, false],
  ])('on %s, %o: kept is %s', (kernel, costs, kept) => {
    expect(overBudget(budget, kernel, [one('a', 1, costs)]).length === 0).toBe(kept);
  });

  it('is broken by a program that nobody recorded and by one that is gone', () => {
    expect(overBudget(budget, '6.1', [one('a', 1), one('b', 1)])).toEqual([expect.stringContaining('capture b')]);
    expect(overBudget(budget, '6.1', [])).toEqual([expect.stringContaining('capture a')]);
    expect(overBudget(budget, 'host', [])).toEqual([]);
  });

  it('takes over what one kernel counts, and leaves the others', () => {
    const before = structuredClone(budget);
    const after = record(budget, '6.1', [one('b', 7, { states: 3 })]);
    expect(after.programs).toEqual({
      capture: { a: { '6.12': { insns: 2000, logBytes: 900 } }, b: { '6.1': { insns: 7, states: 3 } } },
    });
    expect(budget).toEqual(before);
  });
});

describe('what a machine says', () => {
  const lines = [
    '[    1.2] a kernel message',
    '{"check":"x","ok":true,"value":"fine","ms":1}',
    '{"check":"y","ok":true,"val',
    '{"object":"capture","program":"a","insns":5,"loaded":true}',
    '{"done":true}',
  ];

  it('is taken line by line, whatever stands between', () => {
    const report = emptyReport('6.1');
    for (const line of lines) takeLine(report, line);
    expect(report).toMatchObject({ done: true, checks: [{ check: 'x' }], programs: [{ program: 'a', insns: 5 }] });
  });

  it('is not complete before its last line', () => {
    const report = emptyReport('6.1');
    for (const line of lines.slice(0, -1)) takeLine(report, line);
    expect(report.done).toBe(false);
  });

  it('becomes one table, with a dash where a check did not run', () => {
    const [a, b] = [emptyReport('6.1'), emptyReport('7.2')];
    takeLine(a, lines[1]!);
    const [heading, , row] = checkTable([a, b]).split('\n');
    expect(heading).toMatch(/^ +6\.1 +7\.2$/);
    expect(row).toMatch(/^x +fine +–$/);
  });
});
