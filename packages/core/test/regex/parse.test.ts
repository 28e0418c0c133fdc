import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RegexError } from '../../src/errors.js';
import { Regex } from '../../src/regex/index.js';
import { find } from './support.js';

function refusal(source: string): string {
  try {
    Regex.parse(source);
  } catch (error) {
    if (error instanceof RegexError) return `${error.position}: ${error.message.replace(/^.*?: /, '')}`;
    throw error;
  }
  return 'accepted';
}

test.each([
  ['a(b', '1: "(" without ")"'],
  ['a)b', '1: ")" without "("'],
  ['a[b', '1: "[" without "]"'],
  ['[]', '0: "[" without "]"'],
  ['ab\\', '2: a backslash at the end'],
  ['*a', '0: nothing to repeat'],
  ['a|*', '2: nothing to repeat'],
  ['(?i)+', '4: nothing to repeat'],
  ['\\Q\\E*', '4: nothing to repeat'],
  ['a**', '2: a repetition of a repetition'],
  ['a{2}{3}', '4: a repetition of a repetition'],
  ['a++', '2: a repetition of a repetition'],
  ['a{3,2}', '1: the least count is above the most'],
  ['a{10001}', '1: repeats more than 10000 times'],
  ['a{99999999999999999999,}', '1: repeats more than 10000 times'],
  ['a(?=b)', '1: lookahead is not supported'],
  ['a(?!b)', '1: lookahead is not supported'],
  ['(?<=a)b', '0: lookbehind is not supported'],
  ['(?<!a)b', '0: lookbehind is not supported'],
  ['(?>a)', '0: an atomic group is not supported'],
  ['(?#x)', '0: a comment is not supported'],
  ['(?P=n)', '0: a back-reference is not supported'],
  ['(?y)', '0: unknown kind of group behind "(?"'],
  ['(?i', '0: unknown kind of group behind "(?"'],
  ['(a)\\1', '3: back-references are not supported'],
  ['(?P<n>a)\\k<n>', '8: back-references are not supported'],
  ['\\pL', '0: Unicode classes are not supported: bytes are matched'],
  ['[\\p{Lu}]', '1: Unicode classes are not supported: bytes are matched'],
  ['\\y', '0: unknown escape'],
  ['\\Z', '0: unknown escape'],
  ['\\é', '0: unknown escape'],
  ['\\x4', '0: write \\xHH with two hexadecimal digits, or \\x{H…}'],
  ['\\x{110000}', '0: write \\xHH with two hexadecimal digits, or \\x{H…}'],
  ['\\x{d800}', '0: write \\xHH with two hexadecimal digits, or \\x{H…}'],
  ['[z-a]', '1: a range whose end is before its begin'],
  ['[[:alpah:]]', '1: unknown class name'],
  ['[aé]', '2: a character beyond ASCII is several bytes: write (?:a|b) instead of [ab]'],
  ['[\\x{100}]', '1: a character beyond ASCII is several bytes: write (?:a|b) instead of [ab]'],
  ['\ud800', '0: half of a surrogate pair'],
  ['(?P<1>a)', '0: a group name is letters, digits and _, and ends with ">"'],
  ['(?P<a>a)(?<a>b)', '8: two groups have the same name'],
  ['(x{1,200}){1,100}', '10: needs more than 20000 instructions; lower the repeat counts'],
  ['(?:(?:(?:){1000}){1000}){1000}', '17: needs more than 20000 instructions; lower the repeat counts'],
  [`${'('.repeat(65)}a${')'.repeat(65)}`, '64: more than 64 capturing groups; use (?:…)'],
  [`${'(?:'.repeat(201)}a${')'.repeat(201)}`, '600: groups are nested deeper than 200'],
  ['a'.repeat(65_537), '65536: longer than 65536 characters'],
  ['a'.repeat(20_001), '20001: needs more than 20000 instructions; lower the repeat counts'],
])('refuses %j', (source, wanted) => {
  expect(refusal(source)).toBe(wanted);
});

test('names its code, and counts characters from 1 in the message', () => {
  expect(() => Regex.parse('ab(?=c)')).toThrow(
    expect.objectContaining({
      code: 'REGEX_INVALID',
      position: 2,
      message: 'regular expression, at character 3: lookahead is not supported',
    }),
  );
});

test('any text is an expression or refused with a RegexError', () => {
  const pieces = fc.oneof(
    fc.constantFrom(...'()[]{}*+?|^$.\\-,:=!<>PQEiszdwbx0129aé', '(?', '(?:', '[[:', ':]', '{2,3}', '\\x{', '(?P<n>'),
    fc.string({ unit: 'binary', maxLength: 2 }),
  );
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const source = parts.join('');
      if (!refusal(source).includes(':')) {
        accepted++;
        find(source, 'a(b)[c]{2}-\\x0é9'.replace('é', '\xe9'));
      }
    }),
    { numRuns: 3_000 },
  );
  expect(accepted).toBeGreaterThan(300);
});

describe('what is known of a match before it', () => {
  test.each([
    ['', 0, 0],
    ['abc', 3, 3],
    ['a|bcd|', 0, 3],
    ['a{2,5}(?:bc)?', 2, 7],
    ['a*b', 1, Number.POSITIVE_INFINITY],
    ['(?:){0,}', 0, 0],
    ['(?:^|\\b)*', 0, 0],
    ['\\bsk-[a-z]{20,200}\\b', 23, 203],
    ['é', 2, 2],
    ['\\x{20ac}\\xe9', 4, 4],
  ])('%j', (source, least, most) => {
    const { minLength, maxLength } = Regex.parse(source);
    expect([minLength, maxLength]).toEqual([least, most]);
  });

  test('groups and their names', () => {
    const regex = Regex.parse('(a)(?:b)(?P<x>c(?<y_2>d))');
    expect(regex.groups).toBe(3);
    expect([...regex.names]).toEqual([
      ['x', 2],
      ['y_2', 3],
    ]);
    expect(regex.spans).toHaveLength(8);
  });
});
