import { describe, expect, test } from 'vitest';
import { readJson } from '../../src/document/json.js';

const read = (text: string | Uint8Array, max = 1000) => readJson(text, max);
const place = (text: string) => {
  const result = read(text);
  return 'problem' in result ? `${result.problem.path}: ${result.problem.message}` : 'no problem';
};

test('reads what is JSON, with or without a byte order mark', () => {
  expect(read('\uFEFF{"a": [1, null]}')).toEqual({ value: { a: [1, null] } });
  expect(read(new TextEncoder().encode('"ä"'))).toEqual({ value: 'ä' });
});

test.each([
  ['', 'line 1, column 1: the text ends where a value should be'],
  ['{"a": 1,}', 'line 1, column 9: expected a field name in double quotes'],
  ['{"a": 1\n "b": 2}', 'line 2, column 2: expected "," or "}"'],
  ['[1, 2', 'line 1, column 6: the text ends where "," or "]" should be'],
  ['[1 2]', 'line 1, column 4: expected "," or "]"'],
  ['{"a" 1}', 'line 1, column 6: expected ":"'],
  ['{a: 1}', 'line 1, column 2: expected a field name in double quotes'],
  ['{"a": nul}', 'line 1, column 7: expected a value'],
  ['[01]', 'line 1, column 3: expected "," or "]"'],
  ['[]\n\n x', 'line 3, column 2: text after the end of the document'],
  ['["a\nb"]', 'line 1, column 4: control character inside a string; write it as \\uXXXX'],
  ['["\\x41"]', 'line 1, column 3: unknown escape inside a string; write a backslash as \\\\'],
  ['["\\u12g4"]', 'line 1, column 3: unknown escape inside a string; write a backslash as \\\\'],
  ['{"pattern": "SAMPLE-secret}', 'line 1, column 13: string without an end'],
  [`${'['.repeat(300)}x`, 'line 1, column 301: expected a value'],
])('says where %j breaks', (text, wanted) => {
  expect(place(text)).toBe(wanted);
});

describe('refuses', () => {
  test('what is too large, as text or bytes, counted in bytes', () => {
    for (const text of ['"abcdefgh"', '"äöü"', new Uint8Array(9)]) {
      expect(read(text, 7)).toMatchObject({ problem: { message: expect.stringContaining('larger than 7 bytes') } });
    }
    expect(read('"äöü"', 8)).toEqual({ value: 'äöü' });
  });

  test('bytes that are no UTF-8', () => {
    const result = read(new Uint8Array([0x22, 0xff, 0x22]));
    expect(result).toMatchObject({ problem: { message: expect.stringContaining('UTF-8') } });
  });
});
