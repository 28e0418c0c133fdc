import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packOf } from '@spectral/rules';
import { afterAll, describe, expect, it } from 'vitest';
import { ACTIVE, Documents, startMesh } from './support.js';

const documents = new Documents();
afterAll(() => documents.remove());

/** Made up: random characters in the vendor's format. */
const TOKEN = `dop_v1_${'5a1f0c7be2d94386a0b3c5d7e9f1a2b4c6d8e0f2a4b6c8d0e1f3a5b7c9d1e3f5'}`;

describe('the sensor', () => {
  it('looks for packs, also where the text is escaped', async () => {
    const mesh = startMesh(['-rules', 'secrets']);
    await mesh.stdout.has(ACTIVE);
    expect(mesh.stdout.events('sensor_active')[0]).toMatchObject({
      policy_source: 'builtin secrets',
      policy_schema_version: 3,
      rules: packOf('secrets')!.rules.length,
    });
    mesh.feed.push(JSON.stringify({ messages: [{ role: 'user', content: `my token is "${TOKEN}"\n` }] }));
    // What could still go on is decided when the flow is over.
    mesh.feed.handler!.endFlow('flow');
    await mesh.stdout.has(/policy_alert.*\n/);
    await mesh.stop();
    const [alert] = mesh.stdout.events('policy_alert');
    expect(alert).toMatchObject({ rule_id: 'digitalocean-personal-token', severity: 'critical' });
    expect(mesh.stdout.text).not.toContain(TOKEN.slice(7, 27));
  });

  it('takes a policy in YAML that extends packs, and reads it again', async () => {
    const path = join(documents.directory, 'policy.yaml');
    const rule = '  - { id: made-up, severity: low, literals: [made-up-word] }';
    writeFileSync(path, `schema_version: 3\nextends: [default]\nrules:\n${rule}\n`);
    const mesh = startMesh(['-policy', path]);
    await mesh.stdout.has(ACTIVE);
    writeFileSync(path, `schema_version: 3\nrules:\n${rule}\n`);
    mesh.signals.emit('SIGHUP');
    await mesh.stdout.has(/policy_reloaded.*\n/);
    writeFileSync(path, `schema_version: 3\nrules:\n${rule}\n  - [`);
    mesh.signals.emit('SIGHUP');
    await mesh.stdout.has(/policy_reload_failed.*\n/);
    mesh.feed.push('a made-up-word');
    // What could still go on is decided when the flow is over.
    mesh.feed.handler!.endFlow('flow');
    await mesh.stdout.has(/policy_alert.*\n/);
    await mesh.stop();
    expect(mesh.stdout.events('policy_reloaded')[0]).toMatchObject({ rules: 1 });
    expect(mesh.stdout.events('policy_reload_failed')[0]!.error).toMatch(/line \d+, column \d+: not valid YAML/);
  });

  it('prefers -policy to SPECTRAL_RULES', async () => {
    const mesh = startMesh(['-policy', documents.samplePolicy()], { env: { SPECTRAL_RULES: 'secrets' } });
    await mesh.stdout.has(ACTIVE);
    await mesh.stop();
    expect(mesh.stdout.events('sensor_active')[0]).toMatchObject({ rules: 1 });
  });
});
