import { existsSync, readFileSync } from 'node:fs';
import { CaptureError } from './errors.js';

/** Bit numbers in CapEff, from linux/capability.h. */
const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;
const CAP_BPF = 39n;

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

function mayLoadBpf(): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)/m.exec(textOf('/proc/self/status'))?.[1];
  if (!mask) return process.geteuid?.() === 0;
  const effective = BigInt(`0x${mask}`);
  const has = (bit: bigint) => ((effective >> bit) & 1n) === 1n;
  return has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON));
}

/** The active lockdown mode, `none` where the kernel has no such thing. */
export function lockdownMode(): 'none' | 'integrity' | 'confidentiality' {
  const active = /\[(\w+)\]/.exec(textOf('/sys/kernel/security/lockdown'))?.[1];
  return active === 'integrity' || active === 'confidentiality' ? active : 'none';
}

/** Checks what can be checked before a program is loaded, so that the message names the cause. Throws CaptureError. */
export function preflight(): void {
  if (process.platform !== 'linux')
    throw new CaptureError('EUNSUPPORTED', `capturing needs Linux, this is ${process.platform}`);
  if (process.arch !== 'x64' && process.arch !== 'arm64')
    throw new CaptureError('EUNSUPPORTED', `capturing needs x86-64 or arm64, this is ${process.arch}`);
  if (!mayLoadBpf())
    throw new CaptureError(
      'EPRIVILEGE',
      'capturing needs root, or the capabilities CAP_SYS_ADMIN (CAP_BPF and CAP_PERFMON on some kernels), ' +
        'CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH; run it with sudo or grant them in the service unit',
    );
  if (lockdownMode() === 'confidentiality')
    throw new CaptureError(
      'ELOCKDOWN',
      'the kernel is locked down in confidentiality mode and lets no program read memory; boot with ' +
        'lockdown=integrity or without lockdown',
    );
  if (!existsSync('/sys/kernel/btf/vmlinux'))
    throw new CaptureError(
      'ENOBTF',
      'the kernel offers no BTF (/sys/kernel/btf/vmlinux is missing); use a kernel built with CONFIG_DEBUG_INFO_BTF=y, ' +
        'or mount /sys in the container',
    );
}

/**
 * Since July 2025 (and in stable kernels with that change) the kernel asks for CAP_SYS_ADMIN before it takes a uprobe;
 * before, CAP_PERFMON was enough, so only an attempt can tell. Throws CaptureError if every attempt was refused.
 */
export function requireProbes({ size, denied }: { readonly size: number; readonly denied: boolean }): void {
  if (size === 0 && denied)
    throw new CaptureError(
      'EPRIVILEGE',
      'the kernel refuses probes to this user, though it took the BPF programs: this kernel asks for CAP_SYS_ADMIN; run ' +
        'it with sudo or grant it in the service unit',
    );
}

/** Turns what the addon throws while loading into an error that says what to do. */
export function explainLoadFailure(cause: unknown): CaptureError {
  const { code, message, detail = '' } = cause as Error & { code?: string; detail?: string };
  if (code === 'EPERM')
    return new CaptureError(
      'EPRIVILEGE',
      `the kernel refused (${message}); a container may need --privileged`,
      detail,
      {
        cause,
      },
    );
  if (code === 'ENOMEM' && /Cannot allocate|locked/i.test(detail + message))
    return new CaptureError('ERINGSIZE', `no memory for the ring buffer (${message}); choose a smaller one`, detail, {
      cause,
    });
  return new CaptureError('EUNSUPPORTED', `this kernel does not take the capture programs (${message})`, detail, {
    cause,
  });
}
