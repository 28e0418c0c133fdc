import { lstatSync } from 'node:fs';
import { type BlockConfig, blockConfig } from './block-config.js';
import { CliError } from './errors.js';
import { chooseFeeds, type FeedChoice } from './feed-choice.js';
import { bad, FlagReader } from './flag-reader.js';
import { FLAGS, type FlagName } from './flags.js';
import { packList } from './policy/pack-list.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** All that the flags and the environment say, checked. Durations in milliseconds. */
export interface MeshConfig {
  readonly policyFile: string | undefined;
  /** Packs in place of a policy file. */
  readonly packs: readonly string[] | undefined;
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
  /** Absent: nothing is blocked. */
  readonly block: BlockConfig | undefined;
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

const MIN_RING_BYTES = 64 * 1024;
const MAX_RING_BYTES = 2 ** 30;
const MIN_WRITE_CAP_BYTES = 512;
const MAX_WRITE_CAP_BYTES = 4 * 2 ** 20;

/**
 * Checks every value, and takes from the environment what no flag says.
 * @throws CliError code `USAGE`, naming the flag or variable
 */
export function readConfig(values: ReadonlyMap<FlagName, string>, env: NodeJS.ProcessEnv): MeshConfig {
  const read = new FlagReader<FlagName>(FLAGS, values, env);
  const policyFile = read.policyFile();
  const alertWindowMs = read.duration('alert-window');
  if (alertWindowMs === 0) throw bad('flag -alert-window', '0', 'a duration above 0, such as 1m');
  const feeds = chooseFeeds({
    feeds: read.text('feeds'),
    ingestAddress: read.text('capture-ingest-addr'),
    ingestToken: read.text('capture-ingest-token'),
    hookSocket: read.text('capture-hook-socket'),
    hookAllowRemote: read.boolean('capture-hook-allow-remote'),
    stdin: read.boolean('capture-stdin'),
  });
  return {
    policyFile,
    packs: policyFile === undefined ? packList(read.text('rules')) : undefined,
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
    block: blockConfig(read, feeds.on),
    feeds,
    metricsAddress: listenAddress(read.text('metrics-addr')),
    logLevel: read.choice('log-level') as LogLevel,
    logFormat: read.choice('log-format') as MeshConfig['logFormat'],
    procRoot: procRoot(env),
  };
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
