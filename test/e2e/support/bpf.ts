import { readFileSync } from 'node:fs';
import { describe } from 'vitest';

const CAP_SYS_ADMIN = 21;
const CAP_PERFMON = 38;
const CAP_BPF = 39;

/** Why BPF tests cannot run here; `undefined` where they can. */
function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux';
  try {
    readFileSync('/sys/kernel/btf/vmlinux');
  } catch {
    return 'this kernel has no BTF';
  }
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  const has = (capability: number) => ((mask >> BigInt(capability)) & 1n) === 1n;
  return has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON)) ? undefined : 'no capability to load BPF programs';
}

export const bpfUnavailable = whyNot();

/** Runs where BPF works. Elsewhere it is skipped, except in CI, where it runs and fails. */
export const describeBpf = bpfUnavailable === undefined || process.env.CI === 'true' ? describe : describe.skip;
