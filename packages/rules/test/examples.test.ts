import { literalsOf, type Rule } from '@spectral/core';
import { describe, expect, test } from 'vitest';
import { readPacks } from '../scripts/packs.js';

const packs = readPacks();

/** Text as one character for each of its UTF-8 bytes. */
const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

/** Whether the regex of a rule matches over one of its literals; other tests of the rule are not made. */
function matches(rule: Rule, example: string): boolean {
  const text = bytes(example);
  const fold = (word: string) => (rule.ignoreCase ? word.toLowerCase() : word);
  const places = literalsOf(rule).flatMap((literal) => {
    const wanted = fold(bytes(literal));
    const starts = [...Array(text.length).keys()].filter((at) => fold(text).startsWith(wanted, at));
    return starts.map((start) => [start, start + wanted.length] as const);
  });
  if (rule.regex === undefined) return places.length > 0;
  // Flags of a part are taken for flags of the whole: this may find more, never less.
  const flags = new Set([
    'g',
    ...[...rule.regex.matchAll(/\(\?([ims]+)[:)]/g)].flatMap(([, letters = '']) => [...letters]),
  ]);
  const source = rule.regex.replace(/\(\?[ims]+\)/g, '').replace(/\(\?[ims]+:/g, '(?:');
  return [...text.matchAll(new RegExp(source, [...flags].join('')))].some(({ index, 0: match }) =>
    places.some(([start, end]) => index <= start && index + match.length >= end),
  );
}

const isJudged = ({ validators, entropy, rarity, words, allow }: Rule) =>
  [validators, entropy, rarity, words, allow].some((field) => field !== undefined);

describe.each(packs)('pack $name', ({ rules }) => {
  test.each(rules.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
    const { hit = [], miss = [] } = rule.examples!;
    expect(hit.filter((example) => !matches(rule, example))).toEqual([]);
    if (!isJudged(rule)) expect(miss.filter((example) => matches(rule, example))).toEqual([]);
  });
});
