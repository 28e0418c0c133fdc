/** Everything that is checked on one kernel, in the order of the table. Runs in a test machine and on the host. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BLOCK_MODES, checkBlocking, checkChoice } from './blocking.js';
import { CaptureChecks } from './capture.js';
import { check, failed, same, say } from './runner.js';
import { checkSensor } from './sensor.js';
import { checkVerifier } from './verifier.js';

/** The folder that `root.ts` lays out. */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const feed = join(root, 'packages/capture-ebpf');

interface LoopProbe {
  hasLoopHelper(): boolean;
}

/** The mode that is active; the one asked for on the kernel's command line, if any was. */
function lockdown(): string {
  const asked = /\blockdown=(\w+)/.exec(readFileSync('/proc/cmdline', 'utf8'))?.[1];
  const list = '/sys/kernel/security/lockdown';
  const active = existsSync(list) ? /\[(\w+)\]/.exec(readFileSync(list, 'utf8'))?.[1] : undefined;
  if (asked !== undefined) same('lockdown', active, asked);
  return active ?? 'not shown';
}

/** Whether this kernel has to permit a way of blocking: lockdown leaves the signal, setting registers came with Linux 7. */
function permits(mode: string): boolean | undefined {
  const locked = lockdown();
  if (mode === 'kill') return true;
  if (locked === 'not shown') return undefined;
  return locked === 'none' && (mode === 'redact' || Number(release().split('.')[0]) >= 7);
}

const { hasLoopHelper } = createRequire(import.meta.url)(
  join(feed, `prebuilds/linux-${process.arch}/spectral.node`),
) as LoopProbe;

const libssl = join(root, 'lib', readdirSync(join(root, 'lib'))[0]!);
const GROUPS: Readonly<Record<string, () => Promise<void>>> = {
  verifier: () => checkVerifier(join(root, 'verifier_record'), join(feed, 'bpf'), hasLoopHelper(), permits),
  capture: () => new CaptureChecks(release(), join(root, 'tls_writer'), libssl).run(),
  sensor: checkSensor,
  auto: () => checkChoice(permits),
  ...Object.fromEntries(
    BLOCK_MODES.map((mode) => [mode, () => checkBlocking(mode, join(root, 'tls_sender'), permits(mode))]),
  ),
};
const wanted = process.env.SPECTRAL_CHECKS?.split(',') ?? Object.keys(GROUPS);

await check('release', () => release());
await check('lockdown', lockdown);
for (const [name, run] of Object.entries(GROUPS)) if (wanted.includes(name)) await run();
say({ done: true });
process.exit(failed() > 0 ? 1 : 0);
