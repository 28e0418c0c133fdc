import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_POLICY, PolicyError } from '@spectral/core';
import { examplesOf, loadPacks, PACK_NAMES, packOf } from '@spectral/rules';
import { afterAll, describe, expect, test } from 'vitest';
import { readPacks } from '../scripts/packs.js';

const folder = mkdtempSync(join(tmpdir(), 'spectral-packs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what is built', () => {
  const packs = readPacks();

  test('has all rules of the files, without their examples', () => {
    expect(PACK_NAMES).toEqual([...packs.map(({ name }) => name), 'default']);
    for (const { name, rules } of packs) {
      expect(packOf(name)!.rules).toEqual(rules.map(({ examples: _, ...rule }) => rule));
      expect([...examplesOf(name)]).toEqual(rules.map(({ id, examples }) => [id, examples]));
    }
  });

  test('gives several packs as one policy', () => {
    expect(loadPacks(['default'])).toBe(DEFAULT_POLICY);
    expect(loadPacks(PACK_NAMES).rules).toEqual(PACK_NAMES.flatMap((name) => packOf(name)!.rules));
    expect(examplesOf('default').size).toBe(0);
  });

  test('takes overrides by rule and tag', () => {
    const [first] = packOf('secrets')!.rules;
    const { rules } = loadPacks(
      ['secrets'],
      [
        { tag: 'secret', action: 'block' },
        { rule: first!.id, severity: 'low' },
      ],
    );
    expect(rules[0]).toEqual({ ...first, action: 'block', severity: 'low' });
  });

  test.each(['nope', '__proto__', 'toString'])('refuses the unknown name %s', (name) => {
    expect(() => loadPacks([name])).toThrow(PolicyError);
    expect(() => loadPacks([name])).toThrow(`known are ${PACK_NAMES.join(', ')}`);
    expect(packOf(name)).toBeUndefined();
    expect(examplesOf(name).size).toBe(0);
  });
});

describe('a pack is refused', () => {
  const rule = (more = '') => `
  - id: made-up
    description: made up
    severity: low
    literals: [made-up-]
    examples: { hit: [made-up-1, made-up-2], miss: [made_up, madeup] }${more}`;
  const head = 'schema_version: 3\nfamily: test\ntags: [test]\nrules:';

  test.each([
    ['without examples', `${head}${rule().replace(/examples.*/, 'group: 1')}`, 'needs "regex"'],
    ['with one example', `${head}${rule().replace(', made-up-2', '')}`, 'has 1 examples of a hit, needs 2'],
    ['without a description', `${head}${rule().replace(/description.*/, '')}`, 'has no description'],
    ['without a family', `${head.replace('family: test\n', '')}${rule()}`, 'has no family'],
    ['without tags', `${head.replace('tags: [test]\n', '')}${rule()}`, 'has no tags'],
    [
      'with an id twice',
      `${head}${rule()}`.replace('made-up\n', 'aws-access-key-id\n'),
      'is also in the default policy',
    ],
    ['that is no YAML', `${head}\n  - [`, 'a.yaml'],
  ])('%s', (_, text, message) => {
    mkdirSync(join(folder, 'test'), { recursive: true });
    writeFileSync(join(folder, 'test/a.yaml'), text);
    expect(() => readPacks(folder)).toThrow(message);
  });
});
