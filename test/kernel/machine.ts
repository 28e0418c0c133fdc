/** Runs the checks: on the host as a process, on another kernel in a machine that QEMU emulates in software. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CheckResult, emptyReport, type Report, takeLine } from './protocol.js';

/**
 * No acceleration: KVM is not to be had everywhere, and breaks when nested. No cmpxchg16b: QEMU 7.2 leaves garbage in the
 * flags behind it, on which newer kernels panic while they boot.
 */
const MACHINE = ['-accel', 'tcg,thread=multi', '-smp', '2'];
const X64 = ['-cpu', 'max,-cx16', '-m', '1280'];
const ARM64 = ['-machine', 'virt', '-cpu', 'max,pauth-impdef=on', '-m', '2048'];
const COMMAND_LINE = 'panic=-1 lsm=lockdown,capability,bpf';

export interface Limits {
  readonly seconds: number;
}

/** What a machine boots. */
export interface Boot {
  readonly architecture: 'x64' | 'arm64';
  readonly image: string;
  readonly initramfs: string;
  /** As Secure Boot makes distributions do. */
  readonly lockdown: boolean;
  /** Groups of checks to run; all if there are none. */
  readonly checks: readonly string[];
  /** Where the console goes. */
  readonly log: string;
}

type Progress = (result: CheckResult) => void;

async function collect(kernel: string, child: ChildProcess, limits: Limits, progress: Progress): Promise<Report> {
  const report = emptyReport(kernel);
  const start = performance.now();
  const lines = createInterface({ input: child.stdout! });
  lines.on('line', (line) => {
    const result = takeLine(report, line);
    if (result) progress(result);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), limits.seconds * 1000);
  const onExit = () => child.kill('SIGKILL');
  const onSignal = () => process.exit(130);
  process.once('exit', onExit).once('SIGTERM', onSignal).once('SIGINT', onSignal);
  try {
    await Promise.all([once(child, 'close'), once(lines, 'close')]);
  } finally {
    clearTimeout(timer);
    process.off('exit', onExit).off('SIGTERM', onSignal).off('SIGINT', onSignal);
    report.seconds = (performance.now() - start) / 1000;
  }
  return report;
}

/** What the checks find in their environment. */
const wanted = (checks: readonly string[]) => (checks.length > 0 ? { SPECTRAL_CHECKS: checks.join(',') } : {});

export function runOnHost(
  stage: string,
  checks: readonly string[],
  limits: Limits,
  progress: Progress,
): Promise<Report> {
  const env = { ...process.env, ...wanted(checks) };
  const child = spawn('sh', [join(stage, 'run-checks')], { stdio: ['ignore', 'pipe', 'inherit'], env });
  return collect('host', child, limits, progress);
}

/** Results come through the second serial port; where there is only one, among what the kernel says. */
export function runInMachine(kernel: string, boot: Boot, limits: Limits, progress: Progress): Promise<Report> {
  // Assignments that the kernel does not know become the environment of /init.
  const assignments = Object.entries(wanted(boot.checks)).map(([name, value]) => `${name}=${value}`);
  const x64 = boot.architecture === 'x64';
  const said = x64 ? 'console=ttyS0 loglevel=5' : 'console=ttyAMA0 loglevel=3 SPECTRAL_PORT=/dev/ttyAMA0';
  const append = [COMMAND_LINE, said, ...(boot.lockdown ? ['lockdown=integrity'] : []), ...assignments].join(' ');
  const system = ['-kernel', boot.image, '-initrd', boot.initramfs, '-append', append, '-no-reboot'];
  const ports = [
    '-nodefaults',
    '-display',
    'none',
    ...(x64 ? ['-serial', `file:${boot.log}`] : []),
    '-serial',
    'stdio',
  ];
  const [emulator, machine] = x64 ? ['qemu-system-x86_64', X64] : ['qemu-system-aarch64', ARM64];
  const options = [...machine, ...MACHINE, ...ports, ...system];
  const child = spawn(emulator, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  return collect(kernel, child, limits, progress);
}
