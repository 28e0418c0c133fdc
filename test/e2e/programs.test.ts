import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';
import { HTTPS_PROGRAMS } from './support/programs.js';
import { sampleSecret, writePolicy } from './support/secrets.js';
import { SensorProcess } from './support/sensor.js';
import { temporaryDirectory } from './support/temp.js';
import { TlsServer } from './support/tls-server.js';

describeBpf('spectral-mesh sees what real programs send', () => {
  const directory = temporaryDirectory();
  const marker = sampleSecret();
  let server: TlsServer;
  let sensor: SensorProcess;

  beforeAll(async () => {
    server = await TlsServer.start();
    const policy = writePolicy(join(directory.path, 'policy.json'), [
      { id: 'sample-key', pattern: marker, severity: 'critical' },
      { id: 'sample-header', pattern: `X-${marker}`, severity: 'low' },
    ]);
    sensor = await SensorProcess.start(['--policy', policy]);
  }, 60_000);

  afterAll(async () => {
    await sensor?.stop();
    await server?.stop();
    directory.remove();
  });

  it.each(HTTPS_PROGRAMS)('$name', async (program) => {
    const path = `/${program.name.replaceAll(/\W/g, '-')}`;
    const body = JSON.stringify({ prompt: 'why does it fail?', key: `${marker}-tail-${program.comm}` });
    const ran = await program.post(server, path, body);
    expect(ran.stderr).not.toContain('rror');

    // What the sensor says is worth something only if the request did reach the server.
    const request = server.received.find((received) => received.path === path);
    expect(request).toMatchObject({ body, httpVersion: program.httpVersion });

    const alert = await sensor.alertOf(ran.pid);
    expect(alert).toMatchObject({
      level: 'WARN',
      sensor_kind: 'mesh',
      rule_id: 'sample-key',
      matched_rule_ids: ['sample-key'],
      severity: 'critical',
      action: 'observe',
      enforcement_mode: 'observe',
      bpf_blocking_enabled: false,
      kernel_wipe_applied: false,
      comm: program.comm,
      pid: ran.pid,
      direction: 'egress',
      match_count: 1,
      bytes_not_scanned: 0,
    });
    expect(alert.schema_version).toBeTypeOf('number');
    expect(alert.redacted_preview).toContain('"prompt":"why does it fail?"');
    expect(alert.redacted_preview).toMatch(/"key":"\*+/);
    expect(sensor.output).not.toContain(marker);
    expect(sensor.output).not.toContain(`tail-${program.comm}`);
  });

  it('names no program that sent nothing of interest', async () => {
    const quiet = await HTTPS_PROGRAMS[0]!.post(server, '/quiet', 'nothing to see');
    const loud = await HTTPS_PROGRAMS[0]!.post(server, '/loud', `${marker} again`);
    await sensor.alertOf(loud.pid);
    expect(sensor.alerts.filter(({ pid }) => pid === quiet.pid)).toEqual([]);
  });
});
