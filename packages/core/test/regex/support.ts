import { MATCH, Regex } from '../../src/regex/index.js';

/** Text whose characters are bytes, as bytes. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The spans of the first match anywhere in a whole text, or null. */
export function search(regex: Regex, text: string): number[] | null {
  const bytes = latin1(text);
  const verdict = regex.match(bytes, 0, bytes.length, bytes.length, true, true);
  return verdict === MATCH ? [...regex.spans] : null;
}

/** The first match anywhere in a whole text. */
export function find(source: string, text: string): string | null {
  const spans = search(Regex.parse(source), text);
  return spans === null ? null : text.slice(spans[0], spans[1]);
}
