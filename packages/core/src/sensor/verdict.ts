import type { BlockRestraint, BlockVerdict, EnforcementMode } from '../types.js';
import type { Origin } from './report.js';

/** Bytes of `spectral_verdict` in `bpf/spectral.h`, where it is drawn. */
export const VERDICT_BYTES = 72;

const MODES: readonly EnforcementMode[] = ['observe', 'redact', 'deny', 'kill'];
const RESTRAINTS: readonly BlockRestraint[] = ['none', 'dry_run', 'exempt', 'kill_limit', 'failed'];

/** Reads what the kernel says about a write; `undefined` if it is no such thing. */
export function readVerdict(memory: Uint8Array, at: number, origin: Origin, time: number): BlockVerdict | undefined {
  const view = new DataView(memory.buffer, memory.byteOffset + at, VERDICT_BYTES);
  const word = (offset: number) => view.getUint32(offset, true);
  const long = (offset: number) => Number(view.getBigUint64(offset, true));
  const wanted = MODES[word(0)];
  const achieved = MODES[word(4)];
  const restraint = RESTRAINTS[word(8)];
  if (wanted === undefined || achieved === undefined || restraint === undefined) return undefined;
  const matchEnd = long(40);
  return {
    pid: origin.pid,
    comm: origin.comm,
    time,
    wanted,
    achieved,
    restraint,
    error: word(12),
    set: word(16),
    literal: word(20),
    writeOffset: long(24),
    writeLength: long(32),
    matchStart: Math.max(matchEnd - word(68), 0),
    matchEnd,
    bytesLeft: long(48),
    bytesStopped: long(56),
    matches: word(64),
  };
}
