/** All feeds in one sensor: the same bytes, through the kernel and past it, give the same findings. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HookwireClient } from '../../packages/capture-hookwire/src/index.js';
import { IngestClient } from '../../packages/capture-ingest/src/index.js';
import { describeBpf } from './support/bpf.js';
import { sampleSecret, writePolicy } from './support/secrets.js';
import { SensorProcess } from './support/sensor.js';
import { temporaryDirectory } from './support/temp.js';
import { compileTlsWriter, write } from './support/tls-writer.js';

describeBpf('all feeds together', () => {
  const directory = temporaryDirectory();
  const program = compileTlsWriter(directory.path);
  const secret = sampleSecret();
  const half = secret.length >> 1;
  const policy = writePolicy(join(directory.path, 'policy.json'), [{ id: 'sample-key', pattern: secret }]);
  const address = `unix:${join(directory.path, 'hook.sock')}`;
  let sensor: SensorProcess;

  beforeAll(async () => {
    const flags = ['-capture-ingest-addr', ':0', '-capture-hook-socket', address, '-capture-stdin'];
    sensor = await SensorProcess.start([...flags, '-policy', policy]);
  }, 60_000);
  afterAll(async () => {
    await sensor.stop();
    directory.remove();
  });

  it('give the same findings, each under its name, and none lets another’s half count', async () => {
    const active = sensor.lines.find(({ msg }) => msg === 'sensor_active');
    expect(active).toMatchObject({ feeds: ['ebpf', 'ingest', 'stdin', 'hookwire'] });
    const pieces = [`${'x'.repeat(5000)} key=${secret.slice(0, half)}`, `${secret.slice(half)} end`];
    const { url } = sensor.lines.find(({ msg }) => msg === 'ingest_listening')!;
    const http = new IngestClient({ url: url as string });
    const hook = await HookwireClient.connect(address);

    const [sent] = await write(
      program,
      pieces.map((text) => `ex-text:0:${text}`),
    );
    const place = { pid: sent!.pid, comm: 'tls_writer' };
    // Second halves first: they would complete what another feed has begun.
    for (const text of [...pieces].reverse()) await http.send({ ...place, data: text });
    for (const text of pieces) await http.send({ ...place, flow: 'whole', data: text });
    for (const text of pieces) await hook.send({ ...place, data: Buffer.from(text) });
    await hook.close();
    await sensor.waitFor(({ msg, feed }) => msg === 'policy_alert' && feed === 'hookwire');
    await sensor.alertOf(sent!.pid);
    await sensor.waitFor(({ msg, feed }) => msg === 'policy_alert' && feed === 'ebpf');

    const found = sensor.alerts.map(({ feed, pid, comm, rule_id, match_offset, match_count, redacted_preview }) => [
      feed,
      [pid, comm, rule_id, match_offset, match_count, redacted_preview],
    ]);
    expect(Object.keys(Object.fromEntries(found)).sort()).toEqual(['ebpf', 'hookwire', 'ingest']);
    expect(found).toHaveLength(3);
    for (const [, facts] of found) expect(facts).toEqual(found[0]![1]);
    expect(sensor.output).not.toContain(secret.slice(0, half));
  });

  it('of which standard input ends, and the others go on', async () => {
    await sensor.waitFor(({ msg }) => msg === 'stdin_ended');
    const child = spawn(program, [`text:0:${secret}`], { stdio: 'ignore' });
    await once(child, 'close');
    await sensor.alertOf(child.pid!);
  });
});

describe('standard output that fails while standard input goes on', () => {
  const mesh = fileURLToPath(new URL('../../packages/cli/dist/spectral-mesh.js', import.meta.url));
  const line = `${JSON.stringify({ text: 'Details on Project Ethos' })}\n`;

  function start(stdout: 'pipe' | number) {
    const child = spawn(process.execPath, [mesh, '-feeds', 'stdin'], { stdio: ['pipe', stdout, 'pipe'] });
    let errors = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.stdin!.on('error', () => {});
    return { child, errors: () => errors, closed: once(child, 'close').then(([code]) => code as number) };
  }

  it('a full disk: all is scanned, and the loss is counted', async () => {
    const full = openSync('/dev/full', 'w');
    const { child, errors, closed } = start(full);
    closeSync(full);
    child.stdin!.end(line.repeat(1000));
    expect(await closed).toBe(0);
    // 1,000 alerts; the lines of start, end and summary.
    expect(errors()).toBe('spectral-mesh: 1004 log lines could not be written to standard output (ENOSPC)\n');
  });

  it('a reader that leaves: the sensor ends with 7, however much is still to come', async () => {
    const { child, errors, closed } = start('pipe');
    const more = () => child.stdin!.writable && child.stdin!.write(line.repeat(1000), () => setImmediate(more));
    more();
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    expect(await closed).toBe(7);
    expect(errors()).toContain('standard output was closed by its reader');
  });
});
