import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import type { Feed } from '@spectral/core';
import { parseArguments, type Request } from './arguments.js';
import { BUILD } from './build-info.js';
import { completionScript } from './completion.js';
import { type MeshConfig, readConfig } from './config.js';
import { messageOf } from './errors.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { feedList } from './feed-choice.js';
import type { hostFeeds } from './feeds.js';
import type { Log } from './log/log.js';
import type { MeshParts } from './mesh.js';
import { put } from './put.js';
import { StopRequest } from './stop.js';

type Output = Writable & { readonly fd?: number; readonly isTTY?: boolean };

export interface MeshOptions {
  /** What commands read. Default: standard input. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  /** Aborting it is a SIGTERM. */
  readonly signal?: AbortSignal;
  /** Where SIGHUP, SIGTERM and SIGINT come from. Default: the process. */
  readonly signals?: Pick<EventEmitter, 'on' | 'off'>;
  /** Instead of the feeds of this host. */
  readonly feeds?: typeof hostFeeds | ((config: MeshConfig, log: Log) => readonly Feed[]);
  readonly k8s?: MeshParts['k8s'];
}

/**
 * Runs `spectral-mesh` until it is told to stop.
 * @param argv without node and script
 * @returns the exit code; every error has been reported on `stderr`. Never rejects
 */
export async function runMesh(argv: readonly string[], options: MeshOptions): Promise<number> {
  let stack = options.env.LOG_LEVEL === 'debug';
  let isCommand = false;
  try {
    const request = parseArguments(argv);
    // What the one does without is not loaded for the other.
    if (request.kind === 'command') {
      isCommand = true;
      const { runCommand } = await import('./command.js');
      return await runCommand(request, options);
    }
    if (request.kind !== 'run') {
      await put(options.stdout, answerTo(request));
      return EXIT.OK;
    }
    const config = readConfig(request.values, options.env);
    stack = config.logLevel === 'debug';
    if (config.feeds.listOnly) {
      await put(options.stdout, feedList(config.feeds));
      return EXIT.OK;
    }
    const stop = new StopRequest(options.signals ?? process, options.signal);
    try {
      const { runSensor } = await import('./run-sensor.js');
      return await Promise.race([runSensor(config, stop, options), stop.forced]);
    } finally {
      stop.dispose();
    }
  } catch (error) {
    await put(options.stderr, `spectral-mesh: ${stack ? detailsOf(error) : messageOf(error)}\n`);
    const code = exitCodeOf(error);
    // To a command's caller 1 means that something was found.
    return isCommand && code === EXIT.FAILURE ? EXIT.INCOMPLETE : code;
  }
}

/** For `-log-level debug`: with the stack, and with what the kernel's verifier said. */
function detailsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { detail } = error as { detail?: unknown };
  return [error.stack ?? error.message, ...(typeof detail === 'string' && detail !== '' ? [detail] : [])].join('\n');
}

function answerTo(request: Exclude<Request, { kind: 'run' | 'command' }>): string {
  if (request.kind === 'help') return request.text;
  if (request.kind === 'completion') return completionScript(request.shell);
  return `${Object.entries(BUILD)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')}\n`;
}
