import { DEFAULT_POLICY, definePolicy, overridePolicy, type Policy, PolicyError, parsePolicy } from '@spectral/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../vectors/policy/v3.json' with { type: 'json' };

const rule = { id: 'ex', literals: ['sk-proj-'], severity: 'high', action: 'observe' } as const;

function problems(text: string, options?: Parameters<typeof parsePolicy>[2]): string[] {
  try {
    parsePolicy(text, 'p.json', options);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

test.each(vectors)('$name', ({ document, problems: expected, rule: read }) => {
  const text = JSON.stringify(document);
  expect(problems(text)).toEqual(expected);
  if (read !== undefined) expect(parsePolicy(text, 'p.json')).toEqual({ schemaVersion: 3, rules: [read] });
});

test('what is read is frozen, to the last list', () => {
  const { document } = vectors.find(({ name }) => name === 'every field')!;
  const all = (value: unknown): boolean =>
    typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(all));
  expect(all(parsePolicy(JSON.stringify(document), 'p'))).toBe(true);
});

test('counts the bytes of all literals', () => {
  const literals = Array.from({ length: 64 }, (_, n) => `${n}`.padStart(4096, '-'));
  const rules = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ ...rule, id, literals }));
  expect(problems(JSON.stringify({ schema_version: 3, rules }))).toEqual([
    ': patterns have 1310720 bytes together, at most 1048576 are allowed',
  ]);
});

describe('extends', () => {
  const pack: Policy = definePolicy([
    { ...rule, id: 'one', tags: ['secret'], regex: 'sk-proj-[a-z]+' },
    { ...rule, id: 'two', tags: ['secret', 'ai'], severity: 'low' },
  ]);
  const options = {
    packs: (name: string) => (name === 'pack' ? pack : name === 'default' ? DEFAULT_POLICY : undefined),
    packNames: ['pack', 'default'],
  };
  const document = (more: object) => JSON.stringify({ schema_version: 3, ...more });

  test('puts the rules of packs before those of the document', () => {
    const policy = parsePolicy(document({ extends: ['pack', 'default'], rules: [rule] }), 'p', options);
    expect(policy.rules.map(({ id }) => id)).toEqual([
      'one',
      'two',
      ...DEFAULT_POLICY.rules.map(({ id }) => id),
      rule.id,
    ]);
    expect(policy.rules[0]).toEqual(pack.rules[0]);
  });

  test('lets the document change them, by id or tag, in order', () => {
    const overrides = [
      { tag: 'secret', action: 'block', severity: 'critical' },
      { rule: 'one', severity: 'medium' },
      { tag: 'ai', enabled: false },
    ];
    const policy = parsePolicy(document({ extends: ['pack'], overrides }), 'p', options);
    expect(policy.rules).toEqual([{ ...pack.rules[0], action: 'block', severity: 'medium' }]);
    const back = [...overrides, { rule: 'two', enabled: true }];
    expect(parsePolicy(document({ extends: ['pack'], overrides: back }), 'p', options).rules).toHaveLength(2);
  });

  test('names the packs that there are', () => {
    expect(problems(document({ extends: ['pakc'] }), options)).toContain(
      'extends[0]: names no pack; known are pack, default',
    );
  });

  test('says which pack has a rule of the same id', () => {
    expect(problems(document({ extends: ['pack'], rules: [{ ...rule, id: 'two' }] }), options)).toEqual([
      'rules[0].id: is the same as that of extends "pack"; ids must differ (rule "two")',
    ]);
  });
});

describe('policies made in a program', () => {
  test('are of version 3 if a rule needs it', () => {
    expect(definePolicy([rule]).schemaVersion).toBe(3);
    expect(definePolicy([{ id: 'a', pattern: 'b', severity: 'low', action: 'observe' }]).schemaVersion).toBe(2);
    expect(() => definePolicy([{ ...rule, entropy: 9 }])).toThrow('rules[0].entropy: must be a number from 0 to 8');
  });

  test('can be overridden, or say why not', () => {
    const policy = definePolicy([{ ...rule, tags: ['a'] }]);
    expect(overridePolicy(policy, [{ tag: 'a', severity: 'low' }]).rules).toEqual([
      { ...rule, tags: ['a'], severity: 'low' },
    ]);
    expect(policy.rules[0]!.severity).toBe('high');
    expect(() => overridePolicy(policy, [{ tag: 'b', severity: 'low' }])).toThrow('[0].tag: no rule has this tag');
    expect(() => overridePolicy(policy, 7 as never)).toThrow(PolicyError);
  });
});

test('never repeats what stands where something else should', () => {
  const secret = 'SAMPLEsecretVALUE';
  const fields = ['literals', 'regex', 'group', 'validator', 'entropy', 'words', 'allow', 'tags', 'family', 'source'];
  for (const field of fields) {
    for (const value of [secret, [secret, secret], { [`${secret} x`]: secret }, { any: [secret, secret] }]) {
      const found = problems(JSON.stringify({ schema_version: 3, rules: [{ ...rule, [field]: value }] }));
      expect(found.join()).not.toContain(secret);
    }
  }
});

test('whatever it is given, it returns a policy or throws a PolicyError', () => {
  const full = vectors.find(({ name }) => name === 'every field')!.document as unknown as {
    rules: Record<string, unknown>[];
  };
  const field = fc.constantFrom(...Object.keys(full.rules[0]!), '__proto__', 'constructor');
  fc.assert(
    fc.property(fc.array(fc.tuple(field, fc.jsonValue()), { maxLength: 3 }), fc.jsonValue(), (changes, overrides) => {
      const changed = { ...full.rules[0] };
      for (const [name, value] of changes)
        Object.defineProperty(changed, name, { value, enumerable: true, configurable: true });
      problems(JSON.stringify({ ...full, rules: [changed] }));
      problems(JSON.stringify({ ...full, overrides }));
    }),
    { seed: 31, numRuns: 500 },
  );
});
