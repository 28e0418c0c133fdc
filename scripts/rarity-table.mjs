// Counts pairs of characters in this checkout's dependencies (prose, code, JSON) and writes the model that `rarity` reads.
// usage: node scripts/rarity-table.mjs
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const TEXT = /\.(md|json|js|mjs|ts|c|cc|h|hpp|py|ya?ml|html|css)$/;
/** Neither written by people (minified, maps, locks) nor words (tables of data). */
const SKIPPED = /\.min\.|\.map$|-lock|lock\.json|shrinkwrap|\/(dist|vendor|data|tables?|fixtures|generated|unicode)\//i;
const BIGGEST = 200_000;
const MOST = 24_000_000;
/** Tokens beyond this are data, not names. */
const LONGEST_TOKEN = 48;

const CLASSES = 32;
const DIGIT = 26;
const OTHER = 31;
const SCALE = 5;
const FIRST = 40;

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (
      entry.isFile() &&
      TEXT.test(path) &&
      !SKIPPED.test(path.slice(root.length)) &&
      statSync(path).size < BIGGEST
    )
      yield path;
  }
}

const classOf = (code) => {
  if (code >= 97 && code <= 122) return code - 97;
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 48 && code <= 57) return DIGIT;
  const mark = '_-./'.indexOf(String.fromCharCode(code));
  return mark < 0 ? OTHER : DIGIT + 1 + mark;
};
const caseOf = (code) =>
  code >= 97 && code <= 122 ? 2 : code >= 65 && code <= 90 ? 3 : code >= 48 && code <= 57 ? 1 : 0;

const pairs = new Float64Array(CLASSES * CLASSES);
const cases = new Float64Array(32);
let read = 0;
const all = [...files(join(root, 'node_modules'))];
// Every so many files: a few large packages must not be the model.
const step = Math.max(1, Math.floor(all.length / 3000));
for (let i = 0; i < all.length && read < MOST; i += step) {
  const text = readFileSync(all[i], 'latin1').slice(0, 40_000);
  read += text.length;
  for (const token of text.match(/[A-Za-z0-9_\-./]+/g) ?? []) {
    if (token.length > LONGEST_TOKEN || token.length < 2) continue;
    let before = OTHER;
    let kinds = 0;
    for (let at = 0; at < token.length; at++) {
      const code = token.charCodeAt(at);
      const now = classOf(code);
      const kind = caseOf(code);
      pairs[before * CLASSES + now]++;
      if (kind >= 2) cases[kinds * 2 + kind - 2]++;
      before = now;
      kinds = ((kinds << 2) | kind) & 15;
    }
  }
}

/** Costs of each row's entries, every one counted once more than it occurs, as characters from `FIRST` on. */
function encode(counts, width) {
  let out = '';
  for (let row = 0; row < counts.length; row += width) {
    const sum = counts.subarray(row, row + width).reduce((a, b) => a + b, 0) + width;
    for (let i = row; i < row + width; i++) {
      const level = Math.min(Math.round(-Math.log2((counts[i] + 1) / sum) * SCALE), 85);
      // A backslash would need another one in the source.
      out += String.fromCharCode(FIRST + (FIRST + level === 92 ? level + 1 : level));
    }
  }
  return out;
}

const lines = (text) =>
  text
    .match(/.{1,96}/g)
    .map((line) => `  '${line}',`)
    .join('\n');
writeFileSync(
  join(root, 'packages/core/src/validate/rarity-table.ts'),
  `/* Made by scripts/rarity-table.mjs. */\n
/** [class before][class], 32 × 32. */\nexport const BIGRAM_BITS = [\n${lines(encode(pairs, CLASSES))}\n].join('');\n
/** [case two before, case before][small, capital], 16 × 2. */\nexport const CASE_BITS = '${encode(cases, 2)}';\n`,
);
console.log(`${read} bytes of ${all.length} files`);
