import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';
import { run } from './support/programs.js';
import { disguises, sampleSecret, writePolicy } from './support/secrets.js';
import { type LogLine, SensorProcess } from './support/sensor.js';
import { temporaryDirectory } from './support/temp.js';
import { compileTlsWriter, write } from './support/tls-writer.js';

/** What programs send so that every way to an alert is taken. `key` is what the rules look for, `rest` makes it a secret. */
function traffic(key: string, rest: string): Record<string, string[]> {
  const secret = key + rest;
  const middle = secret.length >> 1;
  return {
    'in one write': [`text:0:{"key":"${secret}"}`],
    'in SSL_write_ex': [`ex-text:0:Authorization: Bearer ${secret}`],
    'cut within the pattern': [`text:0:key=${secret.slice(0, 7)}`, `text:0:${secret.slice(7)} end`],
    'cut within the token': [`text:0:key=${key}`, `text:0:${rest} end`],
    'cut into bytes': [...secret].map((letter) => `text:0:${letter}`),
    'the token goes on after the alert, and a second alert shows what came before it': [
      `text:0:first ${key}${rest.slice(0, 5)}`,
      `text:0:${rest.slice(5)} then `,
      `text:0:second ${secret}`,
    ],
    'many in one write': [`text:0:${`${secret},`.repeat(20)}`],
    'by a rule that should block': [`text:0:BLOCK${secret}`],
    'on two connections': [`text:0:${secret.slice(0, middle)}`, `text:1:${secret}`, `text:0:${secret.slice(middle)}`],
    'across the cap of a write': [`text:0:${'x'.repeat(4090)}${secret}`, `text:0:${secret}`],
    'behind a truncated write': ['write:0:100000', `text:0:again ${secret}`],
    'a token that goes on behind a gap': [`text:0:${'x'.repeat(4050)}${secret}`, `text:0:${rest} then ${secret}`],
    'beside control bytes': [`text:0:\n\t${secret}\n`],
    'at the end of a preview': [`text:0:${secret}${' '.repeat(30)}${secret}${' '.repeat(60)}${secret}`],
  };
}

describeBpf('no secret leaves the sensor', () => {
  const directory = temporaryDirectory();
  const program = compileTlsWriter(directory.path);

  afterAll(() => directory.remove());

  it.each<{ format: 'json' | 'text'; level: string; more: string[] }>([
    { format: 'json', level: 'debug', more: ['--log-payload-sha256'] },
    { format: 'json', level: 'info', more: ['--log-redacted-preview=false'] },
    { format: 'text', level: 'debug', more: ['--log-payload-sha256', '--alert-max-per-pid-per-window', '2'] },
  ])(
    'in $format at level $level',
    async ({ format, level, more }) => {
      const key = sampleSecret();
      const rest = sampleSecret().split('').reverse().join('');
      const path = join(directory.path, `policy-${format}.json`);
      const rules = [
        { id: 'sample-key', pattern: key, severity: 'high' },
        { id: 'sample-block', pattern: `BLOCK${key}`, severity: 'critical', action: 'block' },
        { id: 'sample-bearer', pattern: 'Authorization: Bearer ', severity: 'medium' },
      ];
      writePolicy(path, rules);
      const args = [
        '--policy',
        path,
        '--log-level',
        level,
        '--metrics-addr',
        '127.0.0.1:0',
        '--write-cap-bytes',
        '4096',
      ];
      const sensor = await SensorProcess.start([...args, ...more], { format });
      try {
        const pids: number[] = [];
        for (const actions of Object.values(traffic(key, rest))) {
          const sent = await write(program, actions);
          pids.push(sent[0]!.pid);
        }
        for (const pid of pids) await sensor.seen(new RegExp(`"?pid"?[:=]${pid}\\b`));

        // A reload that fails talks about the document; it must not quote it.
        for (const broken of [
          JSON.stringify({ schema_version: 2, rules: [{ ...rules[0], severity: key }] }),
          JSON.stringify({ schema_version: 2, rules: [{ ...rules[0], id: `${key} ${rest}` }] }),
          `{"schema_version":2,"rules":[{"id":"a","pattern":"${key}${rest}`,
          JSON.stringify({ schema_version: 2, rules: [rules[0], { ...rules[0], pattern: rest }] }),
          JSON.stringify({ schema_version: 2, [key]: rest, rules }),
        ]) {
          writeFileSync(path, broken);
          const from = sensor.output.length;
          sensor.child.kill('SIGHUP');
          await sensor.seen(/policy_reload_failed/, from);
        }

        const port = await sensor.metricsPort();
        const bodies = await Promise.all(
          ['/metrics', '/healthz', '/readyz', '/version', '/nowhere'].map(
            async (where) => (await run('curl', ['-sS', '-m', '5', `http://127.0.0.1:${port}${where}`])).stdout,
          ),
        );
        expect(bodies[0]).toContain('spectral_mesh_policy_alerts_total');
        await sensor.stop();

        const everything = [sensor.output, ...bodies].join('\n');
        expect(everything).toContain('sample-key');
        for (const part of [key, rest]) {
          for (const form of disguises(part)) expect(linesWith(everything, form)).toEqual([]);
        }
        // Nor half of it: a preview cut short, a token masked only in part.
        for (const part of [key.slice(-12), rest.slice(0, 12), rest.slice(-12)])
          expect(linesWith(everything, part)).toEqual([]);
        if (format === 'json') expectEveryAlert(sensor.alerts, pids, more);
      } finally {
        sensor.child.kill('SIGKILL');
      }
    },
    60_000,
  );

  const linesWith = (text: string, part: string) => text.split('\n').filter((line) => line.includes(part));

  /** The test above proves nothing about a path that raised no alert. */
  function expectEveryAlert(alerts: readonly LogLine[], pids: readonly number[], more: readonly string[]): void {
    for (const pid of pids) expect(alerts.some((alert) => alert.pid === pid)).toBe(true);
    const preview = !more.includes('--log-redacted-preview=false');
    for (const alert of alerts) {
      expect('redacted_preview' in alert).toBe(preview);
      if (more.includes('--log-payload-sha256')) expect(alert.payload_sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(alerts.some(({ bytes_not_scanned }) => Number(bytes_not_scanned) > 0)).toBe(true);
  }
});
