import { createScanner, type Finding, type Rule, type Scanner } from '@spectral/core';
import { loadPacks, PACK_NAMES, validators } from '@spectral/rules';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPacks } from '../scripts/packs.js';

/** One scanner with all packs, so that rules that find each other's values show. */
let scanner: Scanner;
beforeAll(async () => {
  scanner = await createScanner(loadPacks(PACK_NAMES.filter((name) => name !== 'default')), { validators });
});
afterAll(() => scanner.close());

/** Numbers that look random, the same in every run (xorshift32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const encode = (text: string) => Buffer.from(text, 'utf8');
const whole = (text: string): readonly Finding[] => scanner.scan(text).findings;

function cut(bytes: Uint8Array, next: (below: number) => number): readonly Finding[] {
  const session = scanner.open();
  const found: Finding[] = [];
  for (let from = 0; from < bytes.length; ) {
    // Mostly short pieces, one byte included.
    const to = Math.min(from + 1 + next(next(4) === 0 ? bytes.length : 8), bytes.length);
    found.push(...session.push(bytes.subarray(from, to)));
    from = to;
  }
  return [...found, ...session.end()];
}

/** The body of a request to a chat API, with the text as what the user says. */
const chat = (text: string) =>
  JSON.stringify({
    model: 'gpt-4o',
    temperature: 0.2,
    messages: [
      { role: 'system', content: 'You are a helpful assistant.\nAnswer in one sentence.' },
      { role: 'user', content: text },
    ],
    stream: true,
  });

const finds = ({ id }: Rule, findings: readonly Finding[]) => findings.some(({ ruleId }) => ruleId === id);

describe.each(readPacks())('pack $name', ({ rules }) => {
  test.each(rules.map((rule, index) => [rule.id, rule, index] as const))('%s', (_, rule, index) => {
    const { hit = [], miss = [] } = rule.examples!;
    const next = random(index + 1);
    const forms: readonly [string, (text: string) => readonly Finding[]][] = [
      ['raw', whole],
      ['in a chat request', (text) => whole(chat(text))],
      ['cut', (text) => cut(encode(text), next)],
      ['in a chat request, cut', (text) => cut(encode(chat(text)), next)],
    ];
    const wrong = forms.flatMap(([form, scan]) => [
      ...hit.flatMap((text, n) => (finds(rule, scan(text)) ? [] : [`hit[${n}] is not found ${form}`])),
      ...miss.flatMap((text, n) => (finds(rule, scan(text)) ? [`miss[${n}] is found ${form}`] : [])),
    ]);
    expect(wrong).toEqual([]);
  });
});
