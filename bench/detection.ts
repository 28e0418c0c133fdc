/**
 * What is found of the labelled set in test/detection/cases, what is flagged that should not be, and how fast.
 *
 *   npm run bench:detection [-- --json] [--quick] [--floors]
 *       the tables of docs/benchmarks.md; --json: one JSON object; --quick: without the times;
 *       --floors: writes test/detection/floors.json, below which the test lets nothing fall
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createScanner, type Rule } from '@spectral/core';
import { loadPacks, validators } from '@spectral/rules';
import {
  byCarrier,
  byFamily,
  falseAlarms,
  floorsOf,
  type Judged,
  judge,
  type Rate,
  recallOf,
  type Score,
  share,
} from './detection/judge.js';
import { FLOORS_FILE, loadCases } from './detection/load.js';
import { measureSpeed, speedGoals, speedTables } from './detection/speed.js';
import { describeMachine } from './support/machine.js';
import { type Goal, printResult, type Result, saveResult, type Table } from './support/results.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    floors: { type: 'boolean', default: false },
  },
});

/** Packs whose findings count. `default` looks for plain words by contract: it is loaded too, and counted apart. */
const JUDGED = ['secrets', 'pii'];
const ALL = [...JUDGED, 'default'];
const percent = (part: number) => `${(100 * part).toFixed(1)} %`;

async function judgeWith(packs: readonly string[]): Promise<{ judged: Judged[]; rules: Map<string, Rule> }> {
  const scanner = await createScanner(loadPacks(packs), { validators });
  const judged = loadCases().map((it) => judge(scanner, it));
  scanner.close();
  return { judged, rules: new Map(scanner.policy.rules.map((rule) => [rule.id, rule])) };
}

const scoreTable = (title: string, first: string, scores: readonly Score[]): Table => ({
  title,
  columns: [first, 'cases', 'found', 'wrong findings', 'recall', 'precision'],
  rows: scores.map((it) => [it.name, it.cases, it.found, it.wrong, percent(it.recall), percent(it.precision)]),
});

const rateTable = (title: string, first: string, rates: readonly Rate[]): Table => ({
  title,
  columns: [first, 'clean cases', 'flagged'],
  rows: rates.map(({ name, cases, flagged }) => [name, cases, flagged]),
});

const STRICT = [
  'json',
  'nested',
  'u-escaped',
  'multipart',
  'form',
  'base64, shift 0',
  'base64, shift 1',
  'base64, shift 2',
  'http1 chunked',
  'http2',
  'cut anywhere',
  'cut every byte',
];

function goalsOf(judged: readonly Judged[]): Goal[] {
  const recall = (goal: number, what: string, wanted: Parameters<typeof recallOf>[1]): Goal => {
    const { cases, found, recall } = recallOf(judged, wanted);
    return {
      goal: `${what}: recall at least ${goal} %`,
      measured: `${percent(recall)} (${found} of ${cases})`,
      met: recall >= goal / 100,
    };
  };
  const clean = (goal: number, what: string, wanted: (judged: Judged) => boolean): Goal => {
    const own = judged.filter((it) => it.it.kind === 'clean' && wanted(it));
    const flagged = own.filter(({ wrong }) => wrong.length > 0).length;
    const rate = share(flagged, own.length);
    return {
      goal: `${what}: at most ${goal} % flagged`,
      measured: `${percent(rate)} (${flagged} of ${own.length})`,
      met: rate <= goal / 100,
    };
  };
  return [
    recall(92, 'secrets that their shape tells', ({ kind, by }) => kind === 'secret' && by === 'shape'),
    recall(85, 'secrets that only their context tells', ({ kind, by }) => kind === 'secret' && by === 'context'),
    recall(98, 'personal data', ({ kind }) => kind === 'pii'),
    recall(99, 'JSON, nested, \\u, multipart, form, base64, chunked, HTTP/2, cut', ({ carrier }) =>
      STRICT.includes(carrier),
    ),
    recall(95, 'the other codings', ({ carrier }) => carrier !== 'raw' && !STRICT.includes(carrier)),
    clean(0.5, 'clean texts', ({ it }) => it.carrier === 'raw'),
    clean(0, 'clean texts in carriers', ({ it }) => it.carrier !== 'raw'),
  ];
}

const { judged, rules } = await judgeWith(JUDGED);
const withDefault = await judgeWith(ALL);
const families = byFamily(judged, rules);
const carriers = byCarrier(judged);
const kinds = falseAlarms(judged, (it) => it.family);
const alarms = falseAlarms(judged, (it) => it.carrier);
const missed = judged.filter(({ it, right }) => it.kind !== 'clean' && right.length === 0).map(({ it }) => it.id);
const wrong = judged
  .filter(({ wrong }) => wrong.length > 0)
  .map(({ it, wrong }) => ({ id: it.id, rules: wrong.map(({ ruleId }) => ruleId) }));
const all = recallOf(withDefault.judged, () => true);
const flaggedWithDefault = falseAlarms(withDefault.judged, () => 'clean')[0]!;

const machine = describeMachine();
const speed = options.quick ? undefined : await measureSpeed(loadPacks(ALL), validators);
const result: Result = {
  name: 'detection',
  question: 'What is found of what leaks, what is flagged that is harmless, and how fast?',
  method:
    `${judged.length} labelled cases in test/detection/cases, made by bench/detection/generate.ts: made-up values in the issuers' formats, in the forms in which they leave a host, ` +
    'and harmless values that look like them. Found: a finding lies on the value. Packs secrets and pii; the pack default looks for plain words by contract, ' +
    `and with it ${percent(all.recall)} are found and ${flaggedWithDefault.flagged} of ${flaggedWithDefault.cases} clean cases flagged. Times are with all three packs and all views, one core.`,
  machine,
  goals: [...goalsOf(judged), ...(speed === undefined ? [] : speedGoals(speed))],
  tables: [
    scoreTable('By family', 'family', families),
    scoreTable('By carrier', 'carrier', carriers),
    rateTable('False alarms by what it looks like', 'kind', kinds),
    rateTable('False alarms by carrier', 'carrier', alarms),
    ...(speed === undefined ? [] : speedTables(speed)),
  ],
  raw: { families, carriers, kinds, alarms, missed, wrong, speed },
};
if (options.json) console.log(JSON.stringify(result));
else {
  printResult(result);
  for (const id of missed) console.log(`missed   ${id}`);
  for (const { id, rules } of wrong) console.log(`wrong    ${id}: ${rules.join(', ')}`);
}
console.error(saveResult(result));
if (options.floors) writeFileSync(FLOORS_FILE, `${JSON.stringify(floorsOf(judged, rules), null, 2)}\n`);
