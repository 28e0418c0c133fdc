import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Machine } from './machine.js';

/** A table as it is printed and as `scripts/bench-docs.mjs` puts it into the documentation. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** One goal, the number measured, and whether it was met. */
export interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface Result {
  /** Also the name of the file. */
  readonly name: string;
  /** What was asked, in a sentence. */
  readonly question: string;
  /** How it was measured, in a few sentences. */
  readonly method: string;
  readonly machine: Machine;
  readonly goals: readonly Goal[];
  readonly tables: readonly Table[];
  /** The numbers behind the tables. */
  readonly raw: unknown;
}

const folder = fileURLToPath(new URL('../results/', import.meta.url));

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: folder, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

/** Writes `bench/results/NAME.json` and returns its path. */
export function saveResult(result: Result): string {
  mkdirSync(folder, { recursive: true });
  const path = `${folder}${result.name}.json`;
  const complete = { ...result, commit: commit(), date: new Date().toISOString().slice(0, 10) };
  writeFileSync(path, `${JSON.stringify(complete, null, 2)}\n`);
  return path;
}

/** For people at a terminal. */
export function printResult({ question, machine, goals, tables }: Result): void {
  console.log(
    `\n${question}\n${Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(' · ')}`,
  );
  for (const { title, columns, rows } of tables) {
    const cells = [columns, ...rows].map((row) => row.map(String));
    const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
    console.log(`\n${title}`);
    for (const row of cells) console.log(`  ${row.map((cell, i) => cell.padStart(widths[i]!)).join('  ')}`);
  }
  console.log();
  for (const { goal, measured, met } of goals) console.log(`${met ? 'met    ' : 'NOT MET'}  ${goal}: ${measured}`);
}
