import type { Pieces } from './inputs.js';

/** Longest line, in bytes; what is longer is passed over. */
export const MAX_LINE_BYTES = 256 * 2 ** 20;

const NEWLINE = 0x0a;

/** Lines of a stream of bytes, without their ends; an object with `error` stands for a line that is too long. */
export async function* byteLines(
  pieces: Pieces,
  most = MAX_LINE_BYTES,
): AsyncGenerator<Uint8Array | { readonly error: string }> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (): Uint8Array | { readonly error: string } => {
    const line = length > most ? { error: `longer than ${most} bytes` } : Buffer.concat(parts, length);
    parts = [];
    length = 0;
    return line;
  };
  const add = (part: Uint8Array): void => {
    length += part.length;
    if (length > most) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  for await (const piece of pieces) {
    let from = 0;
    for (let to = piece.indexOf(NEWLINE); to >= 0; to = piece.indexOf(NEWLINE, from)) {
      add(piece.subarray(from, to));
      yield take();
      from = to + 1;
    }
    // The piece does not hold any longer.
    add(new Uint8Array(piece.subarray(from)));
  }
  if (length > 0) yield take();
}
