/** What holds for every case of the labelled set, tried on a sample of it. */
import { createScanner, type Finding, type Scanner, Sensor } from '@spectral/core';
import { loadPacks, validators } from '@spectral/rules';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Case } from '../../bench/detection/cases.js';
import { findingsOf } from '../../bench/detection/judge.js';
import { bytesOf, loadCases, piecesOf } from '../../bench/detection/load.js';
import { Random } from '../../bench/detection/random.js';

const policy = loadPacks(['secrets', 'pii', 'default']);
const cases = loadCases();
const every = (n: number, from = 0) => cases.filter((_, i) => i % n === from);
const told = (findings: readonly Finding[]) =>
  findings.map(({ ruleId, start, end, view }) => `${ruleId} ${start}-${end} ${view}`);

let scanner: Scanner;
beforeAll(async () => {
  scanner = await createScanner(policy, { validators });
});
afterAll(() => scanner?.close());

/** Mostly short pieces, one byte included. */
function cutAtRandom(bytes: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(from + 1 + random.below(random.below(4) === 0 ? bytes.length : 9), bytes.length);
    pieces.push(bytes.subarray(from, to));
    from = to;
  }
  return pieces;
}

const bytewise = (bytes: Buffer) => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));

test('findings do not depend on the cut', () => {
  const differing: string[] = [];
  for (const it of every(6)) {
    const bytes = bytesOf(it);
    const whole = told(scanner.scan(bytes).findings).sort();
    for (const pieces of [bytewise(bytes), cutAtRandom(bytes, new Random(it.id))]) {
      const found = told(findingsOf(scanner, pieces)).sort();
      if (found.join() !== whole.join()) differing.push(`${it.id}: ${found} instead of ${whole}`);
    }
  }
  expect(differing).toEqual([]);
}, 60_000);

/** Carriers that leave the bytes of most values as they are. */
const PLAIN = ['raw', 'json', 'nested', 'multipart', 'cut anywhere', 'cut every byte'];
const RUN = 8;

/** Stretches of the value that are left, unless they stand outside of it, too. */
function leftOf({ secret, span }: Case, bytes: Buffer, redacted: string): string[] {
  const [from, to] = span!;
  const around = `${bytes.subarray(0, from)}\n${bytes.subarray(to)}`;
  const runs = Array.from({ length: Math.max(secret!.length - RUN + 1, 0) }, (_, i) => secret!.slice(i, i + RUN));
  return runs.filter((run) => !run.includes('\n') && !around.includes(run) && redacted.includes(run));
}

describe('redaction', () => {
  const isCovered = ({ start, end }: Finding, [from, to]: readonly [number, number]) => start <= from && end >= to;

  test('leaves no stretch of a value that was found', () => {
    const left: string[] = [];
    for (const it of every(2).filter(({ kind, carrier }) => kind !== 'clean' && PLAIN.includes(carrier))) {
      const bytes = bytesOf(it);
      if (!scanner.scan(bytes).findings.some((finding) => isCovered(finding, it.span!))) continue;
      const redacted = Buffer.from(scanner.redact(bytes));
      expect(redacted.length).toBe(bytes.length);
      const runs = leftOf(it, bytes, redacted.toString());
      if (runs.length > 0) left.push(`${it.id}: ${runs.length} runs`);
    }
    expect(left).toEqual([]);
  }, 60_000);

  test('is the same in a stream of pieces, and leaves nothing to be found where the value was', () => {
    const wrong: string[] = [];
    const judged = loadPacks(['secrets', 'pii']).rules.map(({ id }) => id);
    for (const it of every(8, 3)) {
      const bytes = bytesOf(it);
      const parts: Uint8Array[] = [];
      const session = scanner.open({ onRedacted: (part) => parts.push(part) });
      for (const piece of piecesOf(it)) session.push(piece);
      session.end();
      const redacted = Buffer.from(scanner.redact(bytes));
      if (!Buffer.concat(parts).equals(redacted)) wrong.push(`${it.id}: differs in pieces`);
      const [from, to] = it.span ?? [0, 0];
      const again = scanner
        .scan(redacted)
        .findings.filter((f) => f.start < to && f.end > from && judged.includes(f.ruleId));
      if (again.length > 0) wrong.push(`${it.id}: still ${told(again)}`);
    }
    expect(wrong).toEqual([]);
  }, 60_000);
});

test('the sensor finds what the library finds', async () => {
  const found = new Map<string, number>();
  const count = (id: string, n: number) => found.set(id, (found.get(id) ?? 0) + n);
  const sensor = await Sensor.create({
    policy,
    validators,
    sinks: [{ alert: ({ matched_rule_ids, match_count }) => count(matched_rule_ids.join(), match_count) }],
  });
  const differing: string[] = [];
  const rulesOf = (ids: Iterable<string>) => [...new Set([...ids].flatMap((id) => id.split(',')))].sort().join();
  const check = (it: Case) => {
    found.clear();
    for (const data of piecesOf(it)) sensor.handleChunk({ flow: it.id, pid: 7, comm: 'client', data });
    sensor.endFlow(it.id);
    const own = scanner.scan(bytesOf(it)).findings;
    const matches = [...found.values()].reduce((sum, n) => sum + n, 0);
    const [theirs, ours] = [
      `${matches} of ${rulesOf(found.keys())}`,
      `${own.length} of ${rulesOf(own.map(({ ruleId }) => ruleId))}`,
    ];
    if (theirs !== ours) differing.push(`${it.id}: ${theirs} instead of ${ours}`);
  };
  for (const it of every(5, 2)) check(it);
  sensor.close();
  expect(differing).toEqual([]);
}, 60_000);
