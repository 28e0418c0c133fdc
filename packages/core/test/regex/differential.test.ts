import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { Regex } from '../../src/regex/index.js';
import { haystacks, patterns } from './random.js';
import { search } from './support.js';

const ATOMS = ['a', 'b', 'c', '[ab]', '[^a]', '[a-c]', '\\w', '\\W', '\\d', '.', '-', '\\x80', '[\\x7f-\\xff]', ' '];
const ASSERTIONS = ['^', '$', '\\b', '\\B'];
const ALPHABET = 'aaabbbcC0- \n\x80\xff';

function withRe2(source: string, flags: number, text: string): number[] | null {
  const matcher = RE2JS.compile(source, flags).matcher(text);
  if (!matcher.find()) return null;
  const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => group);
  return groups.flatMap((group) => [matcher.start(group), matcher.end(group)]);
}

test('spans of all groups are those of RE2', () => {
  let matches = 0;
  const cases = fc.property(
    patterns({ atoms: ATOMS, assertions: [...ASSERTIONS, '\\A', '\\z'], emptyLoops: true }),
    haystacks(ALPHABET),
    fc.boolean(),
    fc.boolean(),
    ({ source }, text, ignoreCase, multiline) => {
      const flags = (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (multiline ? RE2JS.MULTILINE : 0);
      const wanted = withRe2(source, flags, text);
      if (wanted !== null) matches++;
      expect(search(Regex.parse(`${multiline ? '(?m)' : ''}${source}`, { ignoreCase }), text)).toEqual(wanted);
    },
  );
  fc.assert(cases, { numRuns: 3_000 });
  expect(matches).toBeGreaterThan(600);
});

test('spans are those of JavaScript, where it means the same', () => {
  let matches = 0;
  const cases = fc.property(
    patterns({ atoms: ATOMS, assertions: ASSERTIONS, emptyLoops: false }),
    haystacks(ALPHABET),
    fc.boolean(),
    fc.nat(10),
    ({ source }, text, multiline, from) => {
      const expression = new RegExp(source, multiline ? 'gm' : 'g');
      expression.lastIndex = Math.min(from, text.length);
      const found = expression.exec(text);
      if (found !== null) matches++;
      const regex = Regex.parse(`${multiline ? '(?m)' : ''}${source}`);
      const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
      const start = Math.min(from, text.length);
      const verdict = regex.match(bytes, start, text.length, text.length, true, true);
      const span = verdict === 1 ? [regex.spans[0], regex.spans[1]] : null;
      expect(span).toEqual(found === null ? null : [found.index, found.index + found[0].length]);
    },
  );
  fc.assert(cases, { numRuns: 3_000 });
  expect(matches).toBeGreaterThan(600);
});
