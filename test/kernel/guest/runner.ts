import { writeSync } from 'node:fs';
import { release } from 'node:os';
import { within } from '../../e2e/support/within.js';
import type { CheckResult, ProgramRecord } from '../protocol.js';

/** A check returns what the table shows, or throws. */
export type Check = () => Promise<string> | string;

export class Failure extends Error {}

/** Throws with both values unless they are the same as JSON. */
export function same(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Failure(`${what}: ${a}, expected ${b}`);
}

export function holds(what: string, condition: boolean, state: unknown = ''): void {
  if (!condition) throw new Failure(`${what} does not hold: ${JSON.stringify(state)}`);
}

export function say(line: CheckResult | ProgramRecord | { done: true }): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

/** Whether programs at functions may wait until pages are in memory: from Linux 6.0 on. */
export const waitsForPages = () => Number(release().split('.')[0]) >= 6;

const CHECK_MS = 30_000;

let failures = 0;

export async function check(name: string, run: Check): Promise<boolean> {
  const start = performance.now();
  const elapsed = () => Math.round(performance.now() - start);
  try {
    const value = await within(CHECK_MS, name, Promise.resolve().then(run));
    say({ check: name, ok: true, value, ms: elapsed() });
    return true;
  } catch (error) {
    failures++;
    const detail = error instanceof Failure ? error.message : ((error as Error).stack ?? String(error));
    say({ check: name, ok: false, value: 'FAILED', ms: elapsed(), detail: detail.slice(0, 6_000) });
    return false;
  }
}

export const failed = () => failures;
