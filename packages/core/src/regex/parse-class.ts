import { RegexError } from '../errors.js';
import {
  addRange,
  addSet,
  type ByteSet,
  complement,
  ESCAPED_CLASSES,
  emptySet,
  foldCase,
  POSIX_CLASSES,
} from './byte-set.js';
import { parseByteEscape } from './parse-escape.js';

const POSIX = /\[:(\^?)([a-z]+):\]/y;

/** The class at `at`, where its `[` is. A class is one byte, so a character beyond ASCII cannot stand in it. */
export function parseClass(source: string, at: number, ignoreCase: boolean): { set: ByteSet; end: number } {
  const set = emptySet();
  let cursor = at + 1;
  const negated = source[cursor] === '^';
  if (negated) cursor++;
  for (let first = true; first || source[cursor] !== ']'; first = false) {
    if (cursor >= source.length) throw new RegexError(at, '"[" without "]"');
    const named = namedClass(source, cursor);
    if (named !== undefined) {
      addSet(set, named.set);
      cursor = named.end;
      continue;
    }
    const low = classByte(source, cursor);
    let high = low;
    if (source[low.end] === '-' && source[low.end + 1] !== ']' && low.end + 1 < source.length) {
      high = classByte(source, low.end + 1);
      if (high.value < low.value) throw new RegexError(cursor, 'a range whose end is before its begin');
    }
    addRange(set, low.value, high.value);
    cursor = high.end;
  }
  if (ignoreCase) foldCase(set);
  return { set: negated ? complement(set) : set, end: cursor + 1 };
}

/** [:alpha:], [:^alpha:] or \d at `at`. */
function namedClass(source: string, at: number): { set: ByteSet; end: number } | undefined {
  if (source[at] === '\\') {
    const set = ESCAPED_CLASSES[source[at + 1] ?? ''];
    return set === undefined ? undefined : { set, end: at + 2 };
  }
  if (!source.startsWith('[:', at)) return undefined;
  POSIX.lastIndex = at;
  const found = POSIX.exec(source);
  if (found === null) return undefined;
  const set = POSIX_CLASSES.get(found[2]!);
  if (set === undefined) throw new RegexError(at, 'unknown class name');
  return { set: found[1] === '^' ? complement(set) : set, end: POSIX.lastIndex };
}

function classByte(source: string, at: number): { value: number; end: number } {
  const read = source[at] === '\\' ? parseByteEscape(source, at) : { value: source.charCodeAt(at), end: at + 1 };
  if (read.value > 0xff || (read.value > 0x7f && source[at] !== '\\')) {
    throw new RegexError(at, 'a character beyond ASCII is several bytes: write (?:a|b) instead of [ab]');
  }
  return read;
}
