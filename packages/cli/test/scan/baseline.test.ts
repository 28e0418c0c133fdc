import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, POLICY, run, TOKEN } from './support.js';

const folder = new Folder();
afterAll(() => folder.remove());
const policy = folder.file('policy.json', POLICY);
const file = folder.file('a.txt', `${TOKEN}\n`);
const path = join(folder.path, 'baseline.json');
const scan = (argv: readonly string[], env = {}) => run(['scan', '-policy', policy, ...argv, file], { env });

describe('a baseline', () => {
  it('lists findings as hashes, which later scans leave out', async () => {
    expect(await scan(['-write-baseline', path])).toMatchObject({ code: 0 });
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain('madeup');
    expect(JSON.parse(text)).toEqual({
      version: 1,
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      findings: [{ rule_id: 'made-up-token', file, hash: expect.stringMatching(/^[0-9a-f]{32}$/) }],
    });
    const { code, out, err } = await scan(['-baseline', path]);
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('1 more in the baseline');
    const other = folder.file('b.txt', 'Project Nowhere');
    expect(await run(['scan', '-policy', policy, '-baseline', path, other])).toMatchObject({ code: 1 });
  });

  it('can be brought up to date in one go', async () => {
    expect(await scan(['-baseline', path, '-write-baseline', path])).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(path, 'utf8')).findings).toHaveLength(1);
  });

  it('keeps the key out of the file if the environment has one', async () => {
    const env = { SPECTRAL_BASELINE_KEY: 'SAMPLE key, made up' };
    await scan(['-write-baseline', path], env);
    expect(JSON.parse(readFileSync(path, 'utf8')).key).toBeNull();
    expect((await scan(['-baseline', path], env)).code).toBe(0);
    expect((await scan(['-baseline', path], { SPECTRAL_BASELINE_KEY: 'another' })).code).toBe(1);
    const { code, err } = await scan(['-baseline', path]);
    expect([code, err]).toEqual([3, expect.stringContaining('set SPECTRAL_BASELINE_KEY')]);
  });

  it.each([
    ['{', 'not valid JSON'],
    ['null', 'not a baseline of version 1'],
    ['{"version": 1, "key": "x", "findings": []}', 'its key is damaged'],
    [`{"version": 1, "key": "${'0'.repeat(64)}", "findings": [null]}`, 'an entry is damaged'],
  ])('%s is refused', async (text, message) => {
    const { code, err } = await scan(['-baseline', folder.file('damaged.json', text)]);
    expect([code, err]).toEqual([3, expect.stringContaining(message)]);
  });
});
