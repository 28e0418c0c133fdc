import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';
import { privateLibssl } from './support/private-libssl.js';
import { sampleSecret, writePolicy } from './support/secrets.js';
import { SensorProcess } from './support/sensor.js';
import { temporaryDirectory } from './support/temp.js';
import { compileTlsWriter, startWriter } from './support/tls-writer.js';
import { within } from './support/within.js';

const UNIT = fileURLToPath(new URL('../../packaging/systemd/spectral-mesh.service', import.meta.url));
const NOBODY = 65_534;

/** Becomes a program with no more than these capabilities. */
const limitedTo = (capabilities: readonly string[]) => [
  'setpriv',
  '--no-new-privs',
  '--inh-caps=-all',
  `--bounding-set=${['-all', ...capabilities.map((name) => `+${name.toLowerCase().replace('cap_', '')}`)].join(',')}`,
];

describeBpf('privileges', () => {
  const directory = temporaryDirectory();
  const secret = sampleSecret();
  const policy = writePolicy(join(directory.path, 'policy.json'), [{ id: 'sample-key', pattern: secret }]);

  afterAll(() => directory.remove());

  it('the capabilities of the service unit are enough to see another user’s own library', async () => {
    const granted = /^CapabilityBoundingSet=(.+)$/m.exec(readFileSync(UNIT, 'utf8'))![1]!.split(' ');
    const sensor = await SensorProcess.start(['--policy', policy], { wrapper: limitedTo(granted) });
    try {
      // In a folder that only its owner may enter.
      const home = join(directory.path, 'home');
      mkdirSync(home);
      const program = join(home, 'tls_writer');
      cpSync(compileTlsWriter(directory.path), program);
      const libssl = privateLibssl(program, home);
      chownSync(home, NOBODY, NOBODY);
      chmodSync(home, 0o700);
      chmodSync(directory.path, 0o711);
      const wrapper = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
      const writer = startWriter(program, ['wait', `text:0:${secret}`], { wrapper, env: libssl.env });
      await writer.waiting();
      await sensor.waitFor(({ msg, path }) => msg === 'uprobe_attached' && path === libssl.path);
      writer.resume();
      const [sent] = await writer.sent;
      expect(await sensor.alertOf(sent!.pid)).toMatchObject({ rule_id: 'sample-key', comm: 'tls_writer' });
    } finally {
      await sensor.stop();
    }
  });

  it.each([
    { capabilities: [] },
    { capabilities: ['cap_sys_ptrace', 'cap_dac_read_search'] },
    { capabilities: ['cap_bpf'] },
  ])('with $capabilities it says what it needs, and ends with code 4', async ({ capabilities }) => {
    const sensor = SensorProcess.launch(['--policy', policy], { wrapper: limitedTo(capabilities) });
    expect(await within(20_000, 'the end of spectral-mesh', sensor.closed)).toBe(4);
    const [message, ...more] = sensor.output.split('\n').filter((line) => line.startsWith('spectral-mesh: '));
    expect(message).toMatch(/CAP_SYS_ADMIN.*sudo/);
    expect(more).toEqual([]);
    expect(sensor.output).not.toMatch(/^\s+at /m);
  });
});
