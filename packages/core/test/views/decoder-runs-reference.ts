/** What the decoder of runs must do, over a whole text. */
import type { Decoded } from './decoder-harness.js';

const RUN = /[A-Za-z0-9+/_-]{16,}/g;
const LINE = /[A-Za-z0-9+/_-]*/y;
const MOST_TRIES = 8;
const SAMPLE = 63;

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** Judged byte by byte; every `step` bytes it is asked whether there is any hope. */
function isText(bytes: Uint8Array, step: number): boolean {
  let bad = 0;
  let wanted = 0;
  for (const [i, byte] of bytes.entries()) {
    const continues = wanted > 0 && byte >= 0x80 && byte < 0xc0;
    if (wanted > 0 && !continues) bad++;
    wanted = continues ? wanted - 1 : 0;
    if (continues) {
      // As it should.
    } else if (byte >= 0xc2 && byte <= 0xf4) wanted = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    else if (byte >= 0x7f || (byte < 0x20 && ![9, 10, 13].includes(byte))) bad++;
    const isDue = (i + 1) % step === 0 || i + 1 === bytes.length;
    if (isDue && bad > 3 + Math.floor((i + 1) / 16)) return false;
  }
  if (bytes.length < 16) return bytes.length > 0 && bad === 0;
  return bytes.length >= 24 || bad * 8 <= bytes.length;
}

const isZlib = (bytes: Uint8Array) =>
  bytes[0] === 0x78 && (0x7800 + bytes[1]!) % 31 === 0 && (bytes[1]! & 0x20) === 0 && (bytes[2]! & 6) !== 6;

const isWide = (bytes: Uint8Array) =>
  bytes.every((byte, i) => {
    if (i < 3 && bytes[0] === 0xff && bytes[1] === 0xfe) return true;
    return i % 2 === 1 ? byte === 0 : (byte >= 0x20 && byte < 0x7f) || [9, 10, 13].includes(byte);
  });

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;

interface Head {
  readonly kind: 'hex' | 'base64';
  readonly begin: number;
}

function headOf(text: string, run: number, isBehindJoint: boolean): Head | undefined {
  if (isWide(Buffer.from(text.slice(run, run + 16), 'base64'))) return { kind: 'base64', begin: run };
  const begin = run + (/^0[xX]/.test(text.slice(run, run + 2)) ? 2 : 0);
  const digits = match(/[0-9a-fA-F]{0,128}/y, text, begin);
  const all = Buffer.from(digits, 'hex');
  const next = digits.length < 128 ? match(LINE, text, begin + digits.length) : '';
  if (isGzip(all)) return { kind: 'hex', begin };
  if (digits.length >= 16 && digits.length % 2 === 0 && next === '' && isText(all, 1)) return { kind: 'hex', begin };
  if (/^[0-9a-fA-F]{16}/.test(text.slice(run, run + 16))) return undefined;
  for (let glued = 0; glued < (isBehindJoint ? 1 : 4); glued++) {
    const bytes = Buffer.from(match(LINE, text, run + glued), 'base64').subarray(0, SAMPLE);
    if (isText(bytes, 3) || (glued === 0 && (isGzip(bytes) || isZlib(bytes))))
      return { kind: 'base64', begin: run + glued };
  }
  return undefined;
}

/** The line break behind a line, if the run goes on behind it. */
function joint(text: string, at: number, column: number): string | undefined {
  const found = /^(\r?\n)([A-Za-z0-9+/_-]+)(?:$|[\n\r="'<\\])/.exec(text.slice(at, at + 100));
  const fits = column >= 16 && column <= 80 && (found?.[2]?.length ?? 0) <= column;
  return fits ? found?.[1] : undefined;
}

export function runs(input: Uint8Array): Pick<Decoded, 'bytes' | 'ranges'> {
  const text = Buffer.from(input).toString('latin1');
  const out: number[] = [];
  const ranges: [number, number][] = [];
  const put = (bytes: Iterable<number>, from: number, to: number) => {
    for (const byte of bytes) {
      out.push(byte);
      ranges.push([from, to]);
    }
  };
  let at = 0;
  let tries = 0;
  for (;;) {
    RUN.lastIndex = at;
    const found = RUN.exec(text);
    if (found === null) return { bytes: Uint8Array.from(out), ranges };
    if (found.index !== at) tries = 0;
    at = found.index;
    const head = headOf(text, at, tries > 0);
    if (head === undefined) {
      at += match(tries++ < MOST_TRIES ? /[A-Za-z0-9]*[+/_-]?/y : LINE, text, at).length;
      continue;
    }
    tries = 0;
    let column = head.begin - at;
    at = head.begin;
    if (head.kind === 'hex') {
      const digits = match(/[0-9a-fA-F]*/y, text, at);
      for (const [i, byte] of Buffer.from(digits, 'hex').entries()) put([byte], at + 2 * i, at + 2 * i + 2);
      at += digits.length;
    } else {
      for (;;) {
        const line = match(LINE, text, at);
        for (let i = 0; i < line.length; i += 4) {
          const group = line.slice(i, i + 4);
          put(Buffer.from(group, 'base64'), at + i, at + i + group.length);
        }
        at += line.length;
        column += line.length;
        const between = line.length % 4 === 0 ? joint(text, at, column) : undefined;
        if (between === undefined) break;
        at += between.length;
        column = 0;
      }
    }
    put([0x0a], at, at);
  }
}
