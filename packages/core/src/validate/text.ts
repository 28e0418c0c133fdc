/** Bytes as text, one character a byte; empty if there are more than `most`. */
export function latin1(bytes: Uint8Array, most: number): string {
  // Four times as fast as spreading them.
  return bytes.length > most ? '' : String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/** Whether every byte passes. */
export function every(bytes: Uint8Array, passes: (byte: number) => boolean): boolean {
  for (const byte of bytes) if (!passes(byte)) return false;
  return true;
}

export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
export const isLower = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a;
export const isUpper = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;
export const isHex = (byte: number): boolean => isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
/** A letter, a digit, `_` or `-`. */
export const isWord = (byte: number): boolean =>
  isDigit(byte) || isLower(byte | 0x20) || byte === 0x5f || byte === 0x2d;

/** Value of a character of base64 or base64url, or -1. RFC 4648. */
function sextet(byte: number): number {
  if (isUpper(byte)) return byte - 0x41;
  if (isLower(byte)) return byte - 0x61 + 26;
  if (isDigit(byte)) return byte - 0x30 + 52;
  if (byte === 0x2b || byte === 0x2d) return 62;
  return byte === 0x2f || byte === 0x5f ? 63 : -1;
}

/** The bytes that base64 or base64url text stands for, up to its padding; `undefined` if another character is in it. RFC 4648. */
export function decodeBase64(text: Uint8Array): Uint8Array | undefined {
  let length = text.length;
  while (length > 0 && text[length - 1] === 0x3d) length--;
  if (length % 4 === 1) return undefined;
  const out = new Uint8Array((length * 3) >> 2);
  let bits = 0;
  for (let i = 0, at = 0; i < length; i++) {
    const value = sextet(text[i]!);
    if (value < 0) return undefined;
    bits = (bits << 6) | value;
    if (i % 4 !== 0) out[at++] = bits >> (6 - 2 * (i % 4));
  }
  return out;
}

/** Where the value last stands in the match; 0 if that is all of it. */
export function valueStart(secret: Uint8Array, match: Uint8Array): number {
  for (let start = match.length - secret.length; start > 0; start--) {
    let n = 0;
    while (n < secret.length && match[start + n] === secret[n]) n++;
    if (n === secret.length) return start;
  }
  return 0;
}
