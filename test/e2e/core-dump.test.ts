import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { describeBpf } from './support/bpf.js';
import { SensorProcess } from './support/sensor.js';
import { temporaryDirectory } from './support/temp.js';

/** Where the kernel hands cores to a program instead, there is no file to look for; the flag is the same. */
const writesFiles = () => /^[^|/]/.test(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'));

describeBpf('a sensor that crashes', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());
  const allowed = ['sh', '-c', `cd ${directory.path} && ulimit -c unlimited && exec "$0" "$@"`];

  it.runIf(writesFiles())('leaves no core file, although they are allowed', async () => {
    const control = spawnSync('sh', ['-c', `cd ${directory.path} && ulimit -c unlimited && kill -ABRT $$`]);
    expect(control.signal).toBe('SIGABRT');
    const before = readdirSync(directory.path);
    expect(before.length, 'the shell’s own core').toBeGreaterThan(0);

    const sensor = await SensorProcess.start([], { wrapper: allowed });
    sensor.child.kill('SIGABRT');
    await sensor.closed;
    expect(sensor.child.signalCode).toBe('SIGABRT');
    expect(readdirSync(directory.path)).toEqual(before);
  });
});
