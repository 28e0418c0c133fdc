import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backtrack, mayBacktrack } from '../../src/regex/backtrack.js';
import { capture } from '../../src/regex/captures.js';
import { MATCH, Regex } from '../../src/regex/index.js';
import { parse } from '../../src/regex/parse.js';
import { compile } from '../../src/regex/program.js';
import { haystacks, patterns } from './random.js';

const DIALECT = {
  atoms: ['a', 'b', '1', '_', ' ', '[ab]', '[^a]', '.', '\\w', 'ab'],
  assertions: ['\\b', '\\B', '^', '$', '(?m:^)', '(?m:$)'],
  emptyLoops: true,
};

test('finds the groups that a simulation of all threads finds, whether it is known where the match begins or not', () => {
  const cases = fc.record({ pattern: patterns(DIALECT), text: haystacks('ab1_ \n', 20), from: fc.nat(3) });
  fc.assert(
    fc.property(cases, ({ pattern: { source }, text, from }) => {
      const bytes = new TextEncoder().encode(text);
      const regex = Regex.parse(source);
      if (regex.match(bytes, from, bytes.length, bytes.length, true, true) !== MATCH) return;
      const [begin, found] = [regex.spans[0]!, regex.spans[1]!];
      const program = compile(parse(source, false).tree);
      expect(mayBacktrack(program, bytes.length)).toBe(true);
      for (const [base, to] of [
        [begin, begin],
        [from, bytes.length],
      ] as const) {
        const [one, other] = [new Int32Array(regex.spans.length), new Int32Array(regex.spans.length)];
        backtrack(program, bytes, base, to, found, bytes.length, true, one);
        capture(program, bytes, base, to, found, bytes.length, true, other);
        expect([...one]).toEqual([...other]);
      }
    }),
    { numRuns: 3000 },
  );
});

test('tries each pair once: the work is linear in the text', () => {
  const program = compile(parse('(a|aa|aaa)*(a*)*b', false).tree);
  const spans = new Int32Array(6);
  const work = (length: number) => {
    const bytes = new TextEncoder().encode(`${'a'.repeat(length)}b`);
    return backtrack(program, bytes, 0, 0, bytes.length, bytes.length, true, spans);
  };
  expect(work(2000)).toBeLessThan(2.1 * work(1000));
  expect(mayBacktrack(program, 1 << 20)).toBe(false);
});

test('looks for no groups of a match that ends too early to be wanted', () => {
  const regex = Regex.parse('x*(ab+)c?');
  const bytes = new TextEncoder().encode('-xabbbc');
  const spansOf = (least: number) => {
    regex.spans.fill(-1);
    expect(regex.match(bytes, 0, bytes.length, bytes.length, true, true, least)).toBe(MATCH);
    return [...regex.spans];
  };
  expect(spansOf(7)).toEqual([1, 7, 2, 6]);
  expect(spansOf(8)).toEqual([1, 7, -1, -1]);
});
