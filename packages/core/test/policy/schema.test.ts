import { readFileSync } from 'node:fs';
import { type Policy, PolicyError, policyOf } from '@spectral/core';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { V3_FIELDS } from '../../src/policy/fields.js';
import vectors from '../vectors/policy/v3.json' with { type: 'json' };

const schema = JSON.parse(readFileSync(new URL('../../schema/policy-v3.schema.json', import.meta.url), 'utf8'));
const accepts = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false }).compile(schema);

function checked(document: unknown): Policy | undefined {
  try {
    return policyOf(document, 'vector');
  } catch (error) {
    if (error instanceof PolicyError) return undefined;
    throw error;
  }
}

test.each(vectors)('the schema and the checker agree on $name', (vector) => {
  const { document } = vector;
  // Some mistakes are beyond a schema: what refers to something else, and what a regex means.
  const beyond = 'schema' in vector && vector.schema === 'accepts';
  const accepted = accepts(document);
  expect(checked(document) !== undefined).toBe(vector.problems.length === 0);
  expect([accepted, accepts.errors]).toEqual(
    vector.problems.length === 0 || beyond ? [true, null] : [false, expect.anything()],
  );
});

test('the schema knows every field', () => {
  const fields = Object.values(V3_FIELDS).map(({ name }) => name);
  expect(Object.keys(schema.$defs.rule.properties).sort()).toEqual(
    ['id', 'pattern', 'severity', 'action', 'ignore_case', ...fields].sort(),
  );
});
