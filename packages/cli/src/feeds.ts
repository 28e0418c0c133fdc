import { compileBlockSet, type Feed, SpectralError } from '@spectral/core';
import { exemptNames } from './blocking.js';
import type { MeshConfig } from './config.js';
import { CliError } from './errors.js';
import type { FeedName } from './feed-choice.js';
import type { Log } from './log/log.js';
import type { Documents } from './reload.js';

/** The feeds that are on. Loaded late, so that `--help` needs none of them. @throws CliError code `USAGE` */
export async function hostFeeds(config: MeshConfig, log: Log, documents: Documents): Promise<readonly Feed[]> {
  const feeds: Feed[] = [];
  for (const name of config.feeds.on) feeds.push(await MAKERS[name](config, log, documents));
  return feeds;
}

interface FeedEvent {
  readonly event: string;
  readonly level: keyof Log;
  readonly fields: Readonly<Record<string, unknown>>;
}

const logTo =
  (log: Log) =>
  ({ event, level, fields }: FeedEvent): void =>
    log[level](event, fields);

const MAKERS: Readonly<Record<FeedName, (config: MeshConfig, log: Log, documents: Documents) => Promise<Feed>>> = {
  async ebpf({ ringBytes, writeCapBytes, procRoot, block }, log, { policy, allowlist }) {
    const { createEbpfFeed } = await import('@spectral/capture-ebpf');
    return createEbpfFeed({
      ringBytes,
      ...(writeCapBytes > 0 && { writeCapBytes }),
      procRoot,
      log: logTo(log),
      ...(block && {
        block: { ...block, set: await compileBlockSet(policy), exemptNames: exemptNames(block, allowlist) },
      }),
    });
  },
  async ingest({ feeds }, log) {
    const { createIngestFeed } = await import('@spectral/capture-ingest');
    const { ingestAddress: address, ingestToken: token } = feeds;
    return naming('capture-ingest-addr', () => createIngestFeed({ address, token, log: logTo(log) }));
  },
  async stdin(_config, log) {
    const { createStdinFeed } = await import('@spectral/capture-stdin');
    return createStdinFeed({ log: logTo(log) });
  },
  async hookwire({ feeds }, log) {
    const { createHookwireFeed } = await import('@spectral/capture-hookwire');
    const { hookSocket: address, hookAllowRemote: allowRemote } = feeds;
    return naming('capture-hook-socket', () => createHookwireFeed({ address, allowRemote, log: logTo(log) }));
  },
};

/** How to get what a feed refuses, in terms of this program. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOTOKEN: ' (-capture-ingest-token sets a token)',
  EREMOTE: ' (-capture-hook-allow-remote allows it)',
};

/** A feed that cannot be made of what a flag says. */
function naming(flag: string, make: () => Feed): Feed {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof SpectralError)) throw cause;
    throw new CliError('USAGE', `flag -${flag}: ${cause.message}${REMEDIES[cause.code] ?? ''}`, { cause });
  }
}
