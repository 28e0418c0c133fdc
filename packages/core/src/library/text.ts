/** Strings as UTF-8 bytes and back. */
import { InputError } from '../errors.js';

const STAR = 0x2a;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8; half of a surrogate pair becomes U+FFFD, which is as long: three bytes. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Masked bytes as text. A mask that ends in the middle of a character, which only one that is 4,096 bytes long does, covers
 * the rest of that character, too: so the text has as many bytes as before.
 */
export function decodeMasked(bytes: Uint8Array): string {
  for (let at = bytes.indexOf(STAR); at >= 0; at = bytes.indexOf(STAR, at + 1)) {
    if ((bytes[at + 1]! & 0xc0) === 0x80) bytes[at + 1] = STAR;
  }
  return decoder.decode(bytes);
}

export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The bytes of what a method `method` was given. @throws InputError */
export function bytesOf(input: string | Uint8Array, method: string): Uint8Array {
  if (typeof input === 'string') return encodeText(input);
  if (input instanceof Uint8Array) return input;
  throw new InputError(`${method}(input): must be a string or a Uint8Array`);
}
