/** Names of settings whose values look like credentials and open nothing. */
import { latin1, valueStart } from './text.js';

/** As much of the text before the value is looked at, in bytes. */
const LONGEST = 160;

/** Tokens of paging, of forms and of text, and what everybody may know. */
const TOKEN =
  /(?:pag(?:e|ing|ination)|next|prev|previous|cursor|continu[a-z]*|resume|sync|restore|[cx]srf(?:middleware)?|forgery|verification|public|publishable|anon|cache|public[-_ ]?key|idempotency|dedup[a-z]*|client[-_ ]?request|nonce|trace|mask|pad|eos|bos|unk|sep|stop|special|added)[-_. ]?(?:token|secret)/i;

/** Keys by which something is found, ordered or shown. */
const KEY =
  /(?:cache|public|publish[a-z]*|\bpub|anon|idempotency|dedup[a-z]*|primary|foreign|partition|sort|hash|range|object|item|group|row|column|field|lookup|index|map|dict|i18n|translation|message|known|host|hot|route|routing|shard|content|etag|nonce|trace|span|correlation|file|image|asset|chunk|bundle|module|restore|tool|call|site|measurement|event|react|node|page|state|config|web[-_ ]?socket|storage[-_ ]?object|local[-_ ]?storage)[-_. ]?(?:id[-_. ]?)?(?:api[-_. ]?)?key/i;

/** Whether what stands before the value in the match names a credential rather than a page, a cache entry or something public. */
export function isCredentialName(secret: Uint8Array, match: Uint8Array): boolean {
  const before = latin1(match.subarray(0, Math.min(valueStart(secret, match), LONGEST)), LONGEST);
  return !TOKEN.test(before) && !KEY.test(before);
}
