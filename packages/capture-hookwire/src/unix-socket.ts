import { lstatSync, renameSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { HookwireError } from './errors.js';

/**
 * Makes way for a socket at `path`: removes one that a dead process left, and nothing else.
 *
 * It is moved aside before it is removed, and asked once more there: had another process bound the path in between, its
 * socket would answer, and goes back.
 * @throws HookwireError `EBIND` the path is taken
 */
export async function removeStale(path: string): Promise<void> {
  const kind = lstatSync(path, { throwIfNoEntry: false });
  if (kind === undefined) return;
  if (!kind.isSocket()) throw taken(path, 'there is a file that is no socket; choose another path or remove it');
  if (await answers(path)) throw taken(path, 'another process listens there; stop it or choose another path');
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw taken(path, `the socket that a dead process left there cannot be removed (${code})`);
  }
  if (await answers(aside)) {
    renameSync(aside, path);
    throw taken(path, 'another process has just begun to listen there');
  }
  unlinkSync(aside);
}

/** Binds with mode 0600 from the first moment on. Permissions of a socket come from the umask at the time of bind(2). */
export function listenPrivately(server: Server, path: string): void {
  const before = process.umask(0o177);
  try {
    // The server binds before this returns; only "listening" comes later.
    server.listen({ path });
  } finally {
    process.umask(before);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Refused: nobody listens. Anything else (no permission, a full backlog) may be a live one.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}

function taken(path: string, why: string): HookwireError {
  return new HookwireError('EBIND', `cannot listen on unix:${path}: ${why}`);
}
