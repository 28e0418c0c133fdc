/**
 * Writes assembly/common.ts: which grams of four bytes are common in what is sent to AI APIs, from the benchmark's corpus.
 *
 *   node --import ./scripts/typescript.mjs bench/engine/common.ts
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCorpus } from './corpus.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const BITS = 13;
/** Low half of what assembly/grams.ts multiplies grams by. */
const GOLDEN = 0x7f4a7c15;
const LETTERS = 0x20202020;
/** Level n stands for a share of 2^(1.5 n - 19.5) of all positions; 0 for less than any. */
const LEVELS = 8;
const levelOf = (share: number) => Math.max(0, Math.min(LEVELS - 1, Math.round((Math.log2(share) + 19.5) / 1.5)));

const corpus = makeCorpus(join(root, 'node_modules'), 32 << 20);
const counts = new Map<number, number>();
for (let at = 0; at + 4 <= corpus.length; at++) {
  const gram = corpus.readUInt32LE(at) | LETTERS;
  counts.set(gram, (counts.get(gram) ?? 0) + 1);
}
const most = new Float64Array(1 << BITS);
for (const [gram, count] of counts) {
  const cell = Math.imul(gram, GOLDEN) >>> (32 - BITS);
  most[cell] = Math.max(most[cell]!, count);
}
/** From 0 to [, then from a on: what is between ends strings. */
const characterOf = (n: number) => String.fromCharCode(n < 44 ? 48 + n : 53 + n);
const levels = Array.from(most, (count) => levelOf(count / corpus.length));
const text = Array.from({ length: levels.length / 2 }, (_, i) =>
  characterOf(levels[2 * i]! + LEVELS * levels[2 * i + 1]!),
).join('');
const lines = text.match(/.{64}/g)!;

writeFileSync(
  join(root, 'assembly/common.ts'),
  `/**
 * Which grams of four bytes are common in what is sent to AI APIs, letters folded: what bytes that follow each other do not tell, such as
 * that \`with\` is a word. Written by bench/engine/common.ts.
 *
 * The hash of a gram picks one of ${1 << BITS} cells; it holds the level of the most common gram that has this hash. Level n stands for a
 * probability of 2^(1.5 n - 19.5), 0 for less than any. A character holds two cells, first + ${LEVELS} × second: from 0 to [ for
 * 0 … 43, from a on for more.
 */
const levels = \`
${lines.join('\n')}\`;
const BITS: u32 = ${BITS};
const LINE: u32 = 64;

/** Level of the gram of this hash, of 32 bits. */
export function levelOf(hash: u32): u32 {
  const cell = hash >> (32 - BITS);
  const character = cell >> 1;
  const code = <u32>load<u16>(changetype<usize>(levels) + ((<usize>(1 + character + character / LINE)) << 1));
  const both = code < 92 ? code - 48 : code - 53;
  return cell & 1 ? both >> 3 : both & 7;
}
`,
);
