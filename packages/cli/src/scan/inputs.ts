import { open, stat } from 'node:fs/promises';
import { walk } from './walk.js';

/** Bytes that are read at once. */
const PIECE_BYTES = 64 * 1024;

/** Something to scan, piece by piece. */
export interface Input {
  /** As it is reported: a path, or `(standard input)`. */
  readonly name: string;
  /** Each piece is an array of its own. Throws what the file system throws. */
  pieces(): AsyncIterable<Uint8Array>;
}

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
      if (!(await stat(path)).isDirectory()) yield fileInput(path);
      else for await (const file of walk(path, options)) yield fileInput(file);
    } catch (error) {
      options.onError(path, error as Error);
    }
  }
}

function fileInput(path: string): Input {
  return { name: path, pieces: () => piecesOf(path) };
}

async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
      const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
