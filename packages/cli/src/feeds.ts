import type { Feed } from '@spectral/core';
import type { MeshConfig } from './config.js';
import type { Log } from './log/log.js';

/** The feeds of this host. Loaded late, so that `--help` needs no native code. */
export async function hostFeeds(config: MeshConfig, log: Log): Promise<readonly Feed[]> {
  const { createEbpfFeed } = await import('@spectral/capture-ebpf');
  const { ringBytes, writeCapBytes, procRoot } = config;
  return [
    createEbpfFeed({
      ringBytes,
      ...(writeCapBytes > 0 && { writeCapBytes }),
      procRoot,
      log: ({ event, level, fields }) => log[level](event, fields),
    }),
  ];
}
