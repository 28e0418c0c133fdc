import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Case } from './cases.js';

export const CASES_FOLDER = fileURLToPath(new URL('../../test/detection/cases/', import.meta.url));
export const FLOORS_FILE = fileURLToPath(new URL('../../test/detection/floors.json', import.meta.url));

/** The labelled set as it lies in the tree. */
export function loadCases(): Case[] {
  return readdirSync(CASES_FOLDER)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .flatMap((file) =>
      readFileSync(CASES_FOLDER + file, 'utf8')
        .split('\n')
        .filter(Boolean),
    )
    .map((line) => JSON.parse(line) as Case);
}

export const bytesOf = ({ text, base64 }: Case): Buffer =>
  text === undefined ? Buffer.from(base64!, 'base64') : Buffer.from(text);

/** The bytes as they arrive. */
export function piecesOf(it: Case): Buffer[] {
  const bytes = bytesOf(it);
  if (it.cuts === undefined) return [bytes];
  const ends = it.cuts === 'every byte' ? [...bytes.keys()].slice(1) : it.cuts;
  return [...ends, bytes.length].map((end, i, all) => bytes.subarray(i === 0 ? 0 : all[i - 1]!, end));
}
