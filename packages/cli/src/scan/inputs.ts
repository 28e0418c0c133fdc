import { closeSync, openSync, readSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { walk } from './walk.js';

/** Bytes that are read at once. */
const PIECE_BYTES = 64 * 1024;

/** Something to scan, piece by piece. */
export interface Input {
  /** As it is reported: a path, or `(standard input)`. */
  readonly name: string;
  /** A piece holds until the next is asked for. Throws what the file system throws. */
  pieces(): Pieces;
}

export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface InputOptions {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly ignoreFiles: boolean;
  /** A path cannot be read. */
  readonly onError: (path: string, error: Error) => void;
}

export const STANDARD_INPUT = '(standard input)';

/** The inputs that paths stand for: files, all files below folders, and `-`, or no path at all, for standard input. */
export async function* inputsOf(paths: readonly string[], options: InputOptions): AsyncGenerator<Input> {
  for (const path of paths.length === 0 ? ['-'] : paths) {
    if (path === '-') {
      yield { name: STANDARD_INPUT, pieces: () => options.stdin };
      continue;
    }
    try {
      // Only what is named may be a pipe or a device.
      const found = await stat(path);
      if (found.isFile()) yield { name: path, pieces: () => piecesOfFile(path) };
      else if (!found.isDirectory()) yield { name: path, pieces: () => piecesOfOther(path) };
      else for await (const file of walk(path, options)) yield { name: file, pieces: () => piecesOfFile(file) };
    } catch (error) {
      options.onError(path, error as Error);
    }
  }
}

/** Waiting for each read of a small file would take as long as scanning it. */
function* piecesOfFile(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
    for (;;) {
      const length = readSync(file, buffer, 0, PIECE_BYTES, null);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

/** A pipe or a device, which may let one wait. */
async function* piecesOfOther(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
