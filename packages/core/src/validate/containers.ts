/** Secrets with a structure of their own: JWT, PEM, base64 around JSON. */
import { decodeBase64, latin1 } from './text.js';

const DOT = 0x2e;
/** As far as a match reaches. */
const LONGEST = 8192;

/** JSON Web Token: three parts of base64url, the first of them a JSON object that names an algorithm. Source: RFC 7515, 7519. */
export function isJwt(secret: Uint8Array): boolean {
  if (secret.length > LONGEST) return false;
  const first = secret.indexOf(DOT);
  const second = secret.indexOf(DOT, first + 1);
  if (first < 0 || second < 0 || secret.indexOf(DOT, second + 1) >= 0) return false;
  const header = decodeBase64(secret.subarray(0, first));
  const payload = decodeBase64(secret.subarray(first + 1, second));
  if (header === undefined || payload?.[0] !== 0x7b) return false;
  return /^\s*\{.*"alg"\s*:\s*"[^"]+".*\}\s*$/s.test(latin1(header, LONGEST));
}

/**
 * Token of a bot of Discord: the first of its parts is the base64 of the bot's id, a snowflake in decimal digits.
 * Source: https://discord.com/developers/docs/reference#snowflakes.
 */
export function isDiscordToken(secret: Uint8Array): boolean {
  const first = secret.indexOf(DOT);
  const id = first < 0 || first > LONGEST ? undefined : decodeBase64(secret.subarray(0, first));
  return id !== undefined && /^[1-9]\d{16,19}$/.test(latin1(id, LONGEST));
}

/** The base64 of a JSON object. */
export function isBase64Json(secret: Uint8Array): boolean {
  if (secret.length > LONGEST) return false;
  const bytes = decodeBase64(secret.subarray(0, secret.length & ~3));
  return bytes !== undefined && /^\s*\{\s*("|\})/.test(latin1(bytes.subarray(0, 64), 64));
}

/**
 * A block of PEM: what begins and ends is the same, and what stands between is base64, with header fields in front perhaps. Line
 * ends may be escaped (`\n`), as within JSON. A block whose end is out of sight counts if it has a line of base64.
 * Source: RFC 7468, RFC 1421.
 */
export function isPem(secret: Uint8Array): boolean {
  const text = latin1(secret.subarray(0, LONGEST), LONGEST).replace(/\\+[rn]/g, '\n');
  const begin = /^-----BEGIN ([A-Z0-9 ]{1,64})-----/.exec(text);
  if (begin === null) return false;
  const end = text.indexOf('-----END ', begin[0].length);
  if (end >= 0 && !text.startsWith(`${begin[1]}-----`, end + 9)) return false;
  const body = text.slice(begin[0].length, end < 0 ? undefined : end);
  const lines = body.split(/[\s"',+\\|>#*]+/).filter((line) => /^[A-Za-z0-9+/=_-]+$/.test(line));
  return lines.join('').length >= 40;
}
