/**
 * Writes assembly/frequency.ts: how likely one byte follows another in what is sent to AI APIs, from the benchmark's corpus.
 *
 *   node --import ./scripts/typescript.mjs bench/engine/frequency.ts
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCorpus } from './corpus.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SINGLE = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const GROUPS = ['0123456789', ' ', '"', '\\', '.', ',', '-_', '/:', '()[]{}<>', null, null, null];
const OTHER_PRINTABLE = 61;
const CONTROL = 62;
const HIGH = 63;

const classOf = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  const letter = SINGLE.indexOf(character);
  if (letter >= 0) return letter;
  const group = GROUPS.findIndex((all) => all?.includes(character));
  if (group >= 0) return 52 + group;
  return byte >= 128 ? HIGH : byte < 32 || byte === 127 ? CONTROL : OTHER_PRINTABLE;
});
const sizes = Array.from({ length: 64 }, (_, cls) => classOf.filter((c) => c === cls).length);

const corpus = makeCorpus(join(root, 'node_modules'), 32 << 20);
const single = new Float64Array(64).fill(1);
const double = Array.from({ length: 64 }, () => new Float64Array(64).fill(0.5));
for (let i = 1; i < corpus.length; i++) {
  const a = classOf[corpus[i - 1]!]!;
  const b = classOf[corpus[i]!]!;
  single[b]!++;
  double[a]![b]!++;
}
const sum = (all: Float64Array) => all.reduce((a, b) => a + b, 0);
/** Two steps to the bit, '0' for certain. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const rarity = (p: number) => DIGITS[Math.min(61, Math.max(0, Math.round(-2 * Math.log2(p))))];
const total = sum(single);
const lines = [
  Array.from(single, (n, cls) => rarity(n / total / sizes[cls]!)).join(''),
  ...double.map((row) => Array.from(row, (n, cls) => rarity(n / sum(row) / sizes[cls]!)).join('')),
];
const classes = classOf
  .map((cls) => String.fromCharCode(48 + cls))
  .join('')
  .replaceAll('\\', '\\\\');
writeFileSync(
  join(root, 'assembly/frequency.ts'),
  `/**
 * How rare bytes are in what is sent to AI APIs: JSON bodies of prose, code and several languages. Written by
 * bench/engine/frequency.ts.
 *
 * Bytes are in 64 classes: each letter by itself, digits, space, quote, backslash, full stop, comma, - and _, / and :,
 * brackets, other punctuation, controls, bytes beyond ASCII. A character stands for a probability: 0 for 1, and every next
 * one of 1 … 9, A … Z, a … z for half a bit less. First line: a byte by itself; then behind each of the classes.
 */
const classes = '${classes}';
const rarities = \`
${lines.join('\n')}\`;

/** Rarity of \`byte\` in half bits: 2^(-n / 2) is its probability. */
export function rarity(byte: u32): u32 {
  return unit(0, classOf(byte));
}

/** Rarity of \`byte\` behind \`before\`. */
export function rarityAfter(before: u32, byte: u32): u32 {
  return unit(1 + classOf(before), classOf(byte));
}

// @ts-ignore: decorator
@inline function classOf(byte: u32): u32 {
  return <u32>load<u16>(changetype<usize>(classes) + ((<usize>byte) << 1)) - 48;
}

function unit(line: u32, column: u32): u32 {
  const code = <u32>load<u16>(changetype<usize>(rarities) + ((<usize>(1 + line * 65 + column)) << 1));
  return code < 58 ? code - 48 : code < 91 ? code - 55 : code - 61;
}
`,
);
