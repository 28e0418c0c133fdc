/** What counts as a finding, where it lies, and what it is masked by. */
import { createScanner } from '@spectral/core';
import { expect, test } from 'vitest';
import { CARD, encode, KEY, RULES, scannerOf, told } from './support.js';

test('says where the secret lies in the input, and how it was decoded', async () => {
  using scanner = await scannerOf();
  const content = `a "quote" and ${KEY}`;
  const body = JSON.stringify({ content });
  expect(told(scanner.scan(body).findings)).toEqual([`key ${body.indexOf(KEY)}-${body.indexOf(KEY) + KEY.length} raw`]);

  const hidden = `{"content":"\\u0073${KEY.slice(1)}"}`;
  const start = hidden.indexOf('\\u0073');
  expect(told(scanner.scan(hidden).findings)).toEqual([`key ${start}-${start + KEY.length + 5} json`]);
  expect(scanner.redact(hidden)).toBe(`{"content":"${'*'.repeat(KEY.length + 5)}"}`);
});

test('masks the secret alone where a group says what it is', async () => {
  using scanner = await scannerOf();
  expect(scanner.redact('password = hunter22, next')).toBe('password = ********, next');
});

test('what was JSON stays JSON, numbers too', async () => {
  using scanner = await scannerOf();
  const number = CARD.replaceAll(' ', '');
  for (const body of [`{"card":${number},"n":1}`, `[1, ${number} ]`, `{"card": ${number}}`, `{"card":"${number}"}`]) {
    const redacted = scanner.redact(body);
    expect(redacted).toHaveLength(body.length);
    expect(redacted).not.toContain('4111');
    expect(() => JSON.parse(redacted)).not.toThrow();
  }
  expect(scanner.redact(`card ${number}, or`)).toBe(`card ${'*'.repeat(16)}, or`);
});

test('a generic finding gives way, and the explanation says to what', async () => {
  using scanner = await scannerOf(RULES, { explain: true });
  const { findings, dropped } = scanner.explain(`password=${KEY} 4111111111111112 id-123456 `);
  expect(told(findings)).toEqual([`key 9-${9 + KEY.length} raw`]);
  expect(dropped.map(({ ruleId, reason }) => `${ruleId}: ${reason}`).sort()).toEqual([
    'assignment: gives way to key',
    'card: validator card',
    'context: no context word',
  ]);
  expect(JSON.stringify(dropped)).not.toContain(KEY);
});

test('context words count on the side that the rule says', async () => {
  const rule = (side: 'before' | 'after' | 'around') => ({
    ...RULES[3]!,
    words: { any: ['passport'], within: 10, side },
  });
  const count = async (side: 'before' | 'after' | 'around', text: string) => {
    using scanner = await scannerOf([rule(side)]);
    return scanner.scan(text).findings.length;
  };
  expect(await count('before', 'PASSPORT id-123456.')).toBe(1);
  expect(await count('after', 'passport id-123456.')).toBe(0);
  expect(await count('after', 'id-123456. Passport')).toBe(1);
  expect(await count('around', 'id-123456. Passport')).toBe(1);
  expect(await count('before', `passport ${'.'.repeat(10)}id-123456.`)).toBe(0);
});

test('a match reaches 4,096 bytes behind its literal and no further', async () => {
  using scanner = await scannerOf([
    { id: 'long', severity: 'low', action: 'observe', literals: ['begin:'], regex: 'begin:[a-z]*;' },
  ]);
  expect(scanner.scan(`begin:${'x'.repeat(4095)};`).findings).toHaveLength(1);
  expect(scanner.scan(`begin:${'x'.repeat(4096)};`).findings).toHaveLength(0);
});

test('views can be switched off', async () => {
  using scanner = await scannerOf(RULES, { views: false });
  expect(scanner.scan(`{"content":"\\u0073${KEY.slice(1)}"}`).findings).toEqual([]);
  expect(scanner.scan(KEY).findings).toHaveLength(1);
});

test('the stream gives what redact gives', async () => {
  using scanner = await scannerOf();
  const text = encode(`one ${KEY} two ${CARD} three`);
  const seen: string[] = [];
  const stream = scanner.stream({ onFindings: (findings) => seen.push(...told(findings)) });
  const out = new Response(new Blob([text]).stream().pipeThrough(stream)).text();
  expect(await out).toBe(new TextDecoder().decode(scanner.redact(text)));
  expect(seen).toEqual(told(scanner.scan(text).findings));
});

test('a rule made in a program may name a validator that is handed over with it', async () => {
  const rule = { ...RULES[0]!, id: 'even', validators: ['even-length'] };
  const validators = new Map([['even-length', (secret: Uint8Array) => secret.length % 2 === 0]]);
  using scanner = await createScanner({ rules: [rule] }, { validators });
  expect(scanner.scan(`${KEY} `).findings).toHaveLength(KEY.length % 2 === 0 ? 1 : 0);
  expect(scanner.scan(`${KEY}0 `).findings).toHaveLength(KEY.length % 2 === 0 ? 0 : 1);
  await expect(createScanner({ rules: [rule] })).rejects.toThrow('names a validator that is not there');
});
