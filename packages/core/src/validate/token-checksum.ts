/** Tokens that carry a CRC32 of themselves. */
import { latin1 } from './text.js';

/** CRC-32 of ISO 3309 (polynomial 0xEDB88320), as an unsigned number. */
function crc32(text: string): number {
  let crc = ~0;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Six base62 digits, zeros in front. */
function base62(value: number): string {
  let text = '';
  for (let rest = value; text.length < 6; rest = Math.floor(rest / 62)) text = BASE62[rest % 62] + text;
  return text;
}

/** The last six characters are the CRC-32 of those before them. */
function checks(body: string): boolean {
  return base62(crc32(body.slice(0, -6))) === body.slice(-6);
}

/**
 * GitHub token: the last six characters are the CRC-32, in base62, of the random part before them. Tokens of a fine-grained form
 * have two random parts; the checksum of the second, or of both, is accepted.
 * Source: GitHub blog, Behind GitHub's new authentication token formats, 2021-04-05.
 */
export function isGithubToken(secret: Uint8Array): boolean {
  const text = latin1(secret, 255);
  const classic = /^gh[pousr]_([A-Za-z0-9]{30,249})$/.exec(text);
  if (classic !== null) return checks(classic[1]!);
  const fine = /^github_pat_([A-Za-z0-9]{22}_([A-Za-z0-9]{59}))$/.exec(text);
  return fine !== null && (checks(fine[1]!) || checks(fine[2]!) || checks(text));
}

/** npm access token: as GitHub's. Source: GitHub blog, Announcing npm's new access token format, 2021-09-23. */
export function isNpmToken(secret: Uint8Array): boolean {
  const body = /^npm_([A-Za-z0-9]{36})$/.exec(latin1(secret, 40));
  return body !== null && checks(body[1]!);
}
