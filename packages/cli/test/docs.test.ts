import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXIT_CODE_HELP } from '../src/exit-codes.js';
import { ACTIVE, metricsOf, startMesh } from './support.js';

const page = readFileSync(fileURLToPath(new URL('../../../docs/CLI.md', import.meta.url)), 'utf8');

describe('docs/CLI.md', () => {
  it('has the exit codes as they are', () => {
    for (const [code, meaning] of EXIT_CODE_HELP) {
      expect(page.replaceAll('`', '')).toContain(`| ${code} | ${meaning} |`);
    }
  });

  it('names every metric, with its type', async () => {
    const mesh = startMesh(['-metrics-addr', ':0']);
    const url = await mesh.url();
    await mesh.stdout.has(ACTIVE);
    const { text } = await metricsOf(url);
    await mesh.stop();
    const served = [...text.matchAll(/^# TYPE (spectral_mesh_\w+) (\w+)$/gm)];
    expect(served.length).toBeGreaterThan(30);
    for (const [, name, type] of served) {
      if (/^spectral_mesh_flows_/.test(name!)) continue; // Named by their endings.
      const row = page.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${name}\``));
      expect(row, name).toContain(`| ${type} |`);
    }
    const listed = [...page.matchAll(/`(spectral_mesh_\w+)`/g)].map(([, name]) => name!);
    for (const name of listed.filter((name) => !name.includes('_k8s_'))) expect(text).toContain(`# TYPE ${name} `);
  });
});
