import { expect, test } from 'vitest';
import { MASK_BLOCK, MASK_LINE, MASK_TOKEN, MASK_VALUE, maskKindOf } from '../../src/policy/mask.js';

test.each([
  ['-----BEGIN PRIVATE KEY-----', MASK_BLOCK],
  ['Authorization:', MASK_LINE],
  ['SSN:', MASK_LINE],
  ['password=', MASK_VALUE],
  ['token: ', MASK_VALUE],
  ['token =\t', MASK_VALUE],
  ['Bearer ', MASK_TOKEN],
  ['sk-', MASK_TOKEN],
  ['Project Ethos', MASK_TOKEN],
  ['api_key', MASK_TOKEN],
])('%j introduces what its shape says', (pattern, kind) => {
  expect(maskKindOf(pattern)).toBe(kind);
});
