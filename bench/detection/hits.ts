/**
 * What costs time in ordinary text: how often the literals and anchors of the packs stand in it, and how many rules each calls.
 *
 *   node --import ./scripts/typescript.mjs bench/detection/hits.ts [MEGABYTES] [ROWS]
 *
 * Counted in request bodies as they are, without views.
 */
import { fileURLToPath } from 'node:url';
import { loadPacks } from '@spectral/rules';
import { Hits } from '../../packages/core/src/detect/hits.js';
import { loadEngine } from '../../packages/core/src/engine/wasm.js';
import { CompiledPolicy } from '../../packages/core/src/policy/compiled.js';
import { literalsOf } from '../../packages/core/src/policy/types.js';
import { ANY_SIDES } from '../../packages/core/src/regex/side.js';
import { EngineMemory } from '../../packages/core/src/sensor/memory.js';
import { makeCorpus } from '../engine/corpus.js';

const PIECE = 16 << 10;
const KINDS: Readonly<Record<string, number>> = { digits: 1, at: 2, iban: 4, dots: 8, colons: 16 };

const megabytes = Number(process.argv[2] ?? 8);
const rows = Number(process.argv[3] ?? 60);
const corpus = makeCorpus(fileURLToPath(new URL('../../node_modules', import.meta.url)), megabytes << 20);
const engine = await loadEngine();
const memory = new EngineMemory(engine);
const policy = new CompiledPolicy(engine, loadPacks(['secrets', 'pii']));
const texts = policy.rules.flatMap((rule) =>
  literalsOf(rule).map((text) => (rule.ignoreCase ? `${text.toLowerCase()} (i)` : text)),
);
const anchored = new Map<number, number[]>();
policy.rules.forEach(({ anchor }, rule) => {
  if (anchor !== undefined) anchored.set(KINDS[anchor]!, [...(anchored.get(KINDS[anchor]!) ?? []), rule]);
});
/** Of each literal its own place as the only "rule", so that it can be counted. */
const hits = new Hits(
  engine,
  memory,
  texts.map((_, literal) => [literal]),
  new Map([...anchored.keys()].map((kind) => [kind, [-kind]])),
);
const kinds = [...anchored.keys()].reduce((all, kind) => all | kind, 0);
const room = engine.alloc(PIECE);
const byText = new Map<string, { hits: number; rules: Set<string> }>();
const byRule = new Map<string, number>();
const places = new Set<number>();
const add = (text: string, rules: readonly number[]) => {
  const entry = byText.get(text) ?? { hits: 0, rules: new Set() };
  byText.set(text, entry);
  entry.hits++;
  for (const rule of rules) {
    const { id } = policy.rules[rule]!;
    entry.rules.add(id);
    byRule.set(id, (byRule.get(id) ?? 0) + 1);
  }
};

/** Whatever stands beside a literal: here it counts how often it occurs. */
const sides = new Uint8Array(texts.length).fill(ANY_SIDES);

let state = 0;
for (let at = 0; at < corpus.length; at += PIECE) {
  const piece = corpus.subarray(at, at + PIECE);
  memory.bytes.set(piece, room);
  hits.clear();
  state = hits.literals(policy.handle, state, room, piece.length, 0, policy, sides);
  hits.anchors(kinds, room, 0, piece.length, 0, true);
  hits.sort();
  for (let i = 0; i < hits.count; i++) {
    places.add(at + hits.start(i));
    const [source] = hits.rules(i);
    if (source! >= 0) add(texts[source!]!, [policy.literalOwner[source!]!]);
    else {
      const name = Object.keys(KINDS).find((key) => KINDS[key] === -source!)!;
      add(`<${name}>`, anchored.get(-source!)!);
    }
  }
}

const size = corpus.length / 1e6;
const calls = [...byRule.values()].reduce((sum, n) => sum + n, 0);
console.log(
  `${size.toFixed(1)} MB, per MB: ${(places.size / size).toFixed(0)} places, ${(calls / size).toFixed(0)} rules called`,
);
const table = (title: string, entries: [string, number, string][]) => {
  console.log(`\n${title}`);
  for (const [name, n, note] of entries.sort((a, b) => b[1] - a[1]).slice(0, rows))
    console.log(`${(n / size).toFixed(1).padStart(9)}  ${name.padEnd(28)} ${note}`);
};
table(
  'rules called per MB, by literal or anchor',
  [...byText].map(([text, { hits, rules }]): [string, number, string] => [
    JSON.stringify(text),
    text.startsWith('<') ? hits * rules.size : hits,
    `${rules.size} rules: ${[...rules].slice(0, 4).join(' ')}`,
  ]),
);
table(
  'calls per MB, by rule',
  [...byRule].map(([id, n]) => [id, n, '']),
);
