/** Writes test/detection/cases/*.jsonl. The same program writes the same bytes: node --import ./scripts/typescript.mjs bench/detection/generate.ts */
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Case, makeCases } from './cases.js';
import { CASES_FOLDER } from './load.js';

export const linesOf = (cases: readonly Case[]) => cases.map((it) => `${JSON.stringify(it)}\n`).join('');

if (process.argv[1] === import.meta.filename) {
  mkdirSync(CASES_FOLDER, { recursive: true });
  for (const [name, cases] of Object.entries(makeCases()))
    writeFileSync(`${CASES_FOLDER}${name}.jsonl`, linesOf(cases));
}
