import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MATCH, MORE, NO_MATCH, Regex } from '../../src/regex/index.js';
import { haystacks, patterns } from './random.js';
import { latin1 } from './support.js';

const ATOMS = ['a', 'b', 'c', '[ab]', '[^a]', '\\w', '\\W', '.', '-'];
const ALPHABET = 'aaabbbc- \n';
const random = patterns({ atoms: ATOMS, assertions: ['^', '$', '\\b', '\\B', '(?m:^)', '(?m:$)'], emptyLoops: true });

function answer(
  regex: Regex,
  bytes: Uint8Array,
  from: number,
  to: number,
  end: number,
  start: boolean,
  final: boolean,
) {
  const verdict = regex.match(bytes, from, to, end, start, final);
  return verdict === MATCH ? [...regex.spans] : verdict;
}

test('the first decision on a growing text is that on the whole', () => {
  let early = 0;
  const cases = fc.property(
    random,
    haystacks(ALPHABET),
    fc.nat(12),
    fc.nat(12),
    fc.boolean(),
    (pattern, text, x, y, start) => {
      const regex = Regex.parse(pattern.source);
      const bytes = latin1(text);
      const from = Math.min(x, text.length);
      const to = from + y;
      const whole = answer(regex, bytes, from, to, bytes.length, start, true);
      for (let end = from; end <= bytes.length; end++) {
        // What stands behind `end` must not be looked at.
        const cut = answer(regex, bytes.slice(0, end), from, to, end, start, false);
        if (cut === MORE) continue;
        expect(cut).toEqual(whole);
        if (end < bytes.length) early++;
      }
      expect(whole).not.toBe(MORE);
    },
  );
  fc.assert(cases, { numRuns: 3_000 });
  expect(early).toBeGreaterThan(2_000);
});

test('MORE only if some other end of the text gives another answer', () => {
  // All texts of up to three more bytes: enough for expressions in which a match needs at most that many.
  const endings = [''];
  for (let index = 0; endings.length < 1 + 4 + 16 + 64; index++) {
    for (const char of 'ab- ') endings.push(`${endings[index]}${char}`);
  }
  const small = patterns({ atoms: ['a', 'b', '[ab]', '-'], assertions: [], emptyLoops: false });
  let undecided = 0;
  const cases = fc.property(small, haystacks('aab-', 8), ({ source }, text) => {
    const regex = Regex.parse(source);
    if (answer(regex, latin1(text), 0, 0, text.length, true, false) !== MORE) return;
    undecided++;
    const spans = endings.map((ending) => {
      const bytes = latin1(text + ending);
      const verdict = regex.match(bytes, 0, 0, bytes.length, true, true);
      return verdict === MATCH ? `${regex.spans[0]}-${regex.spans[1]}` : 'none';
    });
    if (new Set(spans).size === 1) {
      // Then a match must need more than those endings hold, or what goes on can only lead to where the match ends already.
      expect(regex.minLength > text.length + 3 || text.length + 3 < regex.maxLength).toBe(true);
    }
  });
  fc.assert(cases, { numRuns: 2_000 });
  expect(undecided).toBeGreaterThan(300);
});

describe('decides', () => {
  test.each([
    ['a token once something that it cannot hold follows', 'sk-[a-z]{5,20}', 'sk-abcdef"', MATCH],
    ['a token that cannot be longer', 'sk-[a-z]{5}', 'sk-abcde', MATCH],
    ['a border once the next byte is there', 'sk-[a-z]{5}\\b', 'sk-abcde"', MATCH],
    ['a lazy match at once', 'a.*?b', 'axb', MATCH],
    ['a match that a begun one cannot beat', 'ab|abc', 'ab', MATCH],
    ['against what has failed', 'sk-[a-z]{5}', 'sk-ab1', NO_MATCH],
    ['against what is in the middle of a text', '^a', 'xa', NO_MATCH],
  ])('%s', (_, source, text, wanted) => {
    expect(Regex.parse(source).match(latin1(text), 0, 0, text.length, true, false)).toBe(wanted);
  });
});

describe('waits', () => {
  test.each([
    ['for a token that may go on', 'sk-[a-z]{5,20}', 'sk-abcdef'],
    ['for a begun token', 'sk-[a-z]{5,20}', 'sk-ab'],
    ['for what stands behind a border', 'sk-[a-z]{5}\\b', 'sk-abcde'],
    ['for the end', 'a$', 'a'],
    ['for the preferred of two', 'abc|ab', 'ab'],
    ['for a first byte', 'a', ''],
  ])('%s', (_, source, text) => {
    const regex = Regex.parse(source);
    expect(regex.match(latin1(text), 0, 0, text.length, true, false)).toBe(MORE);
    expect(regex.match(latin1(text), 0, 0, text.length, true, true)).not.toBe(MORE);
  });

  test('for a begin that is still to come', () => {
    const regex = Regex.parse('abc');
    expect(regex.match(latin1('xxxx'), 0, 9, 4, true, false)).toBe(MORE);
    expect(regex.match(latin1('xxxx'), 0, 3, 4, true, false)).toBe(NO_MATCH);
    expect(Regex.parse('(?m)^abc').match(latin1('xxxx'), 0, 9, 4, true, false)).toBe(MORE);
    expect(Regex.parse('^abc').match(latin1('xxxx'), 0, 9, 4, true, false)).toBe(NO_MATCH);
  });
});

describe('begins', () => {
  test('only where it is allowed to', () => {
    const regex = Regex.parse('ab+');
    const text = latin1('abxabbx');
    expect(answer(regex, text, 0, 0, 7, true, true)).toEqual([0, 2]);
    expect(answer(regex, text, 1, 2, 7, true, true)).toBe(NO_MATCH);
    expect(answer(regex, text, 1, 3, 7, true, true)).toEqual([3, 6]);
    expect(answer(regex, text, 4, 7, 7, true, true)).toBe(NO_MATCH);
    expect(answer(regex, text, 5, 4, 7, true, true)).toBe(NO_MATCH);
    expect(answer(regex, text, 8, 9, 7, true, true)).toBe(NO_MATCH);
    expect(answer(regex, text, 8, 9, 7, true, false)).toBe(MORE);
  });

  test('with what stands before it in view', () => {
    expect(answer(Regex.parse('\\bb'), latin1('ab'), 1, 1, 2, true, true)).toBe(NO_MATCH);
    expect(answer(Regex.parse('\\bb'), latin1('-b'), 1, 1, 2, true, true)).toEqual([1, 2]);
    expect(answer(Regex.parse('^b'), latin1('ab'), 1, 1, 2, true, true)).toBe(NO_MATCH);
    expect(answer(Regex.parse('(?m)^b'), latin1('\nb'), 1, 1, 2, true, true)).toEqual([1, 2]);
    expect(answer(Regex.parse('^a'), latin1('ab'), 0, 0, 2, true, true)).toEqual([0, 1]);
    expect(answer(Regex.parse('^a'), latin1('ab'), 0, 0, 2, false, true)).toBe(NO_MATCH);
  });
});
