import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Documents, metricsOf, rule, SAMPLE_SECRET, startMesh } from './support.js';

const documents = new Documents();
afterAll(() => documents.remove());

describe('the sample secret', () => {
  /** Every form in which the bytes might slip out. */
  const forms = [
    SAMPLE_SECRET,
    Buffer.from(SAMPLE_SECRET).toString('hex'),
    Buffer.from(SAMPLE_SECRET).toString('base64').replace(/=*$/, '').slice(0, -2),
    encodeURIComponent(SAMPLE_SECRET),
    [...Buffer.from(SAMPLE_SECRET)].join(','),
    SAMPLE_SECRET.slice(4, -4),
  ];

  it.each<[what: string, argv: string[]]>([
    ['with previews', []],
    ['with previews, for people', ['-log-format', 'text']],
    ['with hashes', ['-log-payload-sha256']],
    ['without previews', ['-log-redacted-preview=false']],
    ['over the caps', ['-alert-max-per-window', '1']],
    ['repeated', ['-alert-dedupe-window', '1h']],
    ['while debugging', ['-log-level', 'debug']],
  ])('appears in no log line, metric or message: %s', async (_what, argv) => {
    const path = documents.policy(rule('sample', SAMPLE_SECRET, { action: 'block' }), rule('word', 'made-up'));
    const mesh = startMesh(['-policy', path, '-metrics-addr', ':0', ...argv]);
    await mesh.stdout.has(/metrics_listening.*\n/);
    const url = `http://127.0.0.1:${/"?port"?[=:](\d+)/.exec(mesh.stdout.text)![1]}`;
    await mesh.stdout.has(/sensor_active.*\n/);
    mesh.feed.push(`a ${SAMPLE_SECRET} b ${SAMPLE_SECRET}${SAMPLE_SECRET} c`, { flow: 1 });
    for (const char of `cut ${SAMPLE_SECRET} up`) mesh.feed.push(char, { flow: 2 });
    mesh.feed.push(SAMPLE_SECRET.slice(0, 10), { flow: 3 });
    mesh.feed.push(SAMPLE_SECRET.slice(10), { flow: 3, lost: 5 });
    mesh.feed.push(`${'x'.repeat(70_000)}${SAMPLE_SECRET}`, { flow: 4 });
    mesh.feed.push(`ends here ${SAMPLE_SECRET}`, { flow: 5 });
    // A file that is refused and holds the secret.
    writeFileSync(path, `{"rules": [{"id": "x", "pattern": "${SAMPLE_SECRET}" "`);
    mesh.signals.emit('SIGHUP');
    await mesh.stdout.has(/policy_reload_failed.*\n/);
    const { text } = await metricsOf(url);
    await mesh.stop();
    expect(mesh.stdout.text).toMatch(/policy_alert/);
    for (const form of forms) {
      for (const output of [mesh.stdout.text, mesh.stderr.text, text]) expect(output.includes(form)).toBe(false);
    }
  });
});
