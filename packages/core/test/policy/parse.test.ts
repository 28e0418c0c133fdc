import { DEFAULT_POLICY, definePolicy, MAX_PROBLEMS, PolicyError, parsePolicy, SpectralError } from '@spectral/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const rule = { id: 'ex', pattern: 'Bearer ', severity: 'high', action: 'observe' };
const v2 = (...rules: unknown[]) => JSON.stringify({ schema_version: 2, rules });

function problems(text: string | Uint8Array): string[] {
  try {
    parsePolicy(text, 'p.json');
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyError);
    expect(error).toBeInstanceOf(SpectralError);
    expect((error as PolicyError).code).toBe('POLICY_INVALID');
    expect((error as PolicyError).message).toMatch(/^p\.json:/);
    return (error as PolicyError).problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('reads', () => {
  test('v2 rules, severities and actions in any case', () => {
    const policy = parsePolicy(
      v2(rule, { ...rule, id: 'b', severity: 'CRITICAL', action: 'Block', ignore_case: true }),
      'p',
    );
    expect(policy).toEqual({
      schemaVersion: 2,
      rules: [rule, { id: 'b', pattern: 'Bearer ', severity: 'critical', action: 'block', ignoreCase: true }],
    });
    expect(Object.isFrozen(policy) && Object.isFrozen(policy.rules) && Object.isFrozen(policy.rules[0])).toBe(true);
  });

  test('legacy patterns, whose ids depend on the pattern alone', () => {
    const one = parsePolicy('{"patterns": ["alpha", "beta", "alpha"]}', 'p');
    const two = parsePolicy('{"schema_version": 1, "patterns": ["beta", "gamma", "alpha"]}', 'p');
    expect(one.schemaVersion).toBe(1);
    expect(one.rules.map(({ pattern }) => pattern)).toEqual(['alpha', 'beta']);
    expect(one.rules[0]).toEqual(two.rules[2]);
    expect(one.rules[0]).toMatchObject({ severity: 'high', action: 'observe' });
    expect(one.rules[0]!.id).toMatch(/^pattern-[0-9a-f]{12}$/);
  });

  test('documents at the limits', () => {
    const rules = Array.from({ length: 10_000 }, (_, n) => ({ ...rule, id: `r${n}`, pattern: `p${n}` }));
    expect(parsePolicy(v2(...rules), 'p').rules).toHaveLength(10_000);
    expect(parsePolicy(v2({ ...rule, pattern: 'ä'.repeat(2048) }), 'p').rules).toHaveLength(1);
  });
});

test.each<[string, unknown, string]>([
  ['no object', [], ': must be a JSON object with "schema_version": 2 and "rules"'],
  ['no rules', { schema_version: 2 }, ': has no "rules"'],
  ['zero rules', { schema_version: 2, rules: [] }, ': has no rules: nothing would ever be found; add at least one'],
  ['zero patterns', { patterns: [] }, ': has no rules: nothing would ever be found; add at least one'],
  [
    'both forms',
    { schema_version: 2, rules: [rule], patterns: [] },
    ': has both "rules" and legacy "patterns"; keep one of them',
  ],
  ['no version', { rules: [rule] }, 'schema_version: must be 2, the number'],
  ['another version', { schema_version: '2', rules: [rule] }, 'schema_version: must be 2, the number'],
  [
    'v2 with patterns',
    { schema_version: 2, patterns: ['a'] },
    'schema_version: must be 1 or absent beside legacy "patterns"',
  ],
  ['rules that are no array', { schema_version: 2, rules: {} }, 'rules: must be an array of objects'],
  ['patterns that are no array', { patterns: 'a' }, 'patterns: must be an array of strings'],
  [
    'an unknown field',
    { schema_version: 2, rules: [rule], rulez: 1 },
    ': unknown field "rulez"; did you mean "rules"?',
  ],
])('refuses %s', (_, document, wanted) => {
  expect(problems(JSON.stringify(document))).toEqual([wanted]);
});

test.each<[string, unknown, string]>([
  ['a rule that is no object', 'x', 'rules[0]: must be an object'],
  ['a misspelt field', { ...rule, sevrity: 'low' }, 'rules[0]: unknown field "sevrity"; did you mean "severity"?'],
  ['no id', { ...rule, id: undefined }, 'rules[0].id: is missing'],
  ['an id with blanks', { ...rule, id: 'a b' }, 'rules[0].id: must be a string of 1 to 128'],
  ['a long id', { ...rule, id: 'a'.repeat(129) }, 'rules[0].id: must be a string of 1 to 128'],
  ['no pattern', { ...rule, pattern: undefined }, 'rules[0].pattern: is missing (rule "ex")'],
  ['an empty pattern', { ...rule, pattern: '' }, 'rules[0].pattern: is empty; it would match everywhere (rule "ex")'],
  ['a long pattern', { ...rule, pattern: 'ä'.repeat(2049) }, 'rules[0].pattern: is longer than 4096 bytes (rule "ex")'],
  ['half a surrogate pair', { ...rule, pattern: 'a\ud800' }, 'rules[0].pattern: has half of a surrogate pair'],
  [
    'a severity',
    { ...rule, severity: 'urgent' },
    'rules[0].severity: must be one of low, medium, high, critical (rule "ex")',
  ],
  ['an action', { ...rule, action: 1 }, 'rules[0].action: must be one of observe, block (rule "ex")'],
  ['ignore_case', { ...rule, ignore_case: 'yes' }, 'rules[0].ignore_case: must be true or false (rule "ex")'],
])('refuses %s', (_, given, wanted) => {
  const found = problems(v2(given));
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(wanted);
});

test('names both rules with the same id', () => {
  expect(problems(v2(rule, { ...rule, id: 'b' }, rule))).toEqual([
    'rules[2].id: is the same as that of rules[0]; ids must differ (rule "ex")',
  ]);
});

test('lists legacy patterns by their place in the document', () => {
  expect(problems('{"patterns": ["a", "a", 7, ""]}')).toEqual([
    'patterns[2]: must be a string',
    'patterns[3]: is empty; it would match everywhere',
  ]);
});

test('refuses too many rules and too many bytes of patterns', () => {
  const many = Array.from({ length: 10_001 }, () => 7);
  expect(problems(v2(...many))).toEqual([': has 10001 rules, at most 10000 are allowed']);
  const long = Array.from({ length: 257 }, (_, n) => ({ ...rule, id: `r${n}`, pattern: `${n}`.padStart(4096, '-') }));
  expect(problems(v2(...long))).toEqual([': patterns have 1052672 bytes together, at most 1048576 are allowed']);
});

test('reports everything that is wrong at once, and counts what it does not list', () => {
  expect(problems(v2({ ...rule, severity: 1, action: 2 }, 'x', { ...rule, id: '' }))).toHaveLength(4);
  try {
    parsePolicy(v2(...Array.from({ length: 50 }, () => 'x')), 'p.json');
    expect.unreachable();
  } catch (error) {
    expect((error as PolicyError).problems).toHaveLength(MAX_PROBLEMS);
    expect((error as PolicyError).more).toBe(30);
    expect((error as Error).message).toContain('and 30 more');
  }
});

test('never repeats a pattern, nor text that stands where something else should', () => {
  const secret = 'SAMPLEsecretVALUE';
  const documents = [
    `{"schema_version": 2, "rules": [{"id": "a", "pattern": "${secret}" "x"}]}`,
    `{"schema_version": 2, "rules": [${secret}]}`,
    v2({ ...rule, pattern: secret, severity: secret, action: secret, id: `${secret} x`, [`${secret} y`]: 1 }),
    v2({ ...rule, id: 'a', pattern: secret.repeat(400) }),
    JSON.stringify({ patterns: [secret, `${secret}\ud800`] }),
    JSON.stringify({ schema_version: secret, rules: [rule] }),
  ];
  for (const document of documents) {
    const found = problems(document);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join()).not.toContain(secret);
  }
});

describe('whatever it is given, it returns a policy or throws a PolicyError', () => {
  const safe = (text: string | Uint8Array) => {
    try {
      expect(parsePolicy(text, 'p.json').rules.length).toBeGreaterThan(0);
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      expect(error.problems.length).toBeGreaterThan(0);
      expect(error.problems.length).toBeLessThanOrEqual(MAX_PROBLEMS);
    }
  };

  test('random text, bytes and JSON', () => {
    fc.assert(fc.property(fc.string(), safe), { seed: 21, numRuns: 300 });
    fc.assert(fc.property(fc.uint8Array(), safe), { seed: 22, numRuns: 300 });
    fc.assert(fc.property(fc.json(), safe), { seed: 23, numRuns: 500 });
    fc.assert(
      fc.property(fc.jsonValue(), (rules) => safe(JSON.stringify({ schema_version: 2, rules }))),
      { seed: 24, numRuns: 300 },
    );
  });

  test('valid documents with fields replaced, removed or text damaged', () => {
    const field = fc.constantFrom('id', 'pattern', 'severity', 'action', 'ignore_case', '__proto__', 'constructor');
    const mutation = fc.tuple(fc.nat(2), field, fc.oneof(fc.jsonValue(), fc.constant(undefined)));
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 4 }), (mutations) => {
        const rules: Record<string, unknown>[] = [0, 1, 2].map((n) => ({ ...rule, id: `r${n}` }));
        for (const [n, name, value] of mutations) {
          Object.defineProperty(rules[n], name, { value, enumerable: true, configurable: true, writable: true });
        }
        safe(v2(...rules));
      }),
      { seed: 25, numRuns: 500 },
    );
    const valid = v2(rule, { ...rule, id: 'b' });
    fc.assert(
      fc.property(fc.nat(valid.length), fc.nat(3), fc.string({ maxLength: 3 }), (at, removed, put) => {
        safe(valid.slice(0, at) + put + valid.slice(at + removed));
      }),
      { seed: 26, numRuns: 1000 },
    );
  });
});

describe('policies made in a program', () => {
  test('are checked like files', () => {
    expect(() => definePolicy([{ id: 'a', pattern: '', severity: 'low', action: 'observe' }])).toThrow(
      'policy: rules[0].pattern: is empty; it would match everywhere (rule "a")',
    );
    expect(() => definePolicy(undefined as never)).toThrow(PolicyError);
    expect(() => definePolicy([null as never])).toThrow(PolicyError);
  });

  test('the default looks for what it should', () => {
    const patterns = DEFAULT_POLICY.rules.map(({ pattern }) => pattern!);
    for (const pattern of [
      'api_key',
      'Bearer ',
      'Authorization:',
      'AKIA',
      'Project Ethos',
      'Internal-Secret',
      'ghp_',
    ]) {
      expect(patterns).toContain(pattern);
    }
    expect(patterns.some((pattern) => pattern.startsWith('-----BEGIN'))).toBe(true);
    expect(DEFAULT_POLICY.rules.every(({ action }) => action === 'observe')).toBe(true);
  });
});
