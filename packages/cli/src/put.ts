import type { Writable } from 'node:stream';

/** How long a stream may take for the last lines. Milliseconds. */
export const FLUSH_MS = 2_000;

/** Resolves when the text has left the process; a reader that is gone or stuck holds nothing up. */
export function put(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FLUSH_MS);
    stream.write(text, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
