import { describe, expect, test } from 'vitest';
import { VALIDATORS } from '../../src/index.js';

const encode = (text: string) => new TextEncoder().encode(text);
/** Made-up values only. */
const SECRET = 'q8ZrT2mXv9KbL4nWc7Yd';
const accepts = (match: string) => VALIDATORS.get('credential-name')!(encode(SECRET), encode(match));

describe('a name', () => {
  test.each([
    'api_key=',
    '"accessToken": "',
    'NEXTAUTH_SECRET=',
    'deploy token is ',
    'x-api-key: ',
    'EVENTS_API_KEY=',
    'image_api_key: ',
    '',
  ])('of a credential: %s', (name) => {
    expect(accepts(`${name}${SECRET}`)).toBe(true);
    expect(accepts(`${name}${SECRET}"`)).toBe(true);
  });

  test.each([
    'next_page_token: "',
    '"nextToken":"',
    'csrf-token=',
    'csrfmiddlewaretoken" value="',
    'PublicKeyToken=',
    'prompt_cache_key=',
    'publicApiKey = "',
    'Idempotency-Key: ',
    'primary_key: ',
    'imageKey: "',
    'sec-websocket-key: ',
    'publishable_api_key=',
  ])('of something else: %s', (name) => {
    expect(accepts(`${name}${SECRET}`)).toBe(false);
    expect(accepts(`${name}${SECRET}"`)).toBe(false);
  });
});

test('a name longer than what is looked at is no error', () => {
  expect(accepts(`${'a'.repeat(5000)}_key=${SECRET}`)).toBe(true);
  expect(VALIDATORS.get('credential-name')!(encode(SECRET), encode('short'))).toBe(true);
});

describe('what test runners write', () => {
  const accepted = (value: string, before: string) =>
    VALIDATORS.get('credential-name')!(encode(value), encode(before + value));

  test.each(['gas/i386/iamcu-1', 'ld-elf/pr21562f', 'DWARF2_20:', 'TestScanner2/cut_7', '64ksec-r', 'orphan2'])(
    'is no credential: PASS: %s',
    (name) => {
      expect(accepted(name, 'PASS: ')).toBe(false);
      expect(accepted(name, 'XPASS: ')).toBe(false);
      expect(accepted(name, 'DB_PASS: ')).toBe(true);
      expect(accepted(name, 'pass: ')).toBe(true);
    },
  );

  test('is not what is random', () => {
    expect(accepted('Zr4kW9pQ', 'PASS: ')).toBe(true);
    expect(accepted('kjHG7trWq!', 'PASS: ')).toBe(true);
  });
});
