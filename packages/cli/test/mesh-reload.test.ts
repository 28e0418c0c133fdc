import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { ACTIVE, Documents, metricsOf, rule, SAMPLE_SECRET, startMesh } from './support.js';

const documents = new Documents();
afterAll(() => documents.remove());

describe('reload', () => {
  it('takes the new policy and allowlist, and loses no flow', async () => {
    const path = documents.policy(rule('old', 'OLD-made-up'));
    const allowlist = documents.file({ comm_prefixes: [] });
    const mesh = startMesh(['-policy', path, '-allowlist', allowlist]);
    await mesh.stdout.has(ACTIVE);
    mesh.feed.push('NEW-made-up', { flow: 1 });
    writeFileSync(path, JSON.stringify({ schema_version: 2, rules: [rule('new', 'NEW-made-up')] }));
    writeFileSync(allowlist, JSON.stringify({ comm_prefixes: ['quiet'] }));
    mesh.signals.emit('SIGHUP');
    await mesh.stdout.has(/"policy_reloaded".*\n/);
    mesh.feed.push('OLD-made-up NEW-made-up', { flow: 1 });
    mesh.feed.push('NEW-made-up', { flow: 2, comm: 'quiet' });
    await mesh.stop();
    expect(mesh.stdout.events('policy_alert')).toMatchObject([{ rule_id: 'new', matched_rule_ids: ['new'] }]);
    expect(mesh.stdout.events('policy_reloaded')).toMatchObject([{ level: 'INFO', rules: 1, policy_file: path }]);
    expect(mesh.stdout.events('sensor_stopped')).toMatchObject([{ policy_reloads: 1, policy_reload_errors: 0 }]);
  });

  it.each<[what: string, spoil: (path: string) => void, says: RegExp]>([
    ['malformed', (path) => writeFileSync(path, '{"rules": ['), /line 1, column 12/],
    ['invalid', (path) => writeFileSync(path, '{"schema_version": 2, "rules": [{"id": "x"}]}'), /rules\[0\]/],
    ['missing', (path) => rmSync(path), /no such file/],
  ])('keeps the old policy when the file is %s', async (_what, spoil, says) => {
    const path = documents.samplePolicy();
    const mesh = startMesh(['-policy', path, '-metrics-addr', ':0']);
    const url = await mesh.url();
    await mesh.stdout.has(ACTIVE);
    spoil(path);
    mesh.signals.emit('SIGHUP');
    await mesh.stdout.has(/"policy_reload_failed".*\n/);
    mesh.feed.push(SAMPLE_SECRET);
    const { value } = await metricsOf(url);
    expect(value('spectral_mesh_policy_reload_errors_total')).toBe(1);
    expect(value('spectral_mesh_policy_reloads_total')).toBe(0);
    expect(await mesh.stop()).toBe(0);
    const [failed] = mesh.stdout.events('policy_reload_failed');
    expect(failed).toMatchObject({ level: 'ERROR', error: expect.stringMatching(says) });
    expect(failed!.error).toContain(path);
    expect(mesh.stdout.events('policy_alert')).toHaveLength(1);
  });

  it('changes neither file when one of them is bad', async () => {
    const path = documents.policy(rule('old', 'OLD-made-up'));
    const allowlist = documents.file({ comm_prefixes: [] });
    const mesh = startMesh(['-policy', path, '-allowlist', allowlist]);
    await mesh.stdout.has(ACTIVE);
    writeFileSync(path, JSON.stringify({ schema_version: 2, rules: [rule('new', 'NEW-made-up')] }));
    writeFileSync(allowlist, '[]');
    mesh.signals.emit('SIGHUP');
    await mesh.stdout.has(/"policy_reload_failed".*\n/);
    mesh.feed.push('OLD-made-up NEW-made-up');
    await mesh.stop();
    expect(mesh.stdout.events('policy_alert')).toMatchObject([{ rule_id: 'old' }]);
  });

  it('runs one at a time, and ends with the file as it was last', async () => {
    const path = documents.policy(rule('r0', 'R0-made-up'));
    const mesh = startMesh(['-policy', path]);
    await mesh.stdout.has(ACTIVE);
    for (let i = 1; i <= 20; i++) {
      writeFileSync(path, JSON.stringify({ schema_version: 2, rules: [rule(`r${i}`, `R${i}-made-up.`)] }));
      mesh.signals.emit('SIGHUP');
    }
    await mesh.stdout.has(/("policy_reloaded".*\n[\s\S]*){2}/);
    mesh.feed.push('R20-made-up.');
    await mesh.stop();
    expect(mesh.stdout.events('policy_alert')).toMatchObject([{ rule_id: 'r20' }]);
    expect(mesh.stdout.events('policy_reloaded')).toHaveLength(2);
  });

  it('says so when there is nothing to read', async () => {
    const mesh = startMesh([]);
    await mesh.stdout.has(ACTIVE);
    mesh.signals.emit('SIGHUP');
    await mesh.stdout.has(/"policy_reload_skipped".*\n/);
    expect(await mesh.stop()).toBe(0);
  });
});
