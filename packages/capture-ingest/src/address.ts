import { isIP } from 'node:net';
import { IngestError } from './errors.js';

export interface ListenAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/**
 * Reads `[HOST]:PORT`; without HOST only this machine is meant.
 * @throws IngestError `EADDRESS`
 */
export function parseAddress(text: string): ListenAddress {
  const parts = /^(?:\[([0-9a-fA-F:.%a-z]+)\]|([^:[\]\s/]*)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (parts === null || port > 65_535) {
    const wanted = 'an address [HOST]:PORT, such as :9092, 127.0.0.1:9092 or [::1]:9092';
    throw new IngestError('EADDRESS', `${JSON.stringify(text)} is not ${wanted}`);
  }
  return { host: parts[1] || parts[2] || '127.0.0.1', port };
}

/** Whether only this machine reaches the host. A name counts as remote, but for `localhost`. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === 'localhost' || host === '::1' || host.toLowerCase().startsWith('::ffff:127.');
}
