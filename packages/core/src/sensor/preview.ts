/** Longest preview, in bytes of payload. */
export const PREVIEW_BYTES = 256;
/** Of those, at most this many stand before the first match. */
export const PREVIEW_BEFORE = 96;

const STAR = 0x2a;

/**
 * Masks everything from index `from` on: text that may turn out to be the first half of a match.
 */
export function maskFrom(bytes: Uint8Array, from: number): void {
  if (from < bytes.length) bytes.fill(STAR, Math.max(from, 0));
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Masked bytes as text for a log line: what is no valid UTF-8, invisible or able to move a cursor becomes `.`. */
export function previewText(masked: Uint8Array): string {
  return decoder.decode(masked).replace(/[\p{C}\p{Zl}\p{Zp}\uFFFD]/gu, '.');
}
