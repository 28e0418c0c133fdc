import type { Feed } from '@spectral/core';
import type { LogLevel, MeshConfig } from './config.js';
import type { Fields, Log } from './log/log.js';

interface FeedEvent {
  readonly event: string;
  readonly level: LogLevel;
  readonly fields: Fields;
}

interface CaptureModule {
  createEbpfFeed(options: {
    ringBytes: number;
    writeCapBytes?: number;
    procRoot: string;
    log: (event: FeedEvent) => void;
  }): Feed;
}

const CAPTURE: string = '@spectral/capture-ebpf';

/** The feeds of this host. Loaded late, so that `--help` needs no native code. */
export async function hostFeeds(config: MeshConfig, log: Log): Promise<readonly Feed[]> {
  const { createEbpfFeed } = (await import(CAPTURE)) as CaptureModule;
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
