/** Everything that is checked on one kernel, in the order of the table. Runs in a test machine and on the host. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CaptureChecks } from './capture.js';
import { check, failed, say } from './runner.js';
import { checkSensor } from './sensor.js';
import { checkVerifier } from './verifier.js';

/** The folder that `root.ts` lays out. */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const feed = join(root, 'packages/capture-ebpf');

interface LoopProbe {
  hasLoopHelper(): boolean;
}

function lockdown(): string {
  try {
    return /\[(\w+)\]/.exec(readFileSync('/sys/kernel/security/lockdown', 'utf8'))?.[1] ?? 'none';
  } catch {
    return 'not shown';
  }
}

const { hasLoopHelper } = createRequire(import.meta.url)(
  join(feed, `prebuilds/linux-${process.arch}/spectral.node`),
) as LoopProbe;

await check('release', () => release());
await check('lockdown', lockdown);
await checkVerifier(join(root, 'verifier_record'), join(feed, 'bpf'), hasLoopHelper());
const libssl = join(root, 'lib', readdirSync(join(root, 'lib'))[0]!);
await new CaptureChecks(release(), join(root, 'tls_writer'), libssl).run();
await checkSensor();
say({ done: true });
process.exit(failed() > 0 ? 1 : 0);
