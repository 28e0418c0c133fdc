import { isIP } from 'node:net';
import { HookwireError } from './errors.js';

/** Where to listen or connect. */
export type HookAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** `sun_path` of Linux's `sockaddr_un` less its NUL; longer paths would be cut off without a word (macOS: 103). */
const MAX_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;

/**
 * Reads `unix:/run/spectral.sock`, `tcp:127.0.0.1:9095` or `tcp:[::1]:9095`.
 * @throws HookwireError `EADDRESS`
 */
export function parseAddress(text: string): HookAddress {
  const refuse = (why: string) => new HookwireError('EADDRESS', `${JSON.stringify(text)}: ${why}`);
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    if (path === '' || path.includes('\0'))
      throw refuse('unix: needs the path of a socket, as in unix:/run/spectral.sock');
    const bytes = Buffer.byteLength(path);
    if (bytes > MAX_PATH_BYTES) {
      throw refuse(`a socket's path has at most ${MAX_PATH_BYTES} bytes, this one has ${bytes}; choose a shorter one`);
    }
    return { kind: 'unix', path };
  }
  const parts = /^tcp:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (parts === null || port > 65_535) {
    throw refuse('must be unix:PATH or tcp:HOST:PORT, such as unix:/run/spectral.sock or tcp:127.0.0.1:9095');
  }
  return { kind: 'tcp', host: (parts[1] ?? parts[2])!, port };
}

/** Whether only this machine reaches the host. A name counts as remote, but for `localhost`. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === 'localhost' || host === '::1' || host.toLowerCase().startsWith('::ffff:127.');
}
