import { PACK_NAMES, packOf } from '@spectral/rules';
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, POLICY, run } from '../scan/support.js';

const folder = new Folder();
afterAll(() => folder.remove());
const json = folder.file('policy.json', POLICY);
const yaml = folder.file(
  'policy.yaml',
  `
# Comments are fine.
schema_version: 3
family: test
rules:
  - id: made-up-token
    severity: critical
    action: block
    literals: [madeup_]
    examples:
      hit: [madeup_1, x madeup_2]
      miss: [made_up]
`,
);
const SECRET = 'SAMPLEsecret';

describe('policy check', () => {
  it('reads JSON and YAML', async () => {
    expect(await run(['policy', 'check', json])).toMatchObject({
      code: 0,
      out: `${json}: format 3, 2 rules, 0 of them block\n`,
    });
    const { code, out } = await run(['policy', 'check', '-json', yaml]);
    expect([code, JSON.parse(out)]).toEqual([
      0,
      { file: yaml, valid: true, rules: 1, rules_block: 1, policy_schema_version: 3, problems: [] },
    ]);
  });

  it('says what is wrong, and where', async () => {
    const bad = folder.file('bad.yaml', 'schema_version: 3\nrules:\n  - {id: a, literals: [b], severity: urgent}\n');
    const { code, err } = await run(['policy', 'check', bad]);
    expect([code, err]).toEqual([3, expect.stringContaining('rules[0].severity: must be one of')]);
    const { code: also, out } = await run(['policy', 'check', '-json', bad]);
    expect([also, JSON.parse(out).problems]).toEqual([
      3,
      [{ path: 'rules[0].severity', message: 'must be one of low, medium, high, critical (rule "a")' }],
    ]);
  });

  it.each([
    ['a: [1', 'line 1, column 6: not valid YAML'],
    [`a: 1\na: ${SECRET}`, 'line 2, column 1: not valid YAML (duplicate key)'],
    [`a: *${SECRET}`, 'aliases are too many or name nothing'],
    [`${'['.repeat(20_000)}`, 'YAML'],
    [
      'a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]',
      'YAML',
    ],
  ])('refuses YAML such as %.20s', async (text, message) => {
    const { code, err } = await run(['policy', 'check', folder.file('broken.yml', text)]);
    expect([code, err]).toEqual([3, expect.stringContaining(message)]);
    expect(err).not.toContain(SECRET);
  });

  it('lets a policy extend packs', async () => {
    const extending = folder.file(
      'extending.yaml',
      'schema_version: 3\nextends: [default]\noverrides:\n  - {rule: bearer-token, enabled: false}\n',
    );
    const { out } = await run(['policy', 'check', extending]);
    expect(out).toContain(`${packOf('default')!.rules.length - 1} rules`);
  });
});

describe('policy test', () => {
  it('tries the examples of a file', async () => {
    expect(await run(['policy', 'test', yaml])).toMatchObject({ code: 0, out: '1 rule; 3 examples, 0 failed\n' });
  });

  it('says which fail, without their text', async () => {
    const examples = { hit: ['madeup_1', SECRET], miss: [`madeup_${SECRET}`] };
    const [first, second] = POLICY.rules;
    const bad = folder.file('failing.json', { ...POLICY, rules: [{ ...first, examples }, second] });
    const { code, out, err } = await run(['policy', 'test', bad]);
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      'made-up-token: examples.hit[1] is not found; found is nothing',
      'made-up-token: examples.miss[0] is found',
      '2 rules, 1 without examples; 3 examples, 2 failed',
      '',
    ]);
    expect(out + err).not.toContain(SECRET);
    const { out: document } = await run(['policy', 'test', '-json', bad]);
    expect(JSON.parse(document)).toMatchObject({ rules: 2, rules_without_examples: 1, examples: 3 });
    expect(JSON.parse(document).failures).toHaveLength(2);
  });

  it('needs to know what to test', async () => {
    expect(await run(['policy', 'test'])).toMatchObject({ code: 2 });
    expect(await run(['policy', 'test', yaml, '-rules', 'default'])).toMatchObject({ code: 2 });
  });
});

describe('policy list', () => {
  it('lists rules', async () => {
    const { out } = await run(['policy', 'list', '-policy', yaml]);
    expect(out).toBe('made-up-token  critical  block  test\n');
    for (const name of PACK_NAMES) {
      const { out: list } = await run(['policy', 'list', '-rules', name, '-json']);
      expect(JSON.parse(list).map(({ id }: { id: string }) => id)).toEqual(packOf(name)!.rules.map(({ id }) => id));
    }
  });
});

it.each([['policy'], ['policy', 'chek', 'x']])('%j: the commands that there are are named', async (...argv) => {
  expect(await run(argv)).toMatchObject({ code: 2, err: expect.stringContaining('check, test, list, import') });
});
