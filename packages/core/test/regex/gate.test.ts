import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL, AnchorGate, isAmong } from '../../src/regex/anchor-gate.js';
import { Gate } from '../../src/regex/gate.js';
import { MATCH, Regex } from '../../src/regex/index.js';
import { parse } from '../../src/regex/parse.js';
import { compile } from '../../src/regex/program.js';
import { narrowSets, saysOneOf } from '../../src/regex/said.js';
import { BEHIND_SHIFT, DIGIT, LETTER, OTHER, SIDE_OF, UNDERSCORE } from '../../src/regex/side.js';
import { StateMemory } from '../../src/regex/states.js';
import { haystacks, patterns } from './random.js';

const encode = (text: string) => new TextEncoder().encode(text);

const sideAt = (bytes: Uint8Array, at: number) => (at in bytes ? SIDE_OF[bytes[at]!]! : OTHER);

/** The first place of `word` in `text` passes the gate of the expression. */
function passes(source: string, word: string, text: string, ignoreCase = false): boolean {
  const gate = new Gate(source, [{ bytes: encode(word), ignoreCase }]);
  const bytes = encode(text);
  const start = text.indexOf(word);
  return gate.mayHold(0, bytes, 0, start, start + encode(word).length, bytes.length);
}

describe('a literal', () => {
  test.each([
    ['token=[a-z]{4}', 'token', 'token=abcd', true],
    ['token=[a-z]{4}', 'token', 'token=abc', true], // what follows may be here yet
    ['token=[a-z]{4}', 'token', 'token=abc ', false],
    ['token=[a-z]{4}', 'token', 'token: abcd', false],
    ['\\bci\\b[^0-9]{0,9}[0-9]{4}', 'ci', 'the ci is 1234', true],
    ['\\bci\\b[^0-9]{0,9}[0-9]{4}', 'ci', 'social 1234', false],
    ['\\bci\\b[^0-9]{0,9}[0-9]{4}', 'ci', 'cite 1234', false],
    ['(?:\\b|_)ci(?:\\b|_)[^0-9]{0,9}[0-9]{4}', 'ci', 'my_ci_1234', true],
    ['(?m)^key: [a-z]{3}$', 'key', 'a\nkey: abc\nb', true],
    ['(?m)^key: [a-z]{3}$', 'key', 'a key: abc\nb', false],
    ['(?m)^key: [a-z]{3}$', 'key', 'a\nkey: abcd', false],
    ['[a-z]{4}$', 'abcd', 'abcd', true],
    ['[a-z]{4}$', 'abcd', 'abcd efgh', false],
  ])('%s at "%s" of %j: %s', (source, word, text, expected) => {
    expect(passes(source, word, text)).toBe(expected);
  });

  test('that an expression takes in passing is met where it is said', () => {
    expect(passes('key.{0,9}=[0-9]{4}', 'key', 'key key=1234')).toBe(true);
    expect(passes('key.{0,9}=[0-9]{4}', 'id', 'key id=1234')).toBe(true); // not said: it may be anywhere
    expect(passes('(?:id|[a-z]{2}).{0,9}=[0-9]{4}', 'id', 'no id, 5=1234')).toBe(true); // not always said
    expect(passes('\\bid.{0,9}=[0-9]{4}', 'id', 'id, 5=1234')).toBe(true);
    expect(passes('\\bid.{0,9}=[0-9]{4}', 'id', 'void, 5=1234')).toBe(false);
  });

  test('that begins what may last so long at most', () => {
    const source = 'key.{0,20}=[0-9]{4}';
    expect(passes(source, 'key', `key${' '.repeat(20)}=1234`)).toBe(true);
    expect(passes(source, 'key', `key${' '.repeat(60)}=1234`)).toBe(false);
    expect(passes(source, 'key', `key${' '.repeat(10)}`)).toBe(true); // what follows may be here yet
    expect(passes(source, 'key', `key${' '.repeat(60)}`)).toBe(false);
    expect(passes(`x*?${source}`, 'key', `key${' '.repeat(60)}=1234`)).toBe(false); // counted: there is no limit before it
  });

  test('in either case', () => {
    expect(passes('KEY=[0-9]{4}', 'KEY', 'KEY=1234')).toBe(true);
    const gate = new Gate('KEY=[0-9]{4}', [{ bytes: encode('key'), ignoreCase: true }]);
    expect(gate.mayHold(0, encode('KEY=1234'), 0, 0, 3, 8)).toBe(true);
    expect(gate.mayHold(0, encode('KEY=12x4'), 0, 0, 3, 8)).toBe(false);
  });

  test('of which the expression needs nothing behind', () => {
    expect(passes('sk-', 'sk-', 'sk- and more')).toBe(true);
  });
});

describe('an anchor', () => {
  const gate = new AnchorGate(['(?:^|[^0-9])[0-9]{3}-[0-9]{2}-[0-9]{4}(?:[^0-9]|$)', '\\+[0-9]{8}', '[+0-9]{4}']);
  test.each([
    ['123-45-6789', [0]],
    ['+12345678', [1, 2]],
    ['12345678', [2]],
    ['123-45-67890', []],
    ['+12-34', []],
    ['(12', [0, 2]], // what follows may be here yet
  ])('of the expressions, at %s those are left: %j', (number, expected) => {
    const bytes = encode(number.startsWith('(') ? number : `at ${number} .`);
    const place = bytes.findIndex((byte) => byte >= 0x30 && byte <= 0x39);
    const bits = gate.mayCover(bytes, 0, place, bytes.length);
    expect([0, 1, 2].filter((it) => isAmong(bits, it))).toEqual(expected);
  });

  test('of more expressions than there are bits', () => {
    const letters = Array.from({ length: 40 }, (_, i) => `\\x${(0x41 + i).toString(16)}[0-9]`);
    const many = new AnchorGate(letters);
    const among = (text: string) => {
      const bits = many.mayCover(encode(text), 0, 1, 2);
      return letters.flatMap((_, i) => (isAmong(bits, i) ? [i] : []));
    };
    expect(among('C1')).toEqual([2]);
    expect(among('^1')).toEqual([29]);
    expect(among('d1')).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
    expect(among('~1')).toEqual([]);
  });
});

const DIALECT = {
  atoms: ['a', '1', '\\d', '[^1]', 'b', '_', ' ', '[ab]', '[^a]', '.', '\\w', '\\n', 'ab'],
  assertions: ['\\b', '\\B', '^', '$', '(?m:^)', '(?m:$)'],
  emptyLoops: true,
};

test('never says no where there is a match', () => {
  const places = fc.record({
    pattern: patterns(DIALECT),
    other: patterns(DIALECT),
    text: haystacks('ab_ \n'),
    known: fc.nat(8),
  });
  fc.assert(
    fc.property(places, ({ pattern, other, text, known }) => {
      const bytes = encode(text);
      const gate = new AnchorGate([other.source, pattern.source]);
      const regex = Regex.parse(pattern.source);
      for (let begin = 0; begin < bytes.length; begin++) {
        if (regex.match(bytes, begin, begin, bytes.length, true, true) !== MATCH) continue;
        for (let place = begin; place < regex.spans[1]!; place++) {
          expect(isAmong(gate.mayCover(bytes, Math.max(place - known, 0), place, bytes.length), 1)).toBe(true);
        }
      }
    }),
    { numRuns: 3000 },
  );
});

test('never says no where a match begins with its literal', () => {
  const cases = fc.record({
    literal: haystacks('ab', 3).filter((it) => it !== ''),
    before: fc.constantFrom('', '\\b', '(?:\\b|_)', '[ab]?', '_'),
    tail: patterns(DIALECT),
    text: haystacks('abAB_ \n1'),
    ignoreCase: fc.boolean(),
    known: fc.nat(2),
    words: fc.constantFrom(0, 200, 1 << 20),
  });
  fc.assert(
    fc.property(cases, ({ literal, before, tail, text, ignoreCase, known, words }) => {
      const flag = ignoreCase ? '(?i)' : '';
      const bytes = encode(text);
      const gate = new Gate(
        `${flag}${before}${literal}(?:${tail.source})`,
        [{ bytes: encode(literal), ignoreCase }],
        new StateMemory(words),
      );
      // The group tells where in the match the literal stands.
      const regex = Regex.parse(`${flag}${before}(${literal})(?:${tail.source})`);
      for (let begin = 0; begin < bytes.length; begin++) {
        if (regex.match(bytes, begin, begin, bytes.length, true, true) !== MATCH) continue;
        const start = regex.spans[2]!;
        const behind = start + literal.length;
        expect(gate.mayHold(0, bytes, Math.max(start - known, 0), start, behind, bytes.length)).toBe(true);
        const need = gate.digitWithin(0);
        if (need > 0) expect(text.slice(behind, behind + need)).toMatch(/[0-9]/);
        const sides = gate.sidesOf(0);
        expect(sides & sideAt(bytes, start - 1)).not.toBe(0);
        expect((sides >> BEHIND_SHIFT) & sideAt(bytes, start + literal.length)).not.toBe(0);
      }
    }),
    { numRuns: 3000 },
  );
});

test('says yes when there is no memory for states, and goes on', () => {
  const text = encode('ab'.repeat(200));
  const tight = new AnchorGate(['(?:a|b)*a(?:a|b){12}c'], new StateMemory(0));
  const roomy = new AnchorGate(['(?:a|b)*a(?:a|b){12}c']);
  expect(isAmong(roomy.mayCover(text, 0, 0, text.length), 0)).toBe(true);
  for (let round = 0; round < 20; round++) expect(tight.mayCover(text, 0, 0, text.length)).toBe(ALL);
});

describe('beside a literal', () => {
  const [any, end] = [LETTER | DIGIT | UNDERSCORE | OTHER, UNDERSCORE | OTHER];
  test.each([
    ['ci=', 'ci', any, OTHER],
    ['\\bci\\b.?[0-9]{4}', 'ci', OTHER, OTHER],
    ['(?:\\b|_)ci(?:\\b|_)[^0-9]{0,9}[0-9]{4}', 'ci', end, end],
    ['[a-z]ci[0-9_]', 'ci', LETTER, DIGIT | UNDERSCORE | OTHER],
    ['ci', 'ci', any, any],
    ['co', 'ci', 0, 0],
  ])('%s at %s', (source, word, before, behind) => {
    const gate = new Gate(source, [{ bytes: encode(word), ignoreCase: false }]);
    const wanted = before === 0 ? 0 : before | OTHER | (behind << BEHIND_SHIFT);
    expect(gate.sidesOf(0)).toBe(wanted);
  });
});

test.each([
  ['id[^0-9]{0,40}[0-9]{8}', 41],
  ['id[0-9]', 1],
  ['id(?:: |=)[0-9]', 3],
  ['id\\b ?[0-9]', 2],
  ['id.{0,8}[a-z0-9]', 0],
  ['id.{0,300}[0-9]', 0],
  ['id.*[0-9]', 0],
  ['id', 0],
])('%s has a digit within %i bytes behind the name', (source, within) => {
  expect(new Gate(source, [{ bytes: encode('id'), ignoreCase: false }]).digitWithin(0)).toBe(within);
});

describe('every match says one of its literals', () => {
  test.each([
    ['token=', ['token'], true],
    ['(?i)token=', ['token'], true],
    ['(?:token|key)=', ['token'], false],
    ['(?:token|key)=', ['token', 'key'], true],
    ['gh[pousr]_[a-z]+', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], true],
    ['\\w{5}=', ['token'], false],
    ['(?:\\b|_)ci\\b', ['ci'], true],
    ['x(?:ab)?c', ['abc'], false],
    ['x(?:ab)+c', ['abc'], true],
    ['token["\'=]', ['token=', 'token"'], true],
    ['', ['a'], false],
  ])('%s of %j: %s', (source, words, expected) => {
    const program = compile(parse(source, false).tree);
    const literals = words.map((word) => ({ bytes: encode(word), ignoreCase: true }));
    expect(saysOneOf(program, narrowSets(program), literals)).toBe(expected);
  });
});
