/** What the decoders must do, said in the simplest way: over whole texts, byte by byte. */
import type { Decoded } from './decoder-harness.js';

type Reference = Pick<Decoded, 'bytes' | 'ranges'>;

/** One escape at the beginning of a text: how long it is, and what it stands for. */
interface Unit {
  readonly size: number;
  readonly bytes: Uint8Array;
}

const utf8 = (code: number) =>
  Buffer.from(String.fromCodePoint(code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0xfffd : code));

const SIMPLE: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function backslash(text: string): Unit | undefined {
  const pair = /^\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/.exec(text);
  if (pair) {
    const [high, low] = [Number.parseInt(pair[1]!, 16), Number.parseInt(pair[2]!, 16)];
    return { size: 12, bytes: utf8(0x10000 + (high - 0xd800) * 0x400 + low - 0xdc00) };
  }
  const code = /^\\u([0-9a-fA-F]{4})/.exec(text);
  if (code) return { size: 6, bytes: utf8(Number.parseInt(code[1]!, 16)) };
  const byte = /^\\x([0-9a-fA-F]{2})/.exec(text);
  if (byte) return { size: 4, bytes: Buffer.from(byte[1]!, 'hex') };
  const letter = /^\\(["'\\/bfnrt])/.exec(text)?.[1];
  return letter === undefined ? undefined : { size: 2, bytes: Buffer.from(SIMPLE[letter] ?? letter) };
}

function percent(text: string): Unit | undefined {
  const byte = /^%([0-9a-fA-F]{2})/.exec(text);
  return byte ? { size: 3, bytes: Buffer.from(byte[1]!, 'hex') } : undefined;
}

/** Those that the tests use; the complete list is in assembly/views/entity.ts. */
export const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  equals: '=',
  colon: ':',
  sol: '/',
  lowbar: '_',
  hyphen: '\u2010',
  dash: '\u2010',
  num: '#',
  period: '.',
  comma: ',',
  commat: '@',
  plus: '+',
  bsol: '\\',
  semi: ';',
  UnderBar: '_',
  NewLine: '\n',
  Tab: '\t',
  zwnj: '\u200c',
};

function entity(text: string): Unit | undefined {
  const number = /^&#(?:[xX]([0-9a-fA-F]{1,10})|([0-9]{1,10}));?/.exec(text);
  if (number) {
    const code = number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16);
    return { size: number[0].length, bytes: utf8(code === 0 ? 0xfffd : code) };
  }
  const name = /^&([A-Za-z]{1,8});/.exec(text);
  const character = name ? ENTITIES[name[1]!] : undefined;
  return character === undefined ? undefined : { size: name![0].length, bytes: Buffer.from(character) };
}

function quoted(text: string): Unit | undefined {
  const end = /^=\r?\n/.exec(text);
  if (end) return { size: end[0].length, bytes: new Uint8Array(0) };
  const byte = /^=([0-9A-F]{2})/.exec(text);
  return byte ? { size: 3, bytes: Buffer.from(byte[1]!, 'hex') } : undefined;
}

const PARSERS = {
  json: ['\\', backslash],
  percent: ['%', percent],
  entity: ['&', entity],
  quoted: ['=', quoted],
} as const;
/** What quoted-printable text is told by. */
const opens = (text: string, at: number) =>
  text.startsWith('=3D', at) || /^[^\n]{60}=\r?\n/.test(text.slice(Math.max(at - 60, 0), at + 3));
const NEIGHBOURHOOD = 256;
const LONGEST_TOKEN = 1024;
const LONGEST_ESCAPE = 16;

/** Escapes undone, with their neighbourhood, in islands. */
export function undone(kind: keyof typeof PARSERS, input: Uint8Array): Reference {
  const [trigger, parse] = PARSERS[kind];
  const text = Buffer.from(input).toString('latin1');
  const unitAt = (at: number) => (text[at] === trigger ? parse(text.slice(at, at + LONGEST_ESCAPE)) : undefined);
  const out: number[] = [];
  const ranges: [number, number][] = [];
  const put = (bytes: Iterable<number>, from: number, to: number) => {
    for (const byte of bytes) {
      out.push(byte);
      ranges.push([from, to]);
    }
  };
  let over = 0;
  for (let first = 0; first < text.length; first++) {
    if (!unitAt(first) || (kind === 'quoted' && !opens(text, first))) continue;
    let at = Math.max(over, first - NEIGHBOURHOOD);
    if (out.length > 0 && at > over) put([0x0a], at, at);
    let near = first + 1;
    while (at < text.length) {
      const unit = unitAt(at);
      if (unit) {
        put(unit.bytes, at, at + unit.size);
        at += unit.size;
        near = at + NEIGHBOURHOOD;
        continue;
      }
      if (at >= near && (at >= near + LONGEST_TOKEN || /[ \t-\r"'<>]/.test(text[at]!))) break;
      const byte = input[at]!;
      put([kind === 'percent' && byte === 0x2b ? 0x20 : byte], at, at + 1);
      at++;
    }
    over = at;
    first = at - 1;
  }
  return { bytes: Uint8Array.from(out), ranges };
}
