/** Addresses of persons and machines: e-mail, IP. */
import { latin1 } from './text.js';

/** Last parts of file names, methods and objects that look like top-level domains and are none, or none that people have mail at. */
const NOT_DOMAINS = new Set(
  `png jpg jpeg gif svg webp ico css scss less js mjs cjs ts tsx jsx json map md txt html htm xml yml yaml toml lock log csv tsv
   pdf zip gz tgz tar bz2 xz py rb go rs java kt php c h cc cpp hpp cs sh bat exe dll so dylib o a wasm woff woff2 ttf otf eot
   mp3 mp4 wav avi mov webm bak tmp conf cfg ini env example invalid localhost local internal test`.split(/\s+/),
);

/** Mailboxes of machines. */
const MACHINES = /^(no-?reply|do-?not-?reply|donotreply|mailer-daemon|git|root|bounces?)$/i;

/** An e-mail address that a person can have; what a URL has before its host, as in `://user:secret@host`, is none. Source: RFC 5321 (lengths), RFC 5322 (atoms), RFC 1035 (labels). */
export function isEmail(secret: Uint8Array, match: Uint8Array = secret): boolean {
  if (latin1(match.subarray(0, 3), 3) === '://') return false;
  const text = latin1(secret, 254);
  const parts = /^([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})@([A-Za-z0-9.-]{3,253})$/.exec(text);
  if (parts === null) return false;
  const [, local, domain] = parts as unknown as [string, string, string];
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..') || MACHINES.test(local)) return false;
  const labels = domain.split('.');
  if (labels.length < 2 || !labels.every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label)))
    return false;
  const top = labels.at(-1)!.toLowerCase();
  return /^([a-z]{2,24}|xn--[a-z0-9-]+)$/.test(top) && !NOT_DOMAINS.has(top) && !/^(users\.)?noreply\./i.test(domain);
}

/** Networks that are nobody's address on the Internet. Source: IANA IPv4 Special-Purpose Address Registry (RFC 6890). */
function isReserved([a, b, c]: readonly number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a! >= 224) return true;
  if (a === 100) return b! >= 64 && b! < 128;
  if (a === 169) return b === 254;
  if (a === 172) return b! >= 16 && b! < 32;
  if (a === 192) return b === 168 || (b === 0 && c === 0);
  return a === 198 && (b === 18 || b === 19);
}

/**
 * A public IPv4 address in four decimal parts. What could as well be a version (every part below 32, or a letter in front of it
 * in the match, as in `version 2.40.1.120`) is refused, and so are private, loopback and multicast addresses.
 */
export function isIpv4(secret: Uint8Array, match: Uint8Array): boolean {
  const text = latin1(secret, 15);
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text) || /^[^\d]*[A-Za-z]/.test(latin1(match, 96)))
    return false;
  const parts = text.split('.').map(Number);
  return parts.every((part) => part < 256) && parts.some((part) => part >= 32) && !isReserved(parts);
}

/**
 * A global unicast IPv6 address of at least three groups: `2001:db8::8a2e:370:7334`, `2a00:1450:4001:82b::200e`. Loopback, link-local,
 * unique local and multicast addresses are refused. Source: RFC 4291, RFC 5952.
 */
export function isIpv6(secret: Uint8Array): boolean {
  const text = latin1(secret, 39).toLowerCase();
  if (!/^[0-9a-f:]+$/.test(text) || text.includes(':::') || text.split('::').length > 2) return false;
  const groups = text.split(':').filter((group) => group !== '');
  if (groups.some((group) => group.length > 4) || (text.startsWith(':') && !text.startsWith('::'))) return false;
  if (text.endsWith(':') && !text.endsWith('::')) return false;
  if (text.includes('::') ? groups.length < 3 || groups.length > 7 : groups.length !== 8) return false;
  return /^[23][0-9a-f]{3}:/.test(text);
}
