/** Values that stand where a secret would: samples, templates, names of variables, calls, words. */
import { rarity } from './rarity.js';
import { every, isDigit, isHex, latin1 } from './text.js';

/** Longer values are nobody's placeholder, except for one that repeats itself. */
const LONGEST = 512;

/** Never by chance within a random value, and in no value that is meant to be secret. */
const GIVEAWAY =
  /example|changeme|change[-_ ]me|change[-_ ]?this|placeholder|redacted|dummy|replace[-_ ]?(me|with|this)|your[-_ ]|[-_ ]your|yourapi|yoursecret|yourtoken|yourpass|yourkey|insert[-_ ]|[-_ ]here\b|here$|sample|foobar|not[-_ ]?a?[-_ ]?real|fake[-_ ]?(key|token|secret|pass)|put[-_ ](your|the)|enter[-_ ]|todo|lorem|deadbeefdeadbeef/i;

/** Whole values that say nothing. */
const EMPTY_WORDS = new Set(
  `null none nil true false undefined nan void empty default unset string str bytes text value values any object number int
   password passwd pass pwd passphrase secret secrets token tokens key keys apikey api_key api-key auth authorization bearer basic
   credential credentials username user admin root test testing tests tested demo guest foo bar baz qux hidden masked private
   public required optional disabled enabled yes no on off unknown tbd n/a na postgres mysql mongodb redis mongo rabbitmq minio
   elastic oracle sa letmein qwerty abc123 pass123 password1 password123 admin123 test123 secret123 root123 hunter2 welcome1
   mypassword mysecret mytoken myapikey somepassword somesecret access_token refresh_token id_token client_secret`.split(
    /\s+/,
  ),
);

/** `${X}`, `{{x}}`, `<x>`, `%s`, `$X`, `%X%`, `#{x}`, `[x]`, `$(x)`: something else is put in their place. */
const TEMPLATE =
  /\$\{|\{\{|\}\}|#\{|\$\(|<%|%>|^<.*>?$|^\[.*\]?$|^\{.*\}?$|^%[A-Za-z_]+%?$|^\$[A-Za-z_][A-Za-z0-9_]*$|^%[sdvqr]$|^%\(\w+\)s|^@\w+@$|^__\w+__$|^&lt;|\.\.\.|\u2026|\u00e2\u0080\u00a6/;

/** Names of settings, as in `config.secret`, `os.environ[...]`, `getenv(...)`: the first group is the name, if it must be like one. */
const CODE =
  /^([A-Za-z_$][\w$]*(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*(?:[.:>?-]+[A-Za-z_$][\w$]*)*)|^([A-Za-z_$][\w$.]*)[([]|^!|^(?:arn|file|env|vault|secret|ref|op|https?):/;

/** Whether a word of ordinary text is more likely than a random value. */
const isWordlike = (bytes: Uint8Array): boolean => rarity(bytes) < 5;

/** Names in code are rarer than words, but not as rare as anything random. */
const isNamelike = (text: string): boolean => rarity(Uint8Array.from(text, (character) => character.charCodeAt(0))) < 6;

/** Longest stretch in which each character follows from the one before by the same step (-1, 0 or 1), as abcdef, 4321 and xxxx. */
function longestStretch(bytes: Uint8Array): { length: number; repeats: number; covered: number } {
  let length = 1;
  let repeats = 1;
  let covered = 0;
  for (let i = 0; i < bytes.length; ) {
    const step = (bytes[i + 1] ?? 0) - bytes[i]!;
    let end = i + 1;
    if (step >= -1 && step <= 1) {
      while (end + 1 < bytes.length && bytes[end + 1]! - bytes[end]! === step) end++;
      const run = end - i + 1;
      if (end < bytes.length) {
        length = Math.max(length, run);
        if (step === 0) repeats = Math.max(repeats, run);
        if (run >= 4) covered += run;
      }
    }
    i = Math.max(end, i + 1);
  }
  return { length, repeats, covered };
}

/** The value is one piece of at most half its length, over and over. */
function isPeriodic(bytes: Uint8Array): boolean {
  const most = Math.min(Math.floor(bytes.length / 2), 16);
  for (let period = 1; period <= most; period++) {
    let at = period;
    while (at < bytes.length && bytes[at] === bytes[at - period]) at++;
    if (at === bytes.length) return true;
  }
  return false;
}

/** No more different characters than a mask, a bar or a pattern of keys has. */
function fewCharacters(bytes: Uint8Array): boolean {
  const different = new Set(bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)));
  return different.size <= (bytes.length >= 16 ? 4 : bytes.length >= 8 ? 3 : bytes.length >= 5 ? 2 : 1);
}

/** Capital words joined by underscores, perhaps with marks around them: the name of an environment variable. */
function isVariableName(text: string): boolean {
  const name = text.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(name) && (name.match(/\d/g)?.length ?? 0) <= 2 && isNamelike(name);
}

/** A part of at least 12 characters, hexadecimal perhaps, that no one would type: the value is real whatever stands around it. */
function hasRandomPart(text: string): boolean {
  return text.split(/[^A-Za-z0-9+/]+/).some((part) => {
    if (part.length < 12) return false;
    const bytes = Uint8Array.from(part, (character) => character.charCodeAt(0));
    return (
      rarity(bytes) >= (every(bytes, isHex) ? 5 : 6.5) &&
      !isPeriodic(bytes) &&
      longestStretch(bytes).covered * 2 < part.length
    );
  });
}

/** Whether the value only stands for a secret. */
export function isPlaceholder(secret: Uint8Array): boolean {
  if (secret.length === 0 || isPeriodic(secret) || fewCharacters(secret)) return true;
  const text = latin1(secret, LONGEST);
  if (text === '') return false;
  if (TEMPLATE.test(text) || GIVEAWAY.test(text) || /x{5}|\*{3}|_{4}|•/i.test(text)) return true;
  const { length, repeats, covered } = longestStretch(secret);
  if (repeats >= 8 || length >= 10 || covered * 2 >= secret.length) return true;
  if (EMPTY_WORDS.has(text.toLowerCase()) || isVariableName(text)) return true;
  if (hasRandomPart(text)) return false;
  const code = CODE.exec(text);
  if (code !== null && isNamelike(code[1] ?? code[2] ?? '')) return true;
  if (/(^|[-_. ])(test|testing|mock|sample|demo|fake|xxx+|my|some|the)([-_. ]|$)/i.test(text))
    return isWordlike(secret);
  return every(secret, (byte) => !isDigit(byte)) && /^[A-Za-z][A-Za-z _.-]*$/.test(text) && isWordlike(secret);
}

/** The opposite, as a validator. */
export function isNoPlaceholder(secret: Uint8Array): boolean {
  return !isPlaceholder(secret);
}
