import { describe, expect, it } from 'vitest';
import { Automaton } from '../../src/engine/automaton.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { Bench, cut } from './harness.js';
import { naive, RUNNABLE, seeded } from './reference.js';

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

describe.each(RUNNABLE)('%s engine on larger sets', async (variant) => {
  const engine = await loadEngine(variant);

  it.each([
    ['one literal', 1, 6, 6],
    ['a few of all lengths', 20, 1, 12],
    ['short ones', 60, 3, 5],
    ['many short ones', 300, 3, 7],
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
});
