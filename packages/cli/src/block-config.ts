import { CliError } from './errors.js';
import type { FeedName } from './feed-choice.js';
import { bad, type FlagReader } from './flag-reader.js';
import type { FlagName } from './flags.js';

/** How block rules are carried out. */
export interface BlockConfig {
  readonly mode: 'auto' | 'redact' | 'deny' | 'kill';
  readonly dryRun: boolean;
  /** What cannot be looked through is stopped. */
  readonly failClosed: boolean;
  /** 0: no limit. */
  readonly killsPerMinute: number;
  /** By prefix. */
  readonly allowComm: readonly string[];
}

/** Linux cuts names of processes to so many bytes: a longer one would never match. */
const MAX_COMM_BYTES = 15;
const MAX_KILLS = 1_000_000;

/**
 * `undefined`: nothing is blocked.
 * @param feeds those that are on
 * @throws CliError code `USAGE`
 */
export function blockConfig(read: FlagReader<FlagName>, feeds: ReadonlySet<FeedName>): BlockConfig | undefined {
  const killsPerMinute = read.count('block-kill-limit');
  if (killsPerMinute > MAX_KILLS)
    throw bad('flag -block-kill-limit', String(killsPerMinute), `a number from 0 to ${MAX_KILLS}`);
  const list = read.text('block-allow-comm');
  const allowComm = list === '' ? [] : list.split(',').map((name) => name.trim());
  for (const name of allowComm) {
    if (name === '' || Buffer.byteLength(name) > MAX_COMM_BYTES)
      throw bad('flag -block-allow-comm', name, `the beginning of a process name, 1 to ${MAX_COMM_BYTES} bytes`);
  }
  const mode = read.choice('block-mode') as BlockConfig['mode'];
  const dryRun = read.boolean('block-dry-run');
  const failClosed = read.boolean('block-fail-closed');
  const enabled = read.boolean('enable-bpf-blocking');
  if (enabled && !feeds.has('ebpf'))
    throw new CliError('USAGE', 'flag -enable-bpf-blocking: needs the feed ebpf, which -feeds leaves out');
  return enabled ? { mode, dryRun, failClosed, killsPerMinute, allowComm } : undefined;
}
