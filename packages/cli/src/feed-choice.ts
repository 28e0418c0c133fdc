import { CliError } from './errors.js';

/** Feeds that the host sensor can have, in the order in which they are listed. */
export const FEEDS = ['ebpf', 'ingest', 'stdin', 'hookwire'] as const;
export type FeedName = (typeof FEEDS)[number];

/** What `-feeds` takes for "tell me, and do nothing". */
export const LIST = 'list';
/** Where `-feeds ingest` listens when `-capture-ingest-addr` does not say. */
const INGEST_ADDRESS = '127.0.0.1:9092';

/** The flags of the feeds, as they were given; empty: not. */
export interface FeedFlags {
  readonly feeds: string;
  readonly ingestAddress: string;
  readonly ingestToken: string;
  readonly hookSocket: string;
  readonly hookAllowRemote: boolean;
  readonly stdin: boolean;
}

/** Which feeds are on, and what they need. */
export interface FeedChoice {
  /** Only the list was asked for. */
  readonly listOnly: boolean;
  readonly on: ReadonlySet<FeedName>;
  /** The eBPF feed was not asked for by name, and there are others: where it cannot work, the others do. */
  readonly ebpfOptional: boolean;
  readonly ingestAddress: string;
  readonly ingestToken: string | undefined;
  readonly hookSocket: string;
  readonly hookAllowRemote: boolean;
}

/**
 * Without `-feeds`: eBPF, and every feed whose own flag was given. With a list: those, and no others.
 * @throws CliError code `USAGE`
 */
export function chooseFeeds(flags: FeedFlags): FeedChoice {
  const { feeds, ingestAddress, ingestToken, hookSocket, hookAllowRemote, stdin } = flags;
  const listOnly = feeds === LIST;
  const given = new Set<FeedName>(['ebpf']);
  if (ingestAddress !== '') given.add('ingest');
  if (stdin) given.add('stdin');
  if (hookSocket !== '') given.add('hookwire');
  const on = feeds === '' || listOnly ? given : named(feeds);
  if (on.has('hookwire') && hookSocket === '') {
    const how = 'such as -capture-hook-socket unix:/run/spectral.sock';
    throw new CliError('USAGE', `flag -feeds: hookwire needs a socket; give one, ${how}`);
  }
  return {
    listOnly,
    on,
    ebpfOptional: (feeds === '' || listOnly) && on.size > 1,
    ingestAddress: ingestAddress || INGEST_ADDRESS,
    ingestToken: ingestToken || undefined,
    hookSocket,
    hookAllowRemote,
  };
}

function named(list: string): Set<FeedName> {
  const on = new Set<FeedName>();
  for (const name of list.split(',').map((word) => word.trim())) {
    const feed = FEEDS.find((candidate) => candidate === name);
    if (feed === undefined) {
      const wanted = `a list of ${FEEDS.join(', ')}, such as ebpf,ingest; or '${LIST}'`;
      throw new CliError('USAGE', `flag -feeds: ${JSON.stringify(name)} is not in ${wanted}`);
    }
    on.add(feed);
  }
  return on;
}

/** The answer to `-feeds list`. */
export function feedList({ on, ebpfOptional, ingestAddress, hookSocket }: FeedChoice): string {
  const rows: Readonly<Record<FeedName, readonly [on: string, off: string]>> = {
    ebpf: [
      ebpfOptional ? 'TLS libraries on this host, where it lets us' : 'TLS libraries on this host',
      'leave out -feeds, or name it there',
    ],
    ingest: [`HTTP on ${ingestAddress}`, '-capture-ingest-addr [HOST]:PORT'],
    stdin: ['JSON Lines on standard input', '-capture-stdin'],
    hookwire: [`binary frames on ${hookSocket}`, '-capture-hook-socket unix:PATH or tcp:HOST:PORT'],
  };
  return FEEDS.map((name) => {
    const [what, how] = rows[name];
    return `${name.padEnd(10)}${on.has(name) ? `on   ${what}` : `off  ${how}`}\n`;
  }).join('');
}
