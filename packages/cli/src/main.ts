import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import type { Feed } from '@spectral/core';
import { parseArguments, type Request } from './arguments.js';
import { BUILD } from './build-info.js';
import { runCommand } from './command.js';
import { completionScript } from './completion.js';
import { type MeshConfig, readConfig } from './config.js';
import { messageOf } from './errors.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { feedList } from './feed-choice.js';
import { hostFeeds } from './feeds.js';
import { LineWriter } from './log/line-writer.js';
import { createLog, type Log } from './log/log.js';
import { outletOf } from './log/outlet.js';
import { Mesh, type MeshParts } from './mesh.js';
import { readDocuments } from './reload.js';
import { type Stop, StopRequest } from './stop.js';

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

/** How long standard output may take for the last lines. Milliseconds. */
const FLUSH_MS = 2_000;

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
    isCommand = request.kind === 'command';
    if (request.kind === 'command') return await runCommand(request, options);
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
      return await Promise.race([run(config, stop, options), stop.forced]);
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

/** Reads the files, then runs the mesh. A SIGHUP that comes before there is a mesh is answered once there is one. */
async function run(config: MeshConfig, stop: StopRequest, options: MeshOptions): Promise<number> {
  const { signals = process } = options;
  let mesh: Mesh | undefined;
  let early = false;
  const onHangup = () => {
    if (mesh === undefined) early = true;
    else void mesh.reload();
  };
  signals.on('SIGHUP', onHangup);
  try {
    const documents = await readDocuments(config);
    return await withLog(config, stop, options, async (log, output) => {
      const feeds = await (options.feeds ?? hostFeeds)(config, log, documents);
      mesh = await Mesh.create({ config, documents, feeds, log, output, env: options.env, k8s: options.k8s });
      if (early) void mesh.reload();
      return (await runUntilStopped(mesh, stop)).exitCode;
    });
  } finally {
    signals.off('SIGHUP', onHangup);
  }
}

/** Opens the log on standard output; at the end writes what waits and says on stderr what was lost. */
async function withLog(
  config: MeshConfig,
  stop: StopRequest,
  { stdout, stderr, env }: MeshOptions,
  body: (log: Log, output: LineWriter) => Promise<number>,
): Promise<number> {
  const output = new LineWriter(outletOf(stdout));
  output.onClosed = () => stop.request('stdout closed', EXIT.STDOUT_CLOSED);
  const text = config.logFormat === 'text' || (config.logFormat === 'auto' && stdout.isTTY === true);
  const log = createLog({
    level: config.logLevel,
    format: text ? 'text' : 'json',
    colour: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    write: (line, minor) => output.write(line, minor),
  });
  let exitCode: number | undefined;
  try {
    exitCode = await body(log, output);
    return exitCode;
  } finally {
    const error = await output.close(FLUSH_MS);
    const { dropped } = output.counters;
    if (exitCode === EXIT.STDOUT_CLOSED) {
      const what = `standard output was closed by its reader; stopped, probes detached, ${dropped} log lines lost`;
      await put(stderr, `spectral-mesh: ${what}\n`);
    } else if (dropped > 0) {
      const why = error?.code ?? 'it was too slow';
      await put(stderr, `spectral-mesh: ${dropped} log lines could not be written to standard output (${why})\n`);
    }
  }
}

async function runUntilStopped(mesh: Mesh, stop: StopRequest): Promise<Stop> {
  let reason = 'start failed';
  // Nothing else may hold the event loop: a feed's descriptors need not, and there may be no HTTP server.
  const alive = setInterval(() => {}, 2 ** 30);
  mesh.onEnded = () => stop.request('input ended', EXIT.OK);
  try {
    // A feed that is told to stop while it starts may reject; that is not a failure then.
    await Promise.race([mesh.start(stop.signal), stop.requested]).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    const asked = await stop.requested;
    reason = asked.reason;
    return asked;
  } finally {
    await mesh.stop(reason);
    clearInterval(alive);
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

/** Resolves when the text has left the process; a reader that is gone or stuck holds nothing up. */
function put(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FLUSH_MS);
    stream.write(text, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
