import { describe, expect, test } from 'vitest';
import { MATCH, NO_MATCH, Regex } from '../../src/regex/index.js';
import { latin1, search } from './support.js';

/** Work of searching `text` once the states that it needs exist. */
function stepsFor(source: string, text: string): number {
  const regex = Regex.parse(source);
  search(regex, text);
  const before = regex.steps;
  search(regex, text);
  return regex.steps - before;
}

describe('work grows as the text does', () => {
  test.each([
    ['(a+)+$', 'a', 'b'],
    ['(a|aa)*b', 'a', ''],
    ['(a|a)*b', 'a', 'c'],
    ['(?:a*)*b', 'a', 'c'],
    ['(.*)(.*)(.*)(.*)(.*)x', 'ab', ''],
    ['(?:x+x+)+y', 'x', ''],
    ['[a-z]*[a-z]*[a-z]*@', 'a', ''],
    ['(a?){20}a{20}b', 'a', ''],
    ['(\\w+\\s?)+$', 'ab ', '!'],
    ['a.*?b.*?c', 'ab', ''],
    ['(a+)+', 'a', ''],
    ['((a*)*|b)*', 'ab', ''],
  ])('%s on many of %j', (source, unit, end) => {
    const [once, twice] = [2_000, 4_000].map((count) => stepsFor(source, unit.repeat(count) + end));
    expect(once).toBeGreaterThan(0);
    expect(twice! / once!).toBeLessThan(2.1);
  });

  test('also where each position is a new state, within states that are forgotten again and again', () => {
    // Which of the last 14 characters were a's is what a state knows: 2^14 states, more than are kept.
    const source = '(?:a|b)*a(?:a|b){14}c';
    let seed = 1;
    const next = () => {
      seed = (seed * 48_271) % 0x7fffffff;
      return seed & 4 ? 'a' : 'b';
    };
    const text = Array.from({ length: 16_000 }, next).join('');
    const [once, twice] = [8_000, 16_000].map((length) => {
      const regex = Regex.parse(source);
      expect(search(regex, text.slice(0, length))).toBeNull();
      return regex.steps;
    });
    expect(twice! / once!).toBeLessThan(2.1);
    const hit = `${text}aaaaaaaaaaaaaaac`;
    expect(search(Regex.parse(source), hit)).toEqual([0, hit.length]);
  });
});

test('a search that fails at once looks at few bytes', () => {
  const regex = Regex.parse('sk-[A-Za-z0-9]{20,200}');
  const text = latin1(`sk-not-a-key${' '.repeat(5_000)}`);
  regex.match(text, 0, 0, text.length, true, true);
  const before = regex.steps;
  expect(regex.match(text, 0, 0, text.length, true, true)).toBe(NO_MATCH);
  expect(regex.steps - before).toBeLessThan(20);
});

test('long repetitions of many starts stay correct while states are forgotten', () => {
  const regex = Regex.parse('x[a-z]{0,2000}(?:[a-m]{3}[n-z]{0,500}){2,4}!');
  const text = `${'xabcdefghijklmnopqrstuvwxyz'.repeat(60)}!`;
  const bytes = latin1(text);
  expect(regex.match(bytes, 0, 64, bytes.length, true, true)).toBe(MATCH);
  expect([...regex.spans]).toEqual([0, text.length]);
});
