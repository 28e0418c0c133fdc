import { expect, test } from 'vitest';
import { VALIDATORS } from '../../src/index.js';

/** Made-up values only. */
const encode = (text: string) => new TextEncoder().encode(text);
const judge = (name: string, secret: string, match = secret) => VALIDATORS.get(name)!(encode(secret), encode(match));

test.each([
  'q8ZrT2mXv9KbL4nWc7Yd',
  'f3a9c1d07b5e4826a1d4c9e0b7f2356d',
  'v2.0pmuWTtxH0KCMj8ktPmY',
  'xqzjvwkpqyhgbfzrkdxm',
  'XQZJVWKPQYHGBFZRKDXM',
])('%s is a random token', (text) => {
  expect(judge('random-token', text)).toBe(true);
});

test.each([
  'endTagInHeadNoScript',
  'getAccessTokenSilently',
  'internationalizationsupport',
  'INTERNATIONALIZATIONSUPPORT',
  '12.0.4472.114-beta.2',
  'v2.0',
  'pk.eyJ1IjoibWFkZXVwIiwiYSI6ImNrhKhGdHIVHziW53fW',
  'phc_elEchrEUukLuFjvrK1HYdugHolMZWEQUPJrfNt26Kc',
  '7c1e4f0a-93d2-4b8e-a6c5-2f9d8b31e704',
])('%s is none', (text) => {
  expect(judge('random-token', text)).toBe(false);
});

test.each([
  ['svc:hIplHgPUEUc8Os@h', 'hIplHgPUEUc8Os', true],
  [':hIplHgPUEUc8Os@h', 'hIplHgPUEUc8Os', true],
  ['LB8ya2fvCZpcp6JgY1RkvP5Y@h', 'LB8ya2fvCZpcp6JgY1RkvP5Y', true],
  ['svc:password@h', 'password', false],
  ['continuous-integration-bot@h', 'continuous-integration-bot', false],
  ['21ce576bcbf0f5ed23c4825ac761a0ce@h', '21ce576bcbf0f5ed23c4825ac761a0ce', false],
  ['hIplHgPUEUc8Os@h', 'hIplHgPUEUc8Os', false],
])('of the URL ://%s, %s opens something: %s', (url, secret, opens) => {
  expect(judge('url-credential', secret, `://${url}`)).toBe(opens);
});

test('what a URL has before its host is no e-mail address', () => {
  expect(judge('email', 'ops@madeup-shop.com', ' ops@madeup-shop.com ')).toBe(true);
  expect(judge('email', 'secret@madeup-shop.com', '://svc:secret@madeup-shop.com/')).toBe(false);
});
