import { describe, expect, it } from 'vitest';
import { Automaton, type Literal, type Match } from '../../src/engine/automaton.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { Bench, cut } from './harness.js';
import { lookedUp, naive, RUNNABLE, seeded, sorted } from './reference.js';

/** Sets and texts large enough that every prefilter, its blocks and its tables come into play. */
const random = seeded(11);
const pick = (text: string) => text.charCodeAt(Math.floor(random() * text.length));
const LETTERS = 'eeeeeettttaaaooiinnsshhrrddlucmfw ';
const noise = (length: number) => Uint8Array.from({ length }, () => pick(LETTERS));

function setOf(count: number, shortest: number, longest: number) {
  return Array.from({ length: count }, () => ({
    bytes: Uint8Array.from({ length: shortest + Math.floor(random() * (longest - shortest + 1)) }, () =>
      pick(`${LETTERS}EX-_`),
    ),
    caseInsensitive: random() < 0.2,
  }));
}

/** Sets for every size of a sampler's map: 64 KiB, 256 KiB, 512 KiB, 1 MiB, 4 MiB; with and without literals in either case. */
const HUGE = [100, 600, 5000, 12_000, 45_000].flatMap((count) =>
  [false, true].map((folds) => {
    const literals: Literal[] = Array.from({ length: count }, (_, i) => ({
      bytes: Uint8Array.from({ length: 9 + Math.floor(random() * 12) }, () => pick(LETTERS)),
      caseInsensitive: folds && i % 50 === 0,
    }));
    const haystack = noise(3000);
    for (let at = 0; at < haystack.length; at += 20) {
      const { bytes, caseInsensitive } = literals[Math.floor((random() * count) / 50) * (at % 40 ? 50 : 1)]!;
      haystack.set(caseInsensitive ? bytes.map((byte) => (byte > 96 ? byte - 32 : byte)) : bytes, at);
    }
    return { name: `${count} literals${folds ? ', some in either case' : ''}`, literals, haystack };
  }),
);
const expectedOf = new Map<readonly Literal[], Match[]>();

describe.each(RUNNABLE)('%s engine on larger sets', async (variant) => {
  const engine = await loadEngine(variant);

  it.each([
    ['one literal', 1, 6, 6],
    ['a few of all lengths', 20, 1, 12],
    ['short ones', 60, 3, 5],
    ['many short ones', 300, 3, 7],
    ['hundreds of very short ones', 700, 2, 4],
    ['short and long ones', 200, 2, 30],
    ['long ones', 400, 12, 40],
    ['very long ones', 50, 60, 300],
  ])('%s', (_, count, shortest, longest) => {
    const literals = setOf(count, shortest, longest);
    const haystack = noise(20_000);
    for (let i = 0; i < 300; i++) {
      const { bytes } = literals[Math.floor(random() * count)]!;
      haystack.set(bytes, Math.floor(random() * (haystack.length - bytes.length)));
    }
    haystack.set(literals[0]!.bytes, 0);
    haystack.set(literals[0]!.bytes, haystack.length - literals[0]!.bytes.length);
    const expected = naive(literals, haystack);
    expect(expected.length).toBeGreaterThan(20);
    const automaton = Automaton.compile(engine, literals);
    const bench = new Bench(engine);
    expect(automaton.findAll(haystack)).toEqual(expected);
    for (const size of [17, 64, 512, 4096, 10_000]) {
      engine.flowRelease(bench.flows, 0);
      const chunks = cut(
        haystack,
        Array.from({ length: Math.ceil(haystack.length / size) }, (_, i) => i * size),
      );
      expect(bench.stream(automaton, chunks)).toEqual(expected);
    }
    bench.free();
    automaton.free();
  });

  it.each(HUGE)('$name', ({ literals, haystack }) => {
    const expected = expectedOf.get(literals) ?? lookedUp(literals, haystack);
    expectedOf.set(literals, expected);
    expect(expected.length).toBeGreaterThanOrEqual(150);
    const automaton = Automaton.compile(engine, literals);
    const stream = automaton.stream();
    expect(automaton.findAll(haystack)).toEqual(expected);
    const parts = cut(
      haystack,
      Array.from({ length: 40 }, (_, i) => i * 77),
    );
    expect(sorted(parts.flatMap((part) => stream.push(part)))).toEqual(expected);
    automaton.free();
  });
});
