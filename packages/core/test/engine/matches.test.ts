import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Automaton, type Literal, type Match, type MatchKind } from '../../src/engine/automaton.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { Bench, cut } from './harness.js';
import { bytesOf, KINDS, naive, REFERENCE, RUNNABLE, seeded, sorted, vectors } from './reference.js';

/** Strings over an alphabet of 1 to 4 letters, so that overlaps and near misses are the rule. */
const alphabet = fc.constantFrom('a', 'ab', 'aB', 'abA', 'abc', 'aAbB', 'a\0ÿ', 'a@A`');
const setAndText = alphabet.chain((letters) => {
  const text = (minLength: number, maxLength: number) =>
    fc
      .array(fc.constantFrom(...letters), { minLength, maxLength })
      .map((all) => Uint8Array.from(all, (c) => c.charCodeAt(0)));
  return fc.record({
    literals: fc.array(fc.record({ bytes: text(1, 9), caseInsensitive: fc.boolean() }), {
      minLength: 1,
      maxLength: 12,
    }),
    haystack: text(0, 300),
    cuts: fc.array(fc.nat(300), { maxLength: 12 }),
  });
});

describe('the naive reference', () => {
  it.each(vectors())('$name', ({ literals, matchKind, haystack, matches }) => {
    expect(REFERENCE[matchKind](literals, haystack)).toEqual(matches);
  });
});

describe.each(RUNNABLE)('%s engine', async (variant) => {
  const engine = await loadEngine(variant);

  const withAutomaton = <T>(literals: Literal[], matchKind: MatchKind, use: (automaton: Automaton) => T): T => {
    const automaton = Automaton.compile(engine, literals, { matchKind });
    try {
      return use(automaton);
    } finally {
      automaton.free();
    }
  };
  const findAll = (literals: Literal[], haystack: Uint8Array, matchKind: MatchKind = 'all') =>
    withAutomaton(literals, matchKind, (automaton) => automaton.findAll(haystack));

  it.each(vectors())('$name', ({ literals, matchKind, haystack, matches }) => {
    expect(findAll(literals, haystack, matchKind)).toEqual(matches);
  });

  describe.each(KINDS)('%s matches', (matchKind) => {
    const reference = REFERENCE[matchKind];

    it('agree with the reference on random sets', () => {
      fc.assert(
        fc.property(setAndText, ({ literals, haystack }) => {
          expect(findAll(literals, haystack, matchKind)).toEqual(reference(literals, haystack));
        }),
        { seed: 1, numRuns: 500 },
      );
    });

    it('are the same in a stream, however it is cut', () => {
      fc.assert(
        fc.property(setAndText, fc.boolean(), ({ literals, haystack, cuts }, everyByte) => {
          const places = everyByte ? Array.from(haystack, (_, i) => i) : cuts;
          withAutomaton(literals, matchKind, (automaton) => {
            const stream = automaton.stream();
            // Again with the same stream: `end` leaves it as new.
            for (let round = 0; round < 2; round++) {
              const found: Match[] = [];
              for (const chunk of cut(haystack, places)) found.push(...stream.push(chunk));
              found.push(...stream.end());
              expect(matchKind === 'all' ? sorted(found) : found).toEqual(reference(literals, haystack));
            }
          });
        }),
        { seed: 2, numRuns: 500 },
      );
    });
  });

  it('holds a match only as long as a longer one may come', () => {
    const literals = ['ab', 'abcdef', 'bc'].map((text) => ({ bytes: bytesOf(text) }));
    withAutomaton(literals, 'leftmost-longest', (automaton) => {
      const stream = automaton.stream();
      const push = (text: string) => stream.push(bytesOf(text)).map(({ pattern, start, end }) => [pattern, start, end]);
      expect(push('xab')).toEqual([]);
      expect(push('cde')).toEqual([]);
      expect(push('x')).toEqual([[0, 1, 3]]);
      expect(push('bcx')).toEqual([[2, 7, 9]]);
      expect(push('abcdefab')).toEqual([[1, 10, 16]]);
      expect(stream.end()).toEqual([{ pattern: 0, start: 16, end: 18 }]);
    });
  });

  it('takes out what cannot be reported before it is too much', () => {
    const literals = Array.from({ length: 40 }, (_, i) => ({ bytes: new Uint8Array(i + 1).fill(0x61) }));
    const haystack = new Uint8Array(5000).fill(0x61);
    expect(findAll(literals, haystack, 'leftmost-longest')).toEqual(
      Array.from({ length: 125 }, (_, i) => ({ pattern: 39, start: 40 * i, end: 40 * i + 40 })),
    );
  });

  it('masks every occurrence', () => {
    fc.assert(
      fc.property(setAndText, ({ literals, haystack }) => {
        const expected = haystack.slice();
        for (const { start, end } of naive(literals, haystack)) expected.fill(0x2a, start, end);
        const before = haystack.slice();
        withAutomaton(literals, 'all', (automaton) => expect(automaton.mask(haystack)).toEqual(expected));
        expect(haystack).toEqual(before);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('masks spans in place, joined and in order, whatever they are', () => {
    const text = engine.alloc(64);
    const list = engine.alloc(8 * 40);
    const bound = fc.integer({ min: -70, max: 130 });
    fc.assert(
      fc.property(fc.array(fc.tuple(bound, bound), { maxLength: 40 }), fc.nat(64), (spans, length) => {
        const expected = new Uint8Array(64);
        for (const [start, end] of spans) {
          for (let i = Math.max(start, 0); i < Math.min(end, length); i++) expected[i] = 0x23;
        }
        const bytes = new Uint8Array(engine.memory.buffer, text, 64).fill(0);
        const words = new Int32Array(engine.memory.buffer, list, 80);
        words.set(spans.flat());
        const joined = engine.maskSpans(text, length, list, spans.length, 0x23);
        expect(bytes).toEqual(expected);
        const again = new Uint8Array(64);
        let behind = -1;
        for (let i = 0; i < joined; i++) {
          const [start, end] = words.subarray(2 * i);
          expect(start).toBeGreaterThan(behind);
          behind = end!;
          again.fill(0x23, start, end);
        }
        expect(again).toEqual(expected);
      }),
      { seed: 4, numRuns: 2000 },
    );
    engine.release(text);
    engine.release(list);
  });

  it('finds the same in the records of a flow, however they are cut', () => {
    const bench = new Bench(engine);
    fc.assert(
      fc.property(setAndText, fc.boolean(), ({ literals, haystack, cuts }, everyByte) => {
        const automaton = Automaton.compile(engine, literals);
        const places = everyByte ? Array.from(haystack, (_, i) => i) : cuts;
        engine.flowRelease(bench.flows, 0);
        expect(bench.stream(automaton, cut(haystack, places))).toEqual(naive(literals, haystack));
        automaton.free();
      }),
      { seed: 2, numRuns: 500 },
    );
    bench.free();
  });

  it('keeps interleaved flows apart', () => {
    const bench = new Bench(engine);
    const literals = ['needle', 'abab'].map((text) => ({ bytes: bytesOf(text) }));
    const automaton = Automaton.compile(engine, literals);
    const texts = ['a needle, ababab', 'no need', 'le of it; needle'].map(bytesOf);
    const found = new Map<number, unknown[]>();
    for (let i = 0; i < 16; i++) {
      const live = texts
        .map((text, slot) => ({ slot, part: text.subarray(i, i + 1) }))
        .filter(({ part }) => part.length > 0);
      live.forEach(({ slot, part }, row) => {
        bench.put(row, slot, part);
      });
      for (const [slot, matches] of bench.run(automaton, live.length)) {
        found.set(slot, [...(found.get(slot) ?? []), ...matches]);
      }
    }
    for (const [slot, text] of texts.entries()) expect(found.get(slot) ?? []).toEqual(naive(literals, text));
    automaton.free();
    bench.free();
  });

  it('reports more hits than fit into one answer', () => {
    const literals = ['a', 'aa', 'aaa', 'A', 'a'].map((text, i) => ({
      bytes: bytesOf(text),
      caseInsensitive: i === 3,
    }));
    const haystack = new Uint8Array(3000).fill(0x61);
    const automaton = Automaton.compile(engine, literals);
    const expected = naive(literals, haystack);
    expect(automaton.findAll(haystack)).toEqual(expected);
    const bench = new Bench(engine);
    expect(bench.stream(automaton, cut(haystack, [1, 2, 1500]))).toEqual(expected);
    bench.free();
    automaton.free();
  });

  it('takes literals of up to 4,096 bytes, cut anywhere', () => {
    const random = seeded(3);
    const long = Uint8Array.from({ length: 4096 }, () => 97 + Math.floor(random() * 2));
    const literals = [
      { bytes: long },
      { bytes: long.subarray(1) },
      { bytes: long.subarray(0, 4095) },
      { bytes: long.subarray(2000, 2100) },
    ];
    const haystack = new Uint8Array(9000).fill(0x61);
    haystack.set(long, 700);
    haystack.set(long, 4850);
    const expected = naive(literals, haystack);
    expect(expected.length).toBeGreaterThanOrEqual(8);
    const automaton = Automaton.compile(engine, literals);
    expect(automaton.maxLength).toBe(4096);
    const bench = new Bench(engine);
    expect(automaton.findAll(haystack)).toEqual(expected);
    expect(bench.stream(automaton, cut(haystack, [1, 701, 800, 4850, 4851, 8945]))).toEqual(expected);
    bench.free();
    automaton.free();
  });

  it('knows the longest literal prefix that the text ends with', () => {
    const literals = ['abcd', 'bcx', 'CDE'].map((text, i) => ({ bytes: bytesOf(text), caseInsensitive: i === 2 }));
    const automaton = Automaton.compile(engine, literals);
    const bench = new Bench(engine);
    const depthAfter = (text: string) => {
      engine.flowRelease(bench.flows, 0);
      bench.stream(automaton, [bytesOf(text)]);
      return engine.depth(automaton.handle, bench.slot(0).state);
    };
    expect(['', 'a', 'ab', 'abc', 'abcd', 'abce', 'xbc', 'xCd', 'abx'].map(depthAfter)).toEqual([
      0, 1, 2, 3, 2, 0, 2, 2, 0,
    ]);
    expect(engine.depth(automaton.handle, 0xffffffff)).toBe(0);
    bench.free();
    automaton.free();
  });
});
