/**
 * npm run test:kernel -- [5.10] [6.1] [6.12] [7.2] [host] [arm64] [OPTION…]
 *
 * Tests capturing and blocking on each kernel named (all but arm64, if none is) and prints one table. Exit code 1 if anything failed,
 * 2 if the command line is wrong.
 *
 *   --lockdown         boots as distributions do under Secure Boot
 *   --record           takes the verifier's counts over into verifier-budget.json
 *   --checks A,B       only these groups: verifier, capture, sensor, auto, redact, deny, kill
 *   --seconds N        longest time for one kernel from its boot on, 600 if not given
 *   --fetch-seconds N  longest time for the download of one kernel, 300 if not given
 *   --if-available     a kernel that cannot be downloaded is no failure: the end says which were not tested
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ARM64, buildArm64 } from './arm64.js';
import { type Budget, overBudget, record } from './budget.js';
import { fetchKernel, KERNELS, type Kernel } from './kernels.js';
import { type Boot, runInMachine, runOnHost } from './machine.js';
import type { CheckResult, Report } from './protocol.js';
import { buildInitramfs, buildStage } from './root.js';
import { checkTable, verifierTable } from './table.js';

const cache = fileURLToPath(new URL('../../.cache/kernels', import.meta.url));
const budgetFile = fileURLToPath(new URL('verifier-budget.json', import.meta.url));
const reports = join(cache, 'reports');

const compiler = execFileSync('clang', ['--version'], { encoding: 'utf8' }).split('\n')[0]!;

const GROUPS = ['verifier', 'capture', 'sensor', 'auto', 'redact', 'deny', 'kill'];

function usage(problem: string): never {
  console.error(
    `test:kernel: ${problem}\nusage: npm run test:kernel -- [${Object.keys(KERNELS).join('] [')}] [host] [arm64] [--lockdown] [--record] [--checks A,B] [--seconds N] [--fetch-seconds N] [--if-available]`,
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
  readonly fetchSeconds: number;
  readonly ifAvailable: boolean;
}

function commandLine(): CommandLine {
  const usual = [...Object.keys(KERNELS), 'host'];
  const known = [...usual, ARM64];
  try {
    const options = {
      record: { type: 'boolean', default: false },
      lockdown: { type: 'boolean', default: false },
      checks: { type: 'string', default: '' },
      seconds: { type: 'string', default: '600' },
      'fetch-seconds': { type: 'string', default: '300' },
      'if-available': { type: 'boolean', default: false },
    } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const unknown = positionals.find((name) => !known.includes(name));
    if (unknown !== undefined) usage(`no kernel "${unknown}"`);
    const checks = values.checks.split(',').filter((name) => name !== '');
    const strange = checks.find((name) => !GROUPS.includes(name));
    if (strange !== undefined) usage(`no group of checks "${strange}"`);
    const secondsOf = (name: 'seconds' | 'fetch-seconds') => {
      const seconds = Number(values[name]);
      return seconds >= 1 && seconds <= 3600 ? seconds : usage(`--${name} takes 1 to 3600`);
    };
    return {
      kernels: positionals.length > 0 ? [...new Set(positionals)] : usual,
      lockdown: values.lockdown,
      recording: values.record,
      checks,
      seconds: secondsOf('seconds'),
      fetchSeconds: secondsOf('fetch-seconds'),
      ifAvailable: values['if-available'],
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
  if (!budget || !report.done || report.programs.length === 0) return;
  if (budget.compiler !== compiler) add('verifier budget', [], `not compared: recorded with ${budget.compiler}`);
  else add('verifier budget', overBudget(budget, report.kernel, report.programs), 'kept');
}

/** Runs the checks on one kernel, or says why it cannot be had. */
async function test(kernel: string, log: string): Promise<Report | { readonly absent: string }> {
  const tell = progress(kernel);
  if (kernel === 'host') return runOnHost(stage, checks, { seconds }, tell);
  let found: Kernel & Pick<Boot, 'architecture' | 'initramfs'>;
  try {
    found =
      kernel === ARM64
        ? { architecture: 'arm64', ...buildArm64(cache, stage, fetchSeconds) }
        : { architecture: 'x64', initramfs: initramfs!, ...fetchKernel(kernel, cache, fetchSeconds) };
  } catch (error) {
    const { message, stderr = '' } = error as Error & { stderr?: string };
    return { absent: `${message}\n${stderr}`.trim() };
  }
  say(`${kernel.padEnd(5)} boots ${found.origin}`);
  return runInMachine(kernel, { ...found, lockdown, checks, log }, { seconds }, tell);
}

const { kernels, lockdown, recording, checks, seconds, fetchSeconds, ifAvailable } = commandLine();
mkdirSync(reports, { recursive: true });
const budget = JSON.parse(readFileSync(budgetFile, 'utf8')) as Budget;
let fresh: Budget = budget.compiler === compiler ? budget : { ...budget, programs: {} };
const stage = await buildStage(cache);
const initramfs = kernels.some((kernel) => kernel in KERNELS) ? buildInitramfs(cache, stage) : undefined;
const done: Report[] = [];
const absent: string[] = [];
for (const kernel of kernels) {
  const log = join(reports, `${kernel}.serial.log`);
  const report = await test(kernel, log);
  if ('absent' in report) {
    say(`${kernel.padEnd(5)} cannot be had:\n${report.absent.replace(/^/gm, '        ')}`);
    absent.push(kernel);
    continue;
  }
  conclude(report, recording ? undefined : budget, seconds);
  if (recording && report.done && kernel !== 'host') fresh = record(fresh, kernel, report.programs);
  writeFileSync(join(reports, `${kernel}.json`), `${JSON.stringify(report, null, 2)}\n`);
  if (report.checks.every(({ ok }) => ok)) rmSync(log, { force: true });
  else if (kernel !== 'host') say(`${kernel.padEnd(5)} console: ${log}`);
  done.push(report);
}
if (recording) writeFileSync(budgetFile, `${JSON.stringify({ ...fresh, compiler }, null, 2)}\n`);

if (done.length > 0) console.log(`\n${checkTable(done)}\n\n${verifierTable(done)}\n`);
const failed = done.flatMap(({ kernel, checks }) =>
  checks.filter(({ ok }) => !ok).map(({ check }) => `${kernel}: ${check}`),
);
if (absent.length > 0) console.log(`test:kernel: NOT TESTED, could not be downloaded: ${absent.join(', ')}`);
if (failed.length > 0) console.log(`test:kernel: FAILED\n  ${failed.join('\n  ')}`);
else if (done.length > 0) console.log('test:kernel: everything that ran passed');
process.exitCode = failed.length === 0 && (absent.length === 0 || ifAvailable) ? 0 : 1;
