/**
 * Random literals in random text, cut at random, through every build of the engine, against the naive reference: all occurrences, the
 * leftmost-longest ones, and masks.
 *
 *   npm run fuzz:engine -- [--seconds 60] [--seed N]
 *
 * Ends with exit code 1 and the seed of the round at the first disagreement.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Automaton, type Literal, type Match } from '../../src/engine/automaton.js';
import { isSupported, loadEngine, VARIANTS } from '../../src/engine/wasm.js';
import { Bench, cut } from './harness.js';
import { naive, naiveLongest, seeded, sorted } from './reference.js';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: String(Date.now() % 1e9) } },
});

const ALPHABETS = ['ab', 'aAbB', 'abcd', 'etaoinshrdlu ', 'etaoinshrdluETAOIN0123456789-_ "\\{}:,', '\0\xff\x80a'];

function round(seed: number) {
  const random = seeded(seed);
  const upTo = (n: number) => Math.floor(random() * n);
  const letters = ALPHABETS[upTo(ALPHABETS.length)]!;
  const text = (length: number) => Uint8Array.from({ length }, () => letters.charCodeAt(upTo(letters.length)));
  const count = 1 + upTo([3, 12, 60, 400][upTo(4)]!);
  const shortest = 1 + upTo([2, 5, 14][upTo(3)]!);
  const spread = 1 + upTo([2, 8, 40][upTo(3)]!);
  const folded = [0, 0.3, 1][upTo(3)]!;
  const literals: Literal[] = Array.from({ length: count }, () => ({
    bytes: text(shortest + upTo(spread)),
    caseInsensitive: random() < folded,
  }));
  const haystack = text(upTo([40, 600, 9000][upTo(3)]!));
  for (let i = upTo(40); i > 0; i--) {
    const { bytes } = literals[upTo(count)]!;
    if (bytes.length <= haystack.length) haystack.set(bytes, upTo(haystack.length - bytes.length + 1));
  }
  const cuts = Array.from({ length: upTo([2, 20, 400][upTo(3)]!) }, () => upTo(haystack.length + 1));
  return { literals, haystack, cuts };
}

function streamed(automaton: Automaton, chunks: readonly Uint8Array[]): Match[] {
  const stream = automaton.stream();
  return chunks.flatMap((chunk) => stream.push(chunk)).concat(stream.end());
}

function masked(text: Uint8Array, matches: readonly Match[]): Uint8Array {
  const copy = text.slice();
  for (const { start, end } of matches) copy.fill(0x2a, start, end);
  return copy;
}

function difference(found: readonly Match[], expected: readonly Match[]): string | undefined {
  const key = ({ pattern, start, end }: Match) => `${pattern}@${start}-${end}`;
  const [a, b] = [found.map(key), expected.map(key)];
  const at = b.findIndex((match, i) => match !== a[i]);
  if (at < 0 && a.length === b.length) return undefined;
  return `${a.length} matches instead of ${b.length}; first difference: ${a[at < 0 ? b.length : at]} instead of ${b[at]}`;
}

// Node 20 has relaxed vectors only behind a flag.
if (!isSupported('relaxed')) setFlagsFromString('--experimental-wasm-relaxed-simd');
const builds = [];
for (const variant of VARIANTS.filter(isSupported)) {
  const engine = await loadEngine(variant);
  builds.push({ variant, engine, bench: new Bench(engine) });
}

const end = Date.now() + Number(values.seconds) * 1000;
const first = Number(values.seed);
let seed = first;
let matches = 0;
for (; Date.now() < end; seed++) {
  const { literals, haystack, cuts } = round(seed);
  const expected = naive(literals, haystack);
  const longest = naiveLongest(literals, haystack);
  const chunks = cut(haystack, cuts);
  matches += expected.length;
  for (const { variant, engine, bench } of builds) {
    const automaton = Automaton.compile(engine, literals);
    const again = Automaton.fromBytes(engine, automaton.toBytes(), { matchKind: 'leftmost-longest' });
    engine.flowRelease(bench.flows, 0);
    const wrong =
      difference(automaton.findAll(haystack), expected) ??
      difference(bench.stream(automaton, chunks), expected) ??
      difference(sorted(streamed(automaton, chunks)), expected) ??
      difference(again.findAll(haystack), longest) ??
      difference(streamed(again, chunks), longest) ??
      (Buffer.compare(again.mask(haystack), masked(haystack, expected)) === 0 ? undefined : 'masked otherwise');
    if (wrong !== undefined) {
      console.error(`seed ${seed}, ${variant}: ${wrong}`);
      process.exit(1);
    }
    again.free();
    automaton.free();
  }
}
const names = builds.map(({ variant }) => variant).join(', ');
console.log(
  `${seed - first} rounds from seed ${first}, ${matches} matches, no disagreement between the reference and ${names}`,
);
