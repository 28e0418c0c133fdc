import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { CliError } from './errors.js';

/** Far above what the limits on rules allow; keeps a wrong path (a disk image, a log) out of memory. */
const MAX_BYTES = 16 * 2 ** 20;

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'not permitted to read it',
  ENOTDIR: 'no such file',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
};

/**
 * Reads a policy or allowlist file.
 * @param origin who named it, for messages: `flag -policy`
 * @throws CliError code `CONFIG_FILE`
 */
export async function readDocument(origin: string, path: string): Promise<Uint8Array> {
  const refuse = (why: string) => new CliError('CONFIG_FILE', `${origin}: cannot read ${path}: ${why}`);
  try {
    // Without waiting: opening a FIFO would otherwise hang until somebody writes to it.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const kind = await file.stat();
      if (!kind.isFile()) throw refuse(kind.isDirectory() ? WHY.EISDIR! : 'it is not a regular file');
      if (kind.size > MAX_BYTES) throw refuse(`${kind.size} bytes are more than the ${MAX_BYTES} allowed`);
      const buffer = Buffer.allocUnsafe(kind.size + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
        if (bytesRead === 0) return buffer.subarray(0, length);
        length += bytesRead;
        if (length === buffer.length) throw refuse('it grew while it was read; try again');
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw refuse(WHY[code ?? ''] ?? code ?? message);
  }
}
