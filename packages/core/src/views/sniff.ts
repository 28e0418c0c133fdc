/**
 * Tells what a stream is by its first bytes. Streams may start in the middle of a connection, where there is no preface and no
 * head.
 *
 *   http1        method SP ( "/" | "*" | scheme )      "HTTP/1." DIGIT SP               (RFC 9112, 3 and 4)
 *   http1-body   size in hex [ ";" extension ] CRLF, so many bytes, CRLF                (RFC 9112, 7.1)
 *   http2        the preface, or one whole frame that keeps the rules of its type       (RFC 9113, 3.4 and 6)
 *   gzip, zlib   their magic                                                            (RFC 1952, RFC 1950)
 *   utf16        a byte order mark, or 8 characters of ASCII with zeros between them     (RFC 2781, 3)
 *   json         { "  or  [ "  or  [ {  or  [ [                                        (RFC 8259)
 *   form         name=value&name=                                                    (WHATWG URL, 5.1)
 *   sse          "data:" "event:" "id:" "retry:" ": "                                   (WHATWG HTML, 9.2.5)
 *
 * Each test answers with yes, no or "more", and never changes its mind when it sees more. They are asked in a fixed order, so
 * the answer does not depend on how the bytes arrive.
 */
import { hexDigit } from './chunked.js';
import { FRAME_HEADER, isPlausible, lengthOf, PREFACE } from './http2-frame.js';
import type { StreamKind } from './types.js';

/** So many bytes suffice for every answer. */
export const SNIFF_BYTES = 64 * 1024;

type Answer = boolean | 'more';
type Test = (bytes: Uint8Array, from: number, to: number) => Answer;

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Does `[from, to)` begin with `word`? */
function begins(bytes: Uint8Array, from: number, to: number, word: Uint8Array): Answer {
  const length = Math.min(word.length, to - from);
  for (let i = 0; i < length; i++) if (bytes[from + i] !== word[i]) return false;
  return length === word.length || 'more';
}

/** The first answer that is not no. */
function beginsWithAny(bytes: Uint8Array, from: number, to: number, words: readonly Uint8Array[]): Answer {
  for (const word of words) {
    const answer = begins(bytes, from, to, word);
    if (answer !== false) return answer;
  }
  return false;
}

const TARGETS = ['/', '*', 'http://', 'https://'];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'];
const HEADS = [...METHODS.flatMap((method) => TARGETS.map((target) => `${method} ${target}`)), 'CONNECT ', 'HTTP/1.'];
const HEAD_WORDS = HEADS.map(ascii);
const SSE_WORDS = ['data:', 'event:', 'id:', 'retry:', ': '].map(ascii);

const isHttp1: Test = (bytes, from, to) => beginsWithAny(bytes, from, to, HEAD_WORDS);
const isEventStream: Test = (bytes, from, to) => beginsWithAny(bytes, from, to, SSE_WORDS);

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
const LONGEST_SIZE = 6;
const LONGEST_EXTENSION = 256;

const isChunkedBody: Test = (bytes, from, to) => {
  let size = 0;
  let at = from;
  for (; at < to && hexDigit(bytes[at]!) >= 0; at++) size = size * 16 + hexDigit(bytes[at]!);
  if (at - from > LONGEST_SIZE) return false;
  if (at === to) return 'more';
  if (at === from) return false;
  if (bytes[at] === SEMICOLON) {
    const limit = at + LONGEST_EXTENSION;
    while (at < to && at < limit && bytes[at]! >= 32) at++;
    if (at === to) return 'more';
  }
  if (bytes[at] !== CR) return false;
  if (at + 1 === to) return 'more';
  if (bytes[at + 1] !== LF) return false;
  const behind = at + 2 + size;
  // A chunk of that many bytes ends in CRLF; of a longer one the size line must do.
  if (behind + 2 - from > SNIFF_BYTES) return true;
  if (behind >= to) return 'more';
  if (bytes[behind] !== CR) return false;
  return behind + 1 === to ? 'more' : bytes[behind + 1] === LF;
};

const isHttp2: Test = (bytes, from, to) => {
  const preface = begins(bytes, from, to, PREFACE);
  if (preface !== false) return preface;
  // Frames are not longer than 1 MiB.
  if (to - from < FRAME_HEADER) return bytes[from]! <= 0x10 ? 'more' : false;
  if (!isPlausible(bytes, from)) return false;
  const length = FRAME_HEADER + lengthOf(bytes, from);
  return to - from >= Math.min(length, SNIFF_BYTES) || 'more';
};

const GZIP_MAGIC = Uint8Array.of(0x1f, 0x8b, 8);

const isGzip: Test = (bytes, from, to) => {
  const magic = begins(bytes, from, to, GZIP_MAGIC);
  if (magic !== true) return magic;
  return to - from < 4 ? 'more' : (bytes[from + 3]! & 0xe0) === 0;
};

/** Deflate with a window of 32 KiB and no dictionary, the check bits right, and a block of a type that exists. */
const isZlib: Test = (bytes, from, to) => {
  if (bytes[from] !== 0x78) return false;
  if (to - from < 2) return 'more';
  if ((0x7800 + bytes[from + 1]!) % 31 !== 0 || bytes[from + 1]! & 0x20) return false;
  return to - from < 3 ? 'more' : (bytes[from + 2]! & 6) !== 6;
};

const WIDE_BYTES = 16;
const isPrintable = (byte: number) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13;

/** @param low where in a unit the low byte stands */
const isUtf16 =
  (low: 0 | 1): Test =>
  (bytes, from, to) => {
    const length = Math.min(to - from, WIDE_BYTES);
    const high = 1 - low;
    if (bytes[from] === (low === 0 ? 0xff : 0xfe))
      return length < 2 ? 'more' : bytes[from + 1] === (low === 0 ? 0xfe : 0xff);
    for (let i = 0; i < length; i++) {
      const byte = bytes[from + i]!;
      if ((i & 1) === high ? byte !== 0 : !isPrintable(byte)) return false;
    }
    return length === WIDE_BYTES || 'more';
  };

const MOST_BLANKS = 64;
const isBlank = (byte: number) => byte === 0x20 || (byte >= 9 && byte <= 13);
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const QUOTE = 0x22;

/** Of text that is none, hardly any begins like this; and then what is no JSON is soon met. */
const isJson: Test = (bytes, from, to) => {
  let at = from;
  let before = 0;
  for (;;) {
    const stop = Math.min(to, at + MOST_BLANKS);
    while (at < stop && isBlank(bytes[at]!)) at++;
    if (at === to) return 'more';
    const byte = bytes[at]!;
    if (before === OPEN_OBJECT) return byte === QUOTE;
    if (before === OPEN_ARRAY) return byte === QUOTE || byte === OPEN_OBJECT || byte === OPEN_ARRAY;
    if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY) return false;
    before = byte;
    at += 1;
  }
};

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const LONGEST_NAME = 64;
const LONGEST_FIELD = 4096;
const NAME_CHARACTERS = new Set(ascii('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.%+*[]'));
/** Senders of forms encode these, and what is no printable ASCII. */
const NO_CHARACTERS = new Set(ascii('"<>\\^`{|}'));
const isOfValue = (byte: number) => byte > 0x20 && byte < 0x7f && byte !== AMPERSAND && !NO_CHARACTERS.has(byte);

/** Where the name in front of an equals sign ends; `false` if there is none. */
function nameEnd(bytes: Uint8Array, from: number, to: number): number | false | 'more' {
  if (bytes[from] === OPEN_ARRAY) return false;
  const limit = Math.min(to, from + LONGEST_NAME);
  let at = from;
  while (at < limit && NAME_CHARACTERS.has(bytes[at]!)) at++;
  if (at === to) return 'more';
  return at > from && bytes[at] === EQUALS ? at : false;
}

const isForm: Test = (bytes, from, to) => {
  const name = nameEnd(bytes, from, to);
  if (typeof name !== 'number') return name;
  const limit = Math.min(to, name + LONGEST_FIELD);
  let at = name + 1;
  while (at < limit && isOfValue(bytes[at]!)) at++;
  if (at === to && at < name + LONGEST_FIELD) return 'more';
  if (bytes[at] !== AMPERSAND) return false;
  const next = nameEnd(bytes, at + 1, to);
  return typeof next === 'number' || next;
};

type Kinds = readonly (readonly [StreamKind, Test])[];

/** What the body of a message may be. */
export const BODY_KINDS: Kinds = [
  ['gzip', isGzip],
  ['zlib', isZlib],
  ['sse', isEventStream],
  ['utf16le', isUtf16(0)],
  ['utf16be', isUtf16(1)],
  ['json', isJson],
  ['form', isForm],
];

/** What a flow may be. */
export const FLOW_KINDS: Kinds = [['http1', isHttp1], ['http2', isHttp2], ...BODY_KINDS, ['http1-body', isChunkedBody]];

/**
 * What the stream is that begins with `bytes[pointer, pointer + length)`, or 'more' if that cannot be told yet. Once it is
 * told, more bytes tell the same. Never 'more' from `SNIFF_BYTES` bytes on.
 *
 * @param final no bytes follow
 */
export function sniff(
  bytes: Uint8Array,
  pointer: number,
  length: number,
  final: boolean,
  kinds: Kinds = FLOW_KINDS,
): StreamKind | 'more' {
  if (length === 0) return final ? 'none' : 'more';
  for (const [kind, test] of kinds) {
    const answer = test(bytes, pointer, pointer + length);
    if (answer === true) return kind;
    if (answer === 'more' && !final) return 'more';
  }
  return 'none';
}
