import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';

const mesh = fileURLToPath(new URL('../../packages/cli/dist/spectral-mesh.js', import.meta.url));

/** Runs the sensor in a mount namespace of its own, in which `prepare` has changed what it sees of the kernel. */
function refused(prepare: string, flags: string[] = [], through = '') {
  const script = `${prepare} && exec ${through} "$0" "$@"`;
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', 'sh', '-c', script, process.execPath, mesh, ...flags],
    { encoding: 'utf8', timeout: 30_000 },
  );
  return { status, stderr, log: stdout };
}

describeBpf('a host that does not let the sensor work', () => {
  it('without BTF: says which kernel option is missing', () => {
    const { status, stderr } = refused('mount -t tmpfs none /sys/kernel/btf');
    expect(stderr).toMatch(/no BTF.*CONFIG_DEBUG_INFO_BTF/s);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(5);
  });

  it('locked down for confidentiality: says so', () => {
    const prepare =
      'mount -t tmpfs none /sys/kernel/security && echo "none integrity [confidentiality]" > /sys/kernel/security/lockdown';
    const { status, stderr } = refused(prepare);
    expect(stderr).toMatch(/locked down in confidentiality mode/);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(5);
  });

  it('without the capabilities: names them', () => {
    const { status, stderr } = refused('true', [], 'setpriv --bounding-set=-bpf,-perfmon,-sys_admin --inh-caps=-all');
    expect(stderr).toMatch(/CAP_BPF and CAP_PERFMON/);
    expect(status).toBe(4);
  });

  it('with a ring too small for one record: names the smallest', () => {
    const { status, stderr } = refused('true', ['-ringbuf-bytes', '4096']);
    expect(stderr).toMatch(/ringbuf-bytes.*65536/);
    expect(status).toBe(2);
  });

  it('with a ring that is no power of two', () => {
    const { status, stderr } = refused('true', ['-ringbuf-bytes', '100000']);
    expect(stderr).toMatch(/ringbuf-bytes.*power of two/);
    expect(status).toBe(2);
  });
});
