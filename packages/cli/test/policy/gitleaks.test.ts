import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePolicy } from '@spectral/core';
import { afterAll, describe, expect, it } from 'vitest';
import { rulesOfGitleaks } from '../../src/policy/gitleaks.js';
import { Folder, run } from '../scan/support.js';

const folder = new Folder();
afterAll(() => folder.remove());

const TOML = String.raw`
title = "made up"
[extend]
useDefault = true
[allowlist]
paths = ['''\.lock$''']
regexes = ['''^x+$''']
stopwords = ["sample"]

[[rules]]
id = "whole"
description = "A made-up token"
regex = '''(?i)\b(mu_[a-z0-9]{8})(?:[\x60'"\s;]|\\[nr]|$)'''
secretGroup = 1
entropy = 2.5
keywords = ["MU_"]
tags = ["Made Up", "token"]
path = '''\.ts$'''
[[rules.allowlists]]
regexTarget = "line"
regexes = ['''test''']
[[rules.allowlists]]
stopwords = ["dummy"]

[[rules]]
id = "generic-api-key"
regex = '''api_key=([a-z]{8})'''
keywords = ["api_key"]
[[rules.allowlists]]
condition = "AND"
paths = ['''a''']
regexes = ['''abc''']

[[rules]]
id = "path-only"
path = '''\.p12$'''
[[rules]]
id = "no-keywords"
regex = '''[a-f0-9]{40}'''
[[rules]]
id = "lookahead"
regex = '''mu_(?=a)'''
keywords = ["mu_"]
[[rules]]
id = "whole"
regex = '''a'''
keywords = ["a"]
[[rules]]
regex = '''a'''
`;
const source = folder.file('gitleaks.toml', TOML);

describe('policy import -gitleaks', () => {
  it('takes over what it can, and says what it cannot', async () => {
    const target = join(folder.path, 'policy.json');
    const { code, out, err } = await run(['policy', 'import', '-gitleaks', source, '-o', target]);
    expect([code, out]).toEqual([0, '']);
    const { rules } = parsePolicy(readFileSync(target), 'policy.json');
    expect(rules).toEqual([
      {
        id: 'whole',
        description: 'A made-up token',
        severity: 'high',
        action: 'observe',
        literals: ['mu_'],
        ignoreCase: true,
        family: 'gitleaks',
        tags: ['secret', 'made-up', 'token'],
        regex: String.raw`(?i)\b(mu_[a-z0-9]{8})(?:[\x60'"\s;]|\\[nr]|$)`,
        group: 1,
        entropy: 2.5,
        allow: { values: ['dummy', 'sample'], regexes: ['^x+$'] },
      },
      {
        id: 'generic-api-key',
        severity: 'high',
        action: 'observe',
        literals: ['api_key'],
        ignoreCase: true,
        family: 'gitleaks',
        tags: ['secret'],
        regex: 'api_key=([a-z]{8})',
        allow: { values: ['sample'], regexes: ['^x+$'] },
        generic: true,
      },
    ]);
    expect(err.split('\n')).toEqual([
      'whole file: "extend" names rules elsewhere, which were not looked at',
      'whole file: "paths" of an allowlist mean nothing here and were left out',
      'whole: its "path" was left out: it holds for all text',
      'whole: allowed regexes of the match or the line were left out',
      'generic-api-key: "paths" of an allowlist mean nothing here and were left out',
      'generic-api-key: an allowlist that needs several conditions at once was left out',
      'path-only: not taken over: looks at paths only, and here are none',
      'no-keywords: not taken over: has no keywords to begin with; add "literals" by hand',
      expect.stringContaining('lookahead: not taken over: regex: '),
      'whole: not taken over: its id is that of an earlier rule',
      'rules[6]: not taken over: has no id',
      '2 of 7 rules taken over',
      '',
    ]);
  });

  it('writes YAML too, and JSON on standard output', async () => {
    const target = join(folder.path, 'policy.yaml');
    expect((await run(['policy', 'import', '-gitleaks', source, '-o', target])).code).toBe(0);
    expect((await run(['policy', 'check', target])).code).toBe(0);
    const { out } = await run(['policy', 'import', '-gitleaks', source]);
    expect(parsePolicy(out, 'stdout').rules).toHaveLength(2);
  });

  it.each([
    [['policy', 'import'], 2, 'needs -gitleaks FILE'],
    [
      ['policy', 'import', '-gitleaks', folder.file('bad.toml', 'a = SAMPLE-secret')],
      3,
      'line 1, column 5: not valid TOML',
    ],
    [['policy', 'import', '-gitleaks', folder.file('empty.toml', '')], 3, 'no rule of it could be taken over'],
    [['policy', 'import', '-gitleaks', source, '-o', '/nowhere/x'], 3, 'flag -o: cannot write /nowhere/x: ENOENT'],
  ])('refuses %j', async (argv, code, message) => {
    const result = await run(argv);
    expect(result).toMatchObject({ code, err: expect.stringContaining(message) });
    expect(result.err).not.toContain('SAMPLE');
  });

  it('survives tables of any shape', () => {
    for (const value of [1, 'a', null, [], [1], [[]], [{}], { a: 1 }, new Date(0)]) {
      for (const field of ['rules', 'allowlist', 'allowlists', 'extend']) {
        expect(rulesOfGitleaks({ [field]: value }).policy).toBeUndefined();
      }
      for (const field of ['regex', 'keywords', 'tags', 'entropy', 'secretGroup', 'allowlists', 'description']) {
        const rule = { id: 'a', regex: 'b', keywords: ['b'], [field]: value };
        expect(rulesOfGitleaks({ rules: [rule] }).total).toBe(1);
      }
    }
  });
});
