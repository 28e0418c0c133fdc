import type { MeshConfig } from './config.js';
import { EXIT } from './exit-codes.js';
import { hostFeeds } from './feeds.js';
import { LineWriter } from './log/line-writer.js';
import { createLog, type Log } from './log/log.js';
import { outletOf } from './log/outlet.js';
import type { MeshOptions } from './main.js';
import { Mesh } from './mesh.js';
import { FLUSH_MS, put } from './put.js';
import { readDocuments } from './reload.js';
import type { Stop, StopRequest } from './stop.js';

/** Reads the files, then runs the mesh. A SIGHUP that comes before there is a mesh is answered once there is one. */
export async function runSensor(config: MeshConfig, stop: StopRequest, options: MeshOptions): Promise<number> {
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
