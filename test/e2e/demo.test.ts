import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';
import { run } from './support/programs.js';

const DEMO = fileURLToPath(new URL('../../scripts/demo.mjs', import.meta.url));
const alertsIn = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('{') && line.includes('"msg":"policy_alert"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describeBpf('the demonstration', () => {
  it('shows an alert of the sensor for each program', async () => {
    const { status, stdout, stderr } = await run(process.execPath, [DEMO], { ms: 60_000 });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const alerts = alertsIn(stdout);
    expect(alerts.map(({ comm }) => comm)).toEqual(['curl', 'node', 'python3']);
    for (const alert of alerts) expect(alert).toMatchObject({ sensor_kind: 'mesh', rule_id: 'api-key' });
  }, 90_000);

  it('says so where it may not use BPF, and does not pass the library off as the sensor', async () => {
    const args = ['--bounding-set=-all', '--inh-caps=-all', process.execPath, DEMO];
    const { status, stdout } = await run('setpriv', args, { ms: 60_000 });
    expect(status).toBe(0);
    expect(stdout).toMatch(/cannot be shown here.*may not load BPF/);
    expect(stdout).toContain('LIBRARY ONLY');
    expect(alertsIn(stdout)).toMatchObject([{ sensor_kind: 'library', rule_id: 'api-key' }]);
  }, 90_000);
});
