/**
 * A second labelled set, written without the rules at hand: what issuers document, in the ways in which programs and people write it, and
 * harmless texts that look like it. Not kept: every seed makes another.
 *
 *   node --import ./scripts/typescript.mjs bench/detection/blind.ts [--seed TEXT] [--missed] [--only WORD] [--clean]
 *       --missed: lists what is not found, by issuer and by writing; --only: of these issuers; --clean: only harmless texts
 */
import { parseArgs } from 'node:util';
import { createScanner } from '@spectral/core';
import { loadPacks, validators } from '@spectral/rules';
import { HARMLESS } from './blind/harmless.js';
import { NAMED } from './blind/named.js';
import { PEOPLE } from './blind/people.js';
import { SHAPED } from './blind/shapes.js';
import { BARE_WRITINGS, NAMED_WRITINGS, namesOf } from './blind/writings.js';
import { findingsOf } from './judge.js';
import { Random } from './random.js';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    missed: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    clean: { type: 'boolean', default: false },
  },
});

interface Score {
  cases: number;
  found: number;
  /** The finding covers the value and nothing else. */
  exact: number;
  /** Its rule names the issuer. */
  named: number;
}

const scanner = await createScanner(loadPacks(['secrets', 'pii']), { validators });
const encoder = new TextEncoder();
const findings = (text: string) => findingsOf(scanner, [encoder.encode(text)]);
const percent = (part: number, all: number) => `${((100 * part) / Math.max(all, 1)).toFixed(2)} %`;

const scores = new Map<string, Score>();
const missed: { group: string; vendor: string; writing: string; text: string }[] = [];
const misnamed = new Map<string, number>();

function judge(group: string, vendor: string, writing: string, text: string, value: string): void {
  const score = scores.get(group) ?? { cases: 0, found: 0, exact: 0, named: 0 };
  scores.set(group, score);
  score.cases++;
  const escaped = text.includes(value) ? value : encodeURIComponent(value);
  const at = text.indexOf(escaped);
  const start = encoder.encode(text.slice(0, at)).length;
  const end = start + encoder.encode(escaped).length;
  const hits = findings(text).filter((finding) => finding.start < end && finding.end > start);
  if (hits.length === 0) {
    missed.push({ group, vendor, writing, text });
    return;
  }
  score.found++;
  if (hits.some((hit) => hit.start === start && hit.end === end)) score.exact++;
  if (hits.some(({ ruleId }) => new RegExp(vendor).test(ruleId))) score.named++;
  else {
    const key = `${vendor} → ${[...new Set(hits.map(({ ruleId }) => ruleId))].join(' ')}`;
    misnamed.set(key, (misnamed.get(key) ?? 0) + 1);
  }
}

function rowsOf(table: string): { vendor: string; name: string; template: string }[] {
  return table
    .split('\n')
    .map((line) => /^(\S+)\s+(\S+)\s+(.*\S)/.exec(line))
    .filter((row) => row !== null && row[1]!.includes(options.only))
    .map((row) => ({ vendor: row![1]!, name: row![2]!, template: row![3]!.replaceAll('\\n', '\n') }));
}

function secrets(group: string, table: string, writings: typeof BARE_WRITINGS): void {
  for (const { vendor, name, template } of rowsOf(table)) {
    const random = new Random(`${options.seed}/${group}/${name}/${template}`);
    for (const [writing, write] of Object.entries(writings)) {
      const value = random.fill(template);
      judge(group, vendor, writing, write(namesOf(name), value), value);
    }
  }
}

if (!options.clean) {
  secrets('shape, bare', SHAPED, BARE_WRITINGS);
  secrets('shape, named', SHAPED, NAMED_WRITINGS);
  secrets('context', NAMED, NAMED_WRITINGS);
  for (const [kind, { make, around }] of Object.entries(PEOPLE)) {
    if (!kind.includes(options.only)) continue;
    const random = new Random(`${options.seed}/${kind}`);
    for (const writing of around) {
      for (let n = 0; n < 4; n++) {
        const value = make(random);
        judge('personal data', kind.split(',')[0]!, writing, writing.replace('§', value), value);
      }
    }
  }
  console.log('group, cases, found, exactly, with its name');
  for (const [group, { cases, found, exact, named }] of scores) {
    console.log(
      `${group.padEnd(16)} ${String(cases).padStart(6)}  ${percent(found, cases).padStart(9)}  ${percent(exact, cases).padStart(9)}  ${percent(named, cases).padStart(9)}`,
    );
  }
}

if (options.only === '') {
  let texts = 0;
  const flagged: string[] = [];
  for (const [kind, make] of Object.entries(HARMLESS)) {
    const random = new Random(`${options.seed}/harmless/${kind}`);
    for (let n = 0; n < 40; n++) {
      const text = make(random);
      texts++;
      const hits = findings(text);
      if (hits.length > 0) {
        const [hit] = hits;
        const bytes = Buffer.from(text);
        const from = Math.max(0, hit!.start - 40);
        const excerpt = bytes.subarray(from, hit!.end + 20).toString();
        flagged.push(`${kind}: ${hits.map(({ ruleId }) => ruleId).join(' ')}: ${JSON.stringify(excerpt)}`);
      }
    }
  }
  console.log(`harmless texts: ${texts}, flagged ${flagged.length} = ${percent(flagged.length, texts)}`);
  for (const line of flagged) console.log(`  ${line}`);
}

if (options.missed) {
  const table = (title: string, keyOf: (it: (typeof missed)[number]) => string) => {
    console.log(`\nmissed, by ${title}`);
    const counts = new Map<string, string[]>();
    for (const it of missed) counts.set(keyOf(it), [...(counts.get(keyOf(it)) ?? []), it.text]);
    for (const [key, texts] of [...counts].sort((a, b) => b[1].length - a[1].length)) {
      console.log(`${String(texts.length).padStart(5)}  ${key}  ${JSON.stringify(texts[0]).slice(0, 150)}`);
    }
  };
  table('issuer', ({ group, vendor }) => `${group}: ${vendor}`);
  table('writing', ({ group, writing }) => `${group}: ${writing}`);
  console.log('\nfound under another name');
  for (const [key, count] of [...misnamed].sort((a, b) => b[1] - a[1]).slice(0, 150))
    console.log(`${String(count).padStart(5)}  ${key}`);
}
scanner.close();
