import { lstatSync } from 'node:fs';
import { parseDuration } from './duration.js';
import { CliError } from './errors.js';
import { chooseFeeds, type FeedChoice } from './feed-choice.js';
import { FLAGS, type FlagName } from './flags.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** All that the flags and the environment say, checked. Durations in milliseconds. */
export interface MeshConfig {
  readonly policyFile: string | undefined;
  readonly allowlistFile: string | undefined;
  readonly alertDedupeWindowMs: number;
  readonly alertMaxPerWindow: number;
  readonly alertMaxPerPidPerWindow: number;
  readonly alertWindowMs: number;
  readonly redactedPreview: boolean;
  readonly payloadSha256: boolean;
  /** Set when pods are to be named. */
  readonly k8sNode: string | undefined;
  /** 0: the feed's default. */
  readonly ringBytes: number;
  readonly writeCapBytes: number;
  readonly feeds: FeedChoice;
  readonly metricsAddress: ListenAddress | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: 'auto' | 'json' | 'text';
  readonly procRoot: string;
}

export interface ListenAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

const MAX_COUNT = 2 ** 31 - 1;
const MAX_DURATION_MS = 366 * 24 * 3_600_000;
const MIN_RING_BYTES = 64 * 1024;
const MAX_RING_BYTES = 2 ** 30;
const MIN_WRITE_CAP_BYTES = 512;
const MAX_WRITE_CAP_BYTES = 4 * 2 ** 20;

/**
 * Checks every value, and takes from the environment what no flag says.
 * @throws CliError code `USAGE`, naming the flag or variable
 */
export function readConfig(values: ReadonlyMap<FlagName, string>, env: NodeJS.ProcessEnv): MeshConfig {
  const read = new Reader(values, env);
  const alertWindowMs = read.duration('alert-window');
  if (alertWindowMs === 0) throw bad('flag -alert-window', '0', 'a duration above 0, such as 1m');
  return {
    policyFile: read.file('policy'),
    allowlistFile: read.file('allowlist'),
    alertDedupeWindowMs: read.duration('alert-dedupe-window'),
    alertMaxPerWindow: read.count('alert-max-per-window'),
    alertMaxPerPidPerWindow: read.count('alert-max-per-pid-per-window'),
    alertWindowMs,
    redactedPreview: read.boolean('log-redacted-preview'),
    payloadSha256: read.boolean('log-payload-sha256'),
    k8sNode: read.boolean('k8s-enrich') ? nodeName(env) : undefined,
    ringBytes: ringBytes(read.count('ringbuf-bytes')),
    writeCapBytes: writeCapBytes(read.count('write-cap-bytes')),
    feeds: chooseFeeds({
      feeds: read.text('feeds'),
      ingestAddress: read.text('capture-ingest-addr'),
      ingestToken: read.text('capture-ingest-token'),
      hookSocket: read.text('capture-hook-socket'),
      hookAllowRemote: read.boolean('capture-hook-allow-remote'),
      stdin: read.boolean('capture-stdin'),
    }),
    metricsAddress: listenAddress(read.text('metrics-addr')),
    logLevel: read.choice('log-level') as LogLevel,
    logFormat: read.choice('log-format') as MeshConfig['logFormat'],
    procRoot: procRoot(env),
  };
}

class Reader {
  constructor(
    private readonly values: ReadonlyMap<FlagName, string>,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  text(name: FlagName): string {
    return this.source(name).value;
  }

  /** A path; an empty one is a mistake of the caller's script, not a wish for the default. */
  file(name: FlagName): string | undefined {
    if (!this.values.has(name)) return undefined;
    const path = this.text(name);
    if (path === '') throw bad(`flag -${name}`, path, 'the path of a file');
    return path;
  }

  boolean(name: FlagName): boolean {
    const { value, from } = this.source(name);
    if (['true', 't', '1'].includes(value.toLowerCase())) return true;
    if (['false', 'f', '0'].includes(value.toLowerCase())) return false;
    throw bad(from, value, 'true or false');
  }

  count(name: FlagName): number {
    const { value, from } = this.source(name);
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
    if (number <= MAX_COUNT) return number;
    throw bad(from, value, `a whole number from 0 to ${MAX_COUNT}`);
  }

  /** Rounded up to whole milliseconds, so that a tiny window does not become 0, which means "off". */
  duration(name: FlagName): number {
    const { value, from } = this.source(name);
    const ms = parseDuration(value);
    if (ms === undefined) throw bad(from, value, 'a duration such as 500ms, 30s, 1m or 1h30m');
    if (ms > MAX_DURATION_MS) throw bad(from, value, 'a duration of at most 366 days (8784h)');
    return Math.ceil(ms);
  }

  choice(name: FlagName): string {
    const { value: written, from } = this.source(name);
    const value = from.startsWith('environment') ? written.toLowerCase() : written;
    const flag = FLAGS.find((candidate) => candidate.name === name)!;
    const choices: readonly string[] = 'choices' in flag ? flag.choices : [];
    if (choices.includes(value)) return value;
    throw bad(from, value, `one of ${choices.join(', ')}`);
  }

  private source(name: FlagName): { value: string; from: string } {
    const given = this.values.get(name);
    if (given !== undefined) return { value: given, from: `flag -${name}` };
    const flag = FLAGS.find((candidate) => candidate.name === name)!;
    const variable = 'env' in flag ? flag.env : undefined;
    const inherited = variable === undefined ? undefined : this.env[variable];
    if (inherited) return { value: inherited, from: `environment variable ${variable}` };
    return { value: flag.fallback, from: `flag -${name}` };
  }
}

function bad(from: string, value: string, wanted: string): CliError {
  return new CliError('USAGE', `${from}: ${JSON.stringify(value)} is not ${wanted}`);
}

function ringBytes(bytes: number): number {
  const inRange = bytes >= MIN_RING_BYTES && bytes <= MAX_RING_BYTES;
  if (bytes === 0 || (inRange && (bytes & (bytes - 1)) === 0)) return bytes;
  const wanted = `0 or a power of two from ${MIN_RING_BYTES} to ${MAX_RING_BYTES}`;
  throw bad('flag -ringbuf-bytes', String(bytes), wanted);
}

function writeCapBytes(bytes: number): number {
  if (bytes === 0 || (bytes >= MIN_WRITE_CAP_BYTES && bytes <= MAX_WRITE_CAP_BYTES)) return bytes;
  throw bad(
    'flag -write-cap-bytes',
    String(bytes),
    `0 or a number from ${MIN_WRITE_CAP_BYTES} to ${MAX_WRITE_CAP_BYTES}`,
  );
}

/**
 * `[HOST]:PORT`. Without HOST the server is for this machine only; whoever wants all interfaces writes `0.0.0.0:PORT`.
 */
function listenAddress(text: string): ListenAddress | undefined {
  if (text === '') return undefined;
  const parts = /^(?:\[([0-9a-fA-F:.%a-z]+)\]|([^:[\]\s/]*)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (parts === null || port > 65_535) {
    throw bad('flag -metrics-addr', text, 'an address [HOST]:PORT, such as :9090, 127.0.0.1:9090 or [::1]:9090');
  }
  return { host: parts[1] || parts[2] || '127.0.0.1', port };
}

function procRoot(env: NodeJS.ProcessEnv): string {
  // Without one there are no processes to find, which only the eBPF feed minds.
  if (!env.HOST_PROC) return '/proc';
  const path = env.HOST_PROC;
  const trimmed = path.replace(/(?<=.)\/+$/, '');
  // Every procfs has this link, and shows it to everyone.
  const found = trimmed.startsWith('/') && lstatSync(`${trimmed}/self`, { throwIfNoEntry: false }) !== undefined;
  if (!found) throw bad('environment variable HOST_PROC', path, 'the absolute path of a mounted proc filesystem');
  return trimmed;
}

function nodeName(env: NodeJS.ProcessEnv): string {
  const name = env.NODE_NAME ?? '';
  if (name === '') {
    const how = 'set it to the node’s name (downward API, fieldPath spec.nodeName)';
    throw new CliError('USAGE', `flag -k8s-enrich: needs the environment variable NODE_NAME; ${how}`);
  }
  if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) {
    throw bad('environment variable NODE_NAME', name, 'a Kubernetes node name');
  }
  return name;
}
