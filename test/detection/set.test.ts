/** The labelled set: what must be found is, what is harmless is not flagged, as was recorded in floors.json. */
import { readFileSync } from 'node:fs';
import { createScanner, type Rule, type Scanner } from '@spectral/core';
import { loadPacks, validators } from '@spectral/rules';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCases } from '../../bench/detection/cases.js';
import { linesOf } from '../../bench/detection/generate.js';
import { type Floors, floorsOf, type Judged, judge } from '../../bench/detection/judge.js';
import { CASES_FOLDER, FLOORS_FILE, loadCases } from '../../bench/detection/load.js';

const floors = JSON.parse(readFileSync(FLOORS_FILE, 'utf8')) as Floors;
let scanner: Scanner;
let judged: Judged[];
let measured: Floors;

beforeAll(async () => {
  scanner = await createScanner(loadPacks(['secrets', 'pii']), { validators });
  const rules = new Map<string, Rule>(scanner.policy.rules.map((rule) => [rule.id, rule]));
  judged = loadCases().map((it) => judge(scanner, it));
  measured = floorsOf(judged, rules);
}, 60_000);
afterAll(() => scanner?.close());

/** The ids, so that a failure says what to look at. */
const missedIn = (group: (it: Judged['it']) => string, name: string) =>
  judged
    .filter(({ it, right }) => it.kind !== 'clean' && group(it) === name && right.length === 0)
    .map(({ it }) => it.id);
const flaggedIn = (name: string) =>
  judged
    .filter(({ it, wrong }) => it.kind === 'clean' && it.family === name && wrong.length > 0)
    .map(({ it, wrong }) => `${it.id}: ${wrong.map(({ ruleId }) => ruleId)}`);

test('is what its generator makes', () => {
  for (const [name, cases] of Object.entries(makeCases())) {
    expect(readFileSync(`${CASES_FOLDER}${name}.jsonl`, 'utf8') === linesOf(cases), name).toBe(true);
  }
});

test('has a place for every value, and the value in it where the carrier leaves it as it is', () => {
  const cases = loadCases();
  expect(cases.length).toBeGreaterThanOrEqual(1500);
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  for (const { carrier, text, secret, span } of cases) {
    if (carrier !== 'raw' || secret === undefined) continue;
    expect(
      Buffer.from(text!)
        .subarray(...span!)
        .toString(),
    ).toBe(secret);
  }
});

describe('what is found', () => {
  test.each(Object.entries(floors.families))('of the family %s', (name, floor) => {
    const { found, wrong } = measured.families[name]!;
    expect(found, `missed: ${missedIn(({ family }) => family, name)}`).toBeGreaterThanOrEqual(floor.found);
    expect(wrong).toBeLessThanOrEqual(floor.wrong);
  });

  test.each(Object.entries(floors.carriers))('in the carrier %s', (name, floor) => {
    const { found, wrong } = measured.carriers[name]!;
    expect(found, `missed: ${missedIn(({ carrier }) => carrier, name)}`).toBeGreaterThanOrEqual(floor.found);
    expect(wrong).toBeLessThanOrEqual(floor.wrong);
  });
});

test.each(Object.entries(floors.flagged))('of clean %s, so many are flagged', (name, most) => {
  const flagged = flaggedIn(name);
  expect(flagged.length, flagged.join('; ')).toBeLessThanOrEqual(most);
});
