/** What the verifier may spend on each program on each kernel: test/kernel/verifier-budget.json. */
import type { ProgramRecord } from './protocol.js';

/** Instructions and states over all paths, and the size of the log that tells them all, where it was asked for. */
const COSTS = ['insns', 'states', 'logBytes'] as const;
type Costs = { readonly [cost in (typeof COSTS)[number]]?: number | undefined };

export interface Budget {
  /** What compiled the programs when they were recorded: another compiler makes other programs of them. */
  readonly compiler: string;
  /** What a cost may exceed the recorded one by. */
  readonly tolerancePercent: number;
  /** Object → program → kernel → costs. */
  readonly programs: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Costs>>>>>>;
}

/** What a program may cost: as recorded, or, on a kernel without a record (the host), the most on any of the others. */
function recorded(budget: Budget, kernel: string, { object, program }: ProgramRecord): Costs | undefined {
  const kernels = budget.programs[object]?.[program];
  if (kernels === undefined) return undefined;
  if (kernels[kernel]) return kernels[kernel];
  const most = COSTS.map((cost) => [cost, Math.max(...Object.values(kernels).map((costs) => costs[cost] ?? 0))]);
  return Object.fromEntries(most.filter(([, value]) => value !== 0));
}

/** Why the records break the budget; empty if they do not. */
export function overBudget(budget: Budget, kernel: string, records: readonly ProgramRecord[]): string[] {
  const problems: string[] = [];
  for (const record of records) {
    const name = `${record.object} ${record.program}`;
    if (!record.loaded || record.insns === undefined) continue; // the check of the verifier has failed already
    const limits = recorded(budget, kernel, record);
    if (limits === undefined) problems.push(`${name}: nothing recorded, run with --record`);
    for (const cost of COSTS) {
      const [spent, limit] = [record[cost], limits?.[cost]];
      if (spent === undefined || limit === undefined) continue;
      const most = limit * (1 + budget.tolerancePercent / 100);
      if (spent > most) problems.push(`${name}: ${spent} ${cost}, at most ${Math.floor(most)} are allowed`);
    }
  }
  for (const [object, programs] of Object.entries(budget.programs))
    for (const [program, kernels] of Object.entries(programs))
      if (kernels[kernel] !== undefined && !records.some((r) => r.object === object && r.program === program))
        problems.push(`${object} ${program}: not seen on this kernel, but recorded`);
  return problems;
}

/** By kernel version. */
const inOrder = <T>(kernels: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(kernels).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));

/** The budget with this kernel's costs in place of the old ones; what no kernel has any more is left out. */
export function record(budget: Budget, kernel: string, records: readonly ProgramRecord[]): Budget {
  const programs: Record<string, Record<string, Record<string, Costs>>> = {};
  const put = (object: string, program: string, name: string, costs: Costs) => {
    programs[object] ??= {};
    programs[object][program] = inOrder({ ...programs[object][program], [name]: costs });
  };
  for (const [object, ofObject] of Object.entries(budget.programs))
    for (const [program, kernels] of Object.entries(ofObject))
      for (const [name, costs] of Object.entries(kernels)) if (name !== kernel) put(object, program, name, costs);
  for (const { object, program, insns, states, logBytes } of records)
    if (insns !== undefined) put(object, program, kernel, { insns, states, logBytes });
  return { ...budget, programs };
}
