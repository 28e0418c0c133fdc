import { describe, expect, it } from 'vitest';
import { Automaton, type Literal, type Match } from '../../src/engine/automaton.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { Bench, cut } from './harness.js';
import { lookedUp, RUNNABLE, seeded, sorted } from './reference.js';

/** Sets of so many short literals, with longer ones among them, that one map is asked about all of them (assembly/map.ts). */
const random = seeded(5);
const upTo = (n: number) => Math.floor(random() * n);
const LETTERS = 'etaoinshrdluETAOIN0123456789-_ "\\{}:,\x00\x80\xe4\xff@`[';

/** So many bytes of memory follow each that the engine gives out (assembly/heap.ts). */
const SLACK = 64;

interface Sample {
  readonly literals: readonly Literal[];
  readonly haystack: Uint8Array;
  readonly expected: readonly Match[];
}

/** `lengths`: how many literals of each. */
function sample(lengths: Readonly<Record<number, number>>, folded: number): Sample {
  const text = (length: number) => Uint8Array.from({ length }, () => LETTERS.charCodeAt(upTo(LETTERS.length)));
  const literals = Object.entries(lengths).flatMap(([length, count]) =>
    Array.from({ length: count }, () => ({ bytes: text(Number(length)), caseInsensitive: random() < folded })),
  );
  const haystack = text(9000);
  for (let i = 0; i < 600; i++) {
    const { bytes } = literals[upTo(literals.length)]!;
    haystack.set(bytes, upTo(haystack.length - bytes.length + 1));
  }
  return { literals, haystack, expected: lookedUp(literals, haystack) };
}

const SAMPLES: Record<string, Sample> = {
  'of two and three bytes': sample({ 2: 12, 3: 400 }, 0.5),
  'of two to four bytes, in their case': sample({ 2: 10, 3: 300, 4: 500 }, 0),
  'of two to four bytes, in either case': sample({ 2: 10, 3: 300, 4: 500 }, 1),
  'of all lengths': sample(
    { 2: 8, 3: 250, 4: 700, 5: 100, 8: 100, 9: 50, 16: 50, 17: 50, 40: 20, 64: 20, 90: 20 },
    0.7,
  ),
  'and more than a thousand of four bytes': sample({ 2: 4, 3: 50, 4: 1500, 7: 50 }, 0.3),
  'and ten thousand of four bytes': sample({ 2: 1, 3: 5, 4: 9990 }, 0.1),
};

describe.each(RUNNABLE)('%s engine with short literals', async (variant) => {
  const engine = await loadEngine(variant);

  it.each([20, 300])('reads nothing beyond the end of memory, with %i of them', async (count) => {
    const fresh = await loadEngine(variant);
    const short = Array.from({ length: count }, (_, i) => `${String.fromCharCode(65 + (i % 26), 65 + i / 26)}~`);
    const texts = ['q'.repeat(64), ...short].map((text) => ({ bytes: Buffer.from(text) }));
    const automaton = Automaton.compile(fresh, texts);
    const first = fresh.alloc(4 << 20);
    const length = fresh.memory.buffer.byteLength - first - SLACK;
    fresh.release(first);
    const pointer = fresh.alloc(length);
    expect(pointer + length + SLACK).toBe(fresh.memory.buffer.byteLength);
    const bytes = new Uint8Array(fresh.memory.buffer);
    bytes.fill(0x2e, pointer, pointer + length);
    bytes.fill(0x71, pointer + length);
    for (let from = length - 600; from < length - 560; from++) {
      expect(fresh.scanBegin(automaton.handle, 0, pointer + from, length - from)).toBe(0);
    }
  });

  describe.each(Object.entries(SAMPLES))('%s', (_, { literals, haystack, expected }) => {
    it('finds all occurrences', () => {
      const automaton = Automaton.compile(engine, literals);
      expect(automaton.findAll(haystack)).toEqual(expected);
      automaton.free();
    });

    it('finds them however the text is cut', () => {
      const automaton = Automaton.compile(engine, literals);
      const bench = new Bench(engine);
      for (const size of [1, 3, 16, 250, 1021, 4096]) {
        engine.flowRelease(bench.flows, 0);
        const places = Array.from({ length: Math.ceil(haystack.length / size) }, (_, i) => i * size + upTo(3));
        expect(bench.stream(automaton, cut(haystack, places))).toEqual(expected);
      }
      bench.free();
      automaton.free();
    });

    it('finds what stands at the very end, and nothing that only begins there', () => {
      const automaton = Automaton.compile(engine, literals);
      const pointer = engine.alloc(1024);
      const status = engine.statusPointer() >>> 2;
      for (let round = 0; round < 40; round++) {
        const length = 400 + upTo(40);
        const from = upTo(haystack.length - 600);
        const text = haystack.slice(from, from + 600);
        // One literal ends with the text, or reaches over its end by some bytes.
        const { bytes } = literals[upTo(literals.length)]!;
        text.set(bytes, length - bytes.length + (round % 2 ? 1 + upTo(bytes.length) : 0));
        new Uint8Array(engine.memory.buffer).set(text, pointer);
        const found: Match[] = [];
        let count = engine.scanBegin(automaton.handle, 0, pointer, length);
        for (;;) {
          const words = new Uint32Array(engine.memory.buffer);
          const hits = engine.hitsPointer() >>> 2;
          for (let i = 0; i < count; i++) {
            const [pattern, end] = [words[hits + 2 * i]!, words[hits + 2 * i + 1]!];
            found.push({ pattern, start: end - automaton.lengths[pattern]!, end });
          }
          if (words[status + 2] === 0) break;
          count = engine.scanOn();
        }
        expect(sorted(found)).toEqual(lookedUp(literals, text.subarray(0, length)));
      }
      engine.release(pointer);
      automaton.free();
    });
  });
});
