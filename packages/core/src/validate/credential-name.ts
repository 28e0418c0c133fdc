/** Names of settings whose values look like credentials and open nothing. */
import { latin1, valueStart } from './text.js';

/** As much of the text before the value is looked at, in bytes. */
const LONGEST = 160;

/** Tokens of paging, of forms and of text, and what everybody may know. */
const TOKEN =
  /(?:pag(?:e|ing|ination)|next|prev|previous|cursor|continu[a-z]*|resume|sync|restore|[cx]srf(?:middleware)?|forgery|verification|public|publishable|anon|cache|public[-_ ]?key|idempotency|dedup[a-z]*|client[-_ ]?request|nonce|trace|mask|pad|eos|bos|unk|sep|stop|special|added)[-_. ]?(?:token|secret)/i;

/** Keys by which something is found, ordered or shown; keys of their interfaces may be credentials all the same. */
const KEY =
  /(?:cache|idempotency|dedup[a-z]*|primary|foreign|partition|sort|hash|range|object|item|group|row|column|field|lookup|index|map|dict|i18n|translation|message|known|host|hot|route|routing|shard|content|etag|nonce|trace|span|correlation|file|image|asset|chunk|bundle|module|restore|tool|call|site|measurement|event|react|node|page|state|config|web[-_ ]?socket|document|record|entity|job|task|queue|video|audio|media|upload|blob|folder|slug|unique|composite|parent|child|storage[-_ ]?object|local[-_ ]?storage)[-_. ]?(?:id[-_. ]?)?key/i;

/** Keys that everybody may see. */
const PUBLIC = /(?:public|publish[a-z]*|\bpub|anon)[-_. ]?(?:id[-_. ]?)?(?:api[-_. ]?)?key/i;

/** What test runners write in front of a test that went well (POSIX 1003.3, 2.5), and names of tests: words, each with a number at most. */
const VERDICT = /^X?PASS: $/;
const TEST = /^[A-Za-z]*\d*[A-Za-z]*(?:[/_.+:-]+[A-Za-z]*\d*[A-Za-z]*)*$/;
const LONGEST_TEST = 128;

/** Whether what stands before the value in the match names a credential rather than a page, a cache entry or something public. */
export function isCredentialName(secret: Uint8Array, match: Uint8Array): boolean {
  const before = latin1(match.subarray(0, Math.min(valueStart(secret, match), LONGEST)), LONGEST);
  if (VERDICT.test(before) && TEST.test(latin1(secret, LONGEST_TEST))) return false;
  return !TOKEN.test(before) && !KEY.test(before) && !PUBLIC.test(before);
}
