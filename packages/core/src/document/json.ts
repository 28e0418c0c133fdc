import type { Problem } from '../errors.js';

export type JsonResult = { readonly value: unknown } | { readonly problem: Problem };

/**
 * Parses JSON of at most `maxBytes` bytes (a leading byte order mark is allowed). The messages of `JSON.parse` quote the
 * text, which may hold secrets, so the place of a syntax error is found again here and given as line and column.
 */
export function readJson(text: string | Uint8Array, maxBytes: number): JsonResult {
  const tooLarge = { problem: { path: '', message: `larger than ${maxBytes} bytes; split it or remove entries` } };
  if (typeof text !== 'string') {
    if (text.byteLength > maxBytes) return tooLarge;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(text);
    } catch {
      return { problem: { path: '', message: 'not valid UTF-8; save it with that encoding' } };
    }
  } else if (text.length > maxBytes || (text.length * 3 > maxBytes && utf8Length(text) > maxBytes)) {
    return tooLarge;
  }
  if (text.startsWith('\uFEFF')) text = text.slice(1);
  try {
    return { value: JSON.parse(text) };
  } catch {
    const { at, message } = locate(text);
    const before = text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    return { problem: { path: `line ${line}, column ${column}`, message } };
  }
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

interface Place {
  readonly at: number;
  readonly message: string;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const BLANK = /[ \t\r\n]*/y;

/** Walks JSON (RFC 8259) up to the first character that breaks it. Without recursion: depth is the author's choice. */
function locate(text: string): Place {
  let at = 0;
  const open: ('{' | '[')[] = [];
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const expected = (what: string): Place => ({
    at,
    message: at >= text.length ? `the text ends where ${what} should be` : `expected ${what}`,
  });

  for (;;) {
    // At a value, or at the end of an object or array that has just begun.
    skip(BLANK);
    const first = text[at];
    if (first === '{' || first === '[') {
      at += 1;
      open.push(first);
      skip(BLANK);
      if (text[at] !== (first === '{' ? '}' : ']')) {
        if (first === '[') continue;
        const bad = key();
        if (bad) return bad;
        continue;
      }
    } else if (first === '"') {
      const bad = string();
      if (bad) return bad;
    } else if (!skip(NUMBER) && !skip(WORD)) {
      return expected('a value');
    }
    // Behind a value: close what ends here, then the comma before the next one.
    for (;;) {
      skip(BLANK);
      const inside = open.at(-1);
      if (inside === undefined) return { at, message: 'text after the end of the document' };
      const next = text[at];
      if (next === ',') {
        at += 1;
        if (inside === '{') {
          const bad = key();
          if (bad) return bad;
        }
        break;
      }
      if (next !== (inside === '{' ? '}' : ']')) return expected(inside === '{' ? '"," or "}"' : '"," or "]"');
      at += 1;
      open.pop();
    }
  }

  function key(): Place | undefined {
    skip(BLANK);
    if (text[at] !== '"') return expected('a field name in double quotes');
    const bad = string();
    if (bad) return bad;
    skip(BLANK);
    if (text[at] !== ':') return expected('":"');
    at += 1;
    return undefined;
  }

  function string(): Place | undefined {
    const start = at;
    for (at += 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        at += 1;
        return undefined;
      }
      if (code < 0x20) return { at, message: 'control character inside a string; write it as \\uXXXX' };
      if (code === 0x5c) {
        if (!/^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(at + 1, at + 6))) {
          return { at, message: 'unknown escape inside a string; write a backslash as \\\\' };
        }
        at += 1;
      }
    }
    return { at: start, message: 'string without an end' };
  }
}
