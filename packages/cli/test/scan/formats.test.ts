import { afterAll, describe, expect, it } from 'vitest';
import { Folder, POLICY, run, TOKEN } from './support.js';

const folder = new Folder();
afterAll(() => folder.remove());
const policy = folder.file('policy.json', POLICY);
const file = folder.file('a b.txt', `ä ${TOKEN}\nproject nowhere\n`);
const clean = folder.file('clean.txt', 'nothing');
const report = async (format: string, ...paths: string[]) => {
  const { out } = await run(['scan', '-policy', policy, '-format', format, ...paths]);
  return JSON.parse(out);
};

describe('-format json', () => {
  it('is one document', async () => {
    const { version, findings, errors, summary } = await report('json', file, '/nowhere/x');
    expect(version).toBe(1);
    expect(findings).toEqual([
      {
        file,
        rule_id: 'made-up-token',
        severity: 'critical',
        action: 'observe',
        start: 3,
        end: 10,
        view: 'raw',
        line: 1,
        column: 4,
        preview: `ä ${'*'.repeat(TOKEN.length)}`,
        hash: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
      expect.objectContaining({ rule_id: 'made-up-word', line: 2, column: 1 }),
    ]);
    expect(errors).toEqual([{ file: '/nowhere/x', message: 'cannot read it: ENOENT' }]);
    expect(summary).toEqual({ files: 1, bytes: 43, findings: 2, known: 0, errors: 1 });
  });

  it('is one when there is nothing', async () => {
    expect(await report('json', clean)).toMatchObject({ findings: [], errors: [] });
  });
});

/** Required properties and their types by SARIF 2.1.0, of the objects that are written. */
describe('-format sarif', () => {
  it('is a log with one run, its rules and results', async () => {
    const log = await report('sarif', file, '/nowhere/x');
    expect(log.version).toBe('2.1.0');
    expect(log.$schema).toMatch(/sarif-2\.1\.0/);
    expect(log.runs).toHaveLength(1);
    const [{ tool, results, invocations }] = log.runs;
    expect(tool.driver.name).toBe('spectral-mesh');
    expect(tool.driver.rules).toEqual([
      {
        id: 'made-up-token',
        shortDescription: { text: 'A made-up token' },
        defaultConfiguration: { level: 'error' },
        properties: { 'security-severity': '9.5', tags: ['security'] },
      },
      expect.objectContaining({ id: 'made-up-word', defaultConfiguration: { level: 'note' } }),
    ]);
    expect(results).toHaveLength(2);
    for (const { ruleId, ruleIndex, level, message, locations, partialFingerprints } of results) {
      expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
      expect(['error', 'warning', 'note', 'none']).toContain(level);
      expect(message.text).not.toBe('');
      const [{ physicalLocation }] = locations;
      expect(new URL(physicalLocation.artifactLocation.uri).pathname).toMatch(/a%20b\.txt$/);
      expect(Object.keys(partialFingerprints)).toEqual(['spectralValueHash/v1']);
    }
    expect(results[0].locations[0].physicalLocation.region).toEqual({ startLine: 1, byteOffset: 3, byteLength: 7 });
    expect(invocations[0]).toMatchObject({
      executionSuccessful: false,
      toolExecutionNotifications: [{ level: 'error', message: { text: 'cannot read it: ENOENT' } }],
    });
  });

  it('is one when there is nothing', async () => {
    const log = await report('sarif', clean);
    expect(log.runs[0]).toMatchObject({ results: [], invocations: [{ executionSuccessful: true }] });
  });
});
