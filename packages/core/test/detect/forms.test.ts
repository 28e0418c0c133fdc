/** In forms a blank is a plus sign (WHATWG URL, 5.1), whether anything else is escaped there or not. */
import { afterAll, expect, test } from 'vitest';
import { CARD, encode, scannerOf } from './support.js';

const scanner = await scannerOf();
afterAll(() => scanner.close());

const findingsOf = (text: string) => scanner.scan(encode(text)).findings.map(({ ruleId, view }) => [ruleId, view]);
const card = CARD.replaceAll(' ', '+');

test('a form is told by its first fields', () => {
  expect(findingsOf(`scope=all&note=my+card+${card}&submit=1`)).toEqual([['card', 'percent']]);
  expect(findingsOf(`scope=all&note=id-123456.+in+my+passport`)).toEqual([['context', 'raw']]);
});

test('or by what the head of its message says', () => {
  const body = `note=my+card+${card}`;
  const head = `POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`;
  expect(findingsOf(head + body)).toEqual([['card', 'percent']]);
  expect(findingsOf(body)).toEqual([]);
});

test('elsewhere a plus sign is one', () => {
  expect(findingsOf(`total = 1+${card}; a=1&b=2`)).toEqual([]);
});

test('what a field holds is decoded in turn', () => {
  const body = encodeURIComponent(JSON.stringify({ note: `a\n${CARD}` })).replaceAll('%20', '+');
  expect(findingsOf(`a=1&json=${body.replace('4111', '\\u0034111')}`)).toEqual([['card', 'percent/json']]);
});
