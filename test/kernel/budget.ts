/** How many instructions the verifier may walk for each program on each kernel: test/kernel/verifier-budget.json. */
import type { ProgramRecord } from './protocol.js';

export interface Budget {
  /** What a count may exceed the recorded one by. */
  readonly tolerancePercent: number;
  /** Object → program → kernel → instructions. */
  readonly insns: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
}

/** What a program may cost: the recorded count, or, on a kernel without one (the host), the largest of the others. */
function allowed(budget: Budget, kernel: string, { object, program }: ProgramRecord): number | undefined {
  const counts = budget.insns[object]?.[program];
  if (counts === undefined) return undefined;
  return (counts[kernel] ?? Math.max(...Object.values(counts))) * (1 + budget.tolerancePercent / 100);
}

/** Why the records break the budget; empty if they do not. */
export function overBudget(budget: Budget, kernel: string, records: readonly ProgramRecord[]): string[] {
  const problems: string[] = [];
  for (const record of records) {
    const name = `${record.object} ${record.program}`;
    const limit = allowed(budget, kernel, record);
    if (!record.loaded || record.insns === undefined) continue; // the check of the verifier has failed already
    if (limit === undefined) problems.push(`${name}: nothing recorded, run with --record`);
    else if (record.insns > limit)
      problems.push(`${name}: ${record.insns} instructions, at most ${Math.floor(limit)} are allowed`);
  }
  for (const [object, programs] of Object.entries(budget.insns))
    for (const [program, counts] of Object.entries(programs))
      if (counts[kernel] !== undefined && !records.some((r) => r.object === object && r.program === program))
        problems.push(`${object} ${program}: not seen on this kernel, but recorded`);
  return problems;
}

/** By kernel version. */
const inOrder = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));

/** The budget with this kernel's counts in place of the old ones. */
export function record(budget: Budget, kernel: string, records: readonly ProgramRecord[]): Budget {
  const insns: Record<string, Record<string, Record<string, number>>> = structuredClone(budget.insns) as never;
  for (const programs of Object.values(insns)) for (const counts of Object.values(programs)) delete counts[kernel];
  for (const { object, program, insns: count } of records) {
    if (count === undefined) continue;
    insns[object] ??= {};
    insns[object][program] = inOrder({ ...insns[object][program], [kernel]: count });
  }
  return { ...budget, insns };
}
