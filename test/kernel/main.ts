/**
 * npm run test:kernel -- [5.10] [6.1] [6.12] [7.2] [host] [--lockdown] [--record] [--checks A,B] [--seconds N]
 *
 * Tests capturing on each kernel named (all, if none is) and prints one table. Exit code 1 if anything failed, 2 if the
 * command line is wrong.
 *
 *   --lockdown   boots as distributions do under Secure Boot
 *   --record     takes the verifier's counts over into verifier-budget.json
 *   --checks A,B only these groups: verifier, capture, sensor, redact, deny, kill
 *   --seconds N  longest time for one kernel, 600 if not given
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Budget, overBudget, record } from './budget.js';
import { fetchKernel, KERNELS } from './kernels.js';
import { runInMachine, runOnHost } from './machine.js';
import { type CheckResult, emptyReport, type Report } from './protocol.js';
import { buildInitramfs, buildStage } from './root.js';
import { checkTable, verifierTable } from './table.js';

const cache = fileURLToPath(new URL('../../.cache/kernels', import.meta.url));
const budgetFile = fileURLToPath(new URL('verifier-budget.json', import.meta.url));
const reports = join(cache, 'reports');

const GROUPS = ['verifier', 'capture', 'sensor', 'redact', 'deny', 'kill'];

function usage(problem: string): never {
  console.error(
    `test:kernel: ${problem}\nusage: npm run test:kernel -- [${Object.keys(KERNELS).join('] [')}] [host] [--lockdown] [--record] [--checks A,B] [--seconds N]`,
  );
  process.exit(2);
}

interface CommandLine {
  readonly kernels: string[];
  readonly lockdown: boolean;
  readonly recording: boolean;
  /** All if there are none. */
  readonly checks: readonly string[];
  readonly seconds: number;
}

function commandLine(): CommandLine {
  const known = [...Object.keys(KERNELS), 'host'];
  try {
    const options = {
      record: { type: 'boolean', default: false },
      lockdown: { type: 'boolean', default: false },
      checks: { type: 'string', default: '' },
      seconds: { type: 'string', default: '600' },
    } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const unknown = positionals.find((name) => !known.includes(name));
    if (unknown !== undefined) usage(`no kernel "${unknown}"`);
    const checks = values.checks.split(',').filter((name) => name !== '');
    const strange = checks.find((name) => !GROUPS.includes(name));
    if (strange !== undefined) usage(`no group of checks "${strange}"`);
    const seconds = Number(values.seconds);
    if (!(seconds >= 1 && seconds <= 3600)) usage('--seconds takes 1 to 3600');
    return {
      kernels: positionals.length > 0 ? [...new Set(positionals)] : known,
      lockdown: values.lockdown,
      recording: values.record,
      checks,
      seconds,
    };
  } catch (error) {
    return usage((error as Error).message);
  }
}

const say = (text: string) => process.stderr.write(`${text}\n`);

function progress(kernel: string): (result: CheckResult) => void {
  return ({ check, ok, value, ms, detail }) => {
    say(`${kernel.padEnd(5)} ${ok ? '✓' : '✗'} ${check}: ${value} (${(ms / 1000).toFixed(1)} s)`);
    if (detail !== undefined) say(detail.replace(/^/gm, '        '));
  };
}

/** Adds what the checks themselves cannot see: a machine that fell silent, a verifier that works harder than before. */
function conclude(report: Report, budget: Budget | undefined, seconds: number): void {
  const add = (check: string, problems: readonly string[], value: string) => {
    const ok = problems.length === 0;
    const result = { check, ok, value: ok ? value : 'FAILED', ms: 0, ...(ok ? {} : { detail: problems.join('\n') }) };
    report.checks.push(result);
    progress(report.kernel)(result);
  };
  const silent = `no end after ${report.seconds.toFixed(0)} s (limit ${seconds} s)`;
  add('ran to its end', report.done ? [] : [silent], 'ok');
  if (budget && report.done && report.programs.length > 0)
    add('verifier budget', overBudget(budget, report.kernel, report.programs), 'kept');
}

const { kernels, lockdown, recording, checks, seconds } = commandLine();
mkdirSync(reports, { recursive: true });
const budget = JSON.parse(readFileSync(budgetFile, 'utf8')) as Budget;
let fresh = budget;
const stage = await buildStage(cache);
const initramfs = kernels.some((kernel) => kernel !== 'host') ? buildInitramfs(cache, stage) : '';
const done: Report[] = [];
for (const kernel of kernels) {
  const log = join(reports, `${kernel}.serial.log`);
  let report: Report;
  try {
    if (kernel === 'host') report = await runOnHost(stage, checks, { seconds }, progress(kernel));
    else {
      const { image, origin } = fetchKernel(kernel, cache);
      say(`${kernel.padEnd(5)} boots ${origin}`);
      report = await runInMachine(kernel, { image, initramfs, lockdown, checks, log }, { seconds }, progress(kernel));
    }
  } catch (error) {
    const { message, stderr } = error as Error & { stderr?: string };
    report = emptyReport(kernel);
    report.checks.push({
      check: 'kernel can be had',
      ok: false,
      value: 'FAILED',
      ms: 0,
      detail: `${message}\n${stderr ?? ''}`,
    });
    progress(kernel)(report.checks[0]!);
  }
  conclude(report, recording ? undefined : budget, seconds);
  if (recording && report.done && kernel !== 'host') fresh = record(fresh, kernel, report.programs);
  writeFileSync(join(reports, `${kernel}.json`), `${JSON.stringify(report, null, 2)}\n`);
  if (report.checks.every(({ ok }) => ok)) rmSync(log, { force: true });
  else if (kernel !== 'host') say(`${kernel.padEnd(5)} console: ${log}`);
  done.push(report);
}
if (recording) writeFileSync(budgetFile, `${JSON.stringify(fresh, null, 2)}\n`);

console.log(`\n${checkTable(done)}\n\n${verifierTable(done)}\n`);
const failed = done.flatMap(({ kernel, checks }) =>
  checks.filter(({ ok }) => !ok).map(({ check }) => `${kernel}: ${check}`),
);
console.log(failed.length === 0 ? 'test:kernel: everything passed' : `test:kernel: FAILED\n  ${failed.join('\n  ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
