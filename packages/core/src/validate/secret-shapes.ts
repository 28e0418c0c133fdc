/** Random keys without a checksum, told from words, paths and hashes of something else by what they are made of. */
import { isPlaceholder } from './placeholder.js';
import { rarity } from './rarity.js';
import { decodeBase64, every, isDigit, isHex, isLower, isUpper, isWord, latin1, valueStart } from './text.js';

const some = (bytes: Uint8Array, passes: (byte: number) => boolean): boolean => !every(bytes, (byte) => !passes(byte));

/** AWS secret access key: 40 characters of base64 with capitals, small letters and digits, neither hexadecimal nor a path. */
export function isAwsSecret(secret: Uint8Array): boolean {
  if (secret.length !== 40 || decodeBase64(secret) === undefined || every(secret, isHex)) return false;
  if (!some(secret, isUpper) || !some(secret, isLower) || !some(secret, isDigit)) return false;
  return rarity(secret) >= 6.5 && !isPlaceholder(secret);
}

/** Random hexadecimal of at least 16 digits: of one case, letters and digits among them. */
export function isHexKey(secret: Uint8Array): boolean {
  if (secret.length < 16 || secret.length > 512 || !every(secret, isHex)) return false;
  if (!some(secret, isDigit) || (some(secret, isUpper) && some(secret, isLower))) return false;
  if (!some(secret, isUpper) && !some(secret, isLower)) return false;
  return new Set(secret).size >= 6 && !isPlaceholder(secret);
}

/** A UUID that may be random: RFC 9562 versions 1 to 8, neither nil nor a sequence. */
export function isUuidKey(secret: Uint8Array): boolean {
  const text = latin1(secret, 36).toLowerCase();
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text)) return false;
  const hex = text.replaceAll('-', '');
  return new Set(hex).size >= 6 && !/0{8}|1{6}|123456|abcdef/.test(hex);
}

/** Anything but a UUID. */
export function isNoUuid(secret: Uint8Array): boolean {
  return secret.length !== 36 || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(latin1(secret, 36));
}

/**
 * The password of a URL: no placeholder, not the name of the service, and at least four characters. `%` escapes are left as they are.
 */
export function isUrlPassword(secret: Uint8Array): boolean {
  return secret.length >= 4 && secret.length <= 512 && !isPlaceholder(secret) && !/^:?\/\//.test(latin1(secret, 512));
}

/**
 * What stands before the `@` of a URL, in a match that begins with `://`: a password behind a user, or a token in the user's place, as
 * repositories take it. A user of 32 hexadecimal digits is the public key of an error tracker.
 */
export function isUrlCredential(secret: Uint8Array, match: Uint8Array): boolean {
  if (valueStart(secret, match) > '://'.length) return isUrlPassword(secret);
  if (secret.length < 20 || secret.length > 255 || !every(secret, isWord) || isPlaceholder(secret)) return false;
  return rarity(secret) >= 6 && !(secret.length === 32 && every(secret, isHex));
}

/** Keys that are made to be published: in pages, apps and settings of clients. */
const PUBLISHED = /^(pk[._-]|phc_|npub1|sb_publishable_|mdb_sa_id_)/;

/** Whether the letters are words joined as in names of programs, of three and more letters on the average: `endTagInHeadNoScript`. */
function isJoinedWords(text: string): boolean {
  return /^[A-Za-z]+$/.test(text) && text.length >= 3 * (text.match(/[A-Z]?[a-z]+|[A-Z]+/g)?.length ?? 0);
}

/** Letters of one case that no words are made of. */
function isRandomLetters(secret: Uint8Array): boolean {
  if (secret.length < 20 || !every(secret, (byte) => isLower(byte | 0x20))) return false;
  return rarity(secret.map((byte) => byte | 0x20)) >= 6.3;
}

/**
 * A random token as generic rules look for it: two of capitals, small letters and digits, or many letters of one case, rarer than names
 * in code; not a UUID, a date, a version, a path, a domain, one word after another, or a key that is made to be published.
 */
export function isRandomToken(secret: Uint8Array): boolean {
  if (secret.length < 8 || secret.length > 512) return false;
  const kinds = [isUpper, isLower, isDigit].filter((kind) => some(secret, kind)).length;
  // Most are told by their rarity, which takes the least time; what they may be instead takes more.
  if (kinds < 2 ? !isRandomLetters(secret) : !isRareMixture(secret)) return false;
  return isNoUuid(secret) && !isPlaceholder(secret);
}

function isRareMixture(secret: Uint8Array): boolean {
  if (rarity(secret) < (every(secret, isHex) ? 5 : secret.length < 20 ? 6.2 : 5.8)) return false;
  const text = latin1(secret, 512);
  return !(
    PUBLISHED.test(text) ||
    isJoinedWords(text) ||
    /^\d{4}-\d\d-\d\d|^v?\d+(\.\d+)+([-+.][\w.+-]{0,16})?$|^[./~]|^[a-z]+:\/\/|^[\w-]+(\.[a-z-]+)+$/.test(text)
  );
}
