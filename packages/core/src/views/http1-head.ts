/**
 * The head of an HTTP/1 message (RFC 9112, 2 to 5): what it says about the body that follows.
 *
 *   head         = start-line CRLF *( field-line CRLF ) CRLF
 *   request-line = method SP request-target SP "HTTP/1." DIGIT
 *   status-line  = "HTTP/1." DIGIT SP 3DIGIT [ SP reason ]
 *   field-line   = name ":" OWS value OWS
 *
 * It is read line by line; of each only the beginning and the last eight bytes are kept.
 */
import { latin1 } from '../validate/text.js';
import { BodyFields } from './body-fields.js';

const MOST_BYTES = 64 * 1024;
const KEPT_OF_LINE = 256;
/** Bytes at the end of a line that are looked at, and pieces of it that are worth more than going from byte to byte. */
const LAST = 8;
const LONG = 32;

const CR = 13;
const LF = 10;
const LETTER_H = 0x48;

/** The last eight bytes of a request line: "HTTP" and "/1.0" or "/1.1", as big-endian words. */
const HTTP = 0x48545450;
const SLASH_1_0 = 0x2f312e30;
const SLASH_1_1 = 0x2f312e31;

const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/;
const METHOD = /^([A-Z][A-Z-]{2,15}) \S/;

/** Lengths of the names of the fields that matter: upgrade, content-type, -length, -encoding, transfer-encoding. */
const NAME_LENGTHS = new Set([7, 12, 14, 16, 17]);

const NOTHING = new Uint8Array(0);

/** Methods are in capitals, and so is the version of a response; before a request there may be an empty line. */
function mayBegin(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || byte === CR || byte === LF;
}

/** Reads one head after the other; `reset` before each. */
export class Head {
  readonly body = new BodyFields();
  /** Empty in a response. */
  method = '';
  /** 0 in a request. */
  status = 0;
  /** -1: not said. */
  contentLength = -1;
  isChunked = false;
  /** Lower case; empty if there is none. */
  upgrade = '';
  isDone = false;
  /** No head: `read` stopped behind the line that cannot belong to one. */
  isBroken = false;

  #bytes = 0;
  #line = NOTHING;
  #length = 0;
  #started = false;
  /** The line that is under way begins no head, as its first byte shows. */
  #isOther = false;
  /** The last eight bytes of the line, without CR. */
  #last = 0;
  #lastButFour = 0;

  reset(): void {
    this.body.reset();
    this.method = this.upgrade = '';
    this.status = this.#bytes = this.#length = this.#last = this.#lastButFour = 0;
    this.contentLength = -1;
    this.isChunked = this.isDone = this.isBroken = this.#started = this.#isOther = false;
  }

  /** Reads `bytes[at, end)` up to the end of the head, or of a line that shows that it is none; returns the place behind it. */
  read(bytes: Uint8Array, at: number, end: number): number {
    while (at < end && !this.isDone && !this.isBroken) {
      const rest = bytes.subarray(at, end);
      const length = rest.indexOf(LF);
      const isWhole = length >= 0;
      const line = isWhole ? rest.subarray(0, length) : rest;
      at += isWhole ? length + 1 : line.length;
      this.#bytes += isWhole ? length + 1 : line.length;
      if (this.#bytes > MOST_BYTES) {
        this.isBroken = true;
        break;
      }
      if (!this.#started && this.#length === 0 && line.length > 0 && !mayBegin(line[0]!)) this.#isOther = true;
      if (this.#isOther) {
        this.isBroken = isWhole;
        continue;
      }
      this.#append(isWhole && line[length - 1] === CR ? line.subarray(0, length - 1) : line);
      if (isWhole) this.#endLine();
    }
    return at;
  }

  /** Adds to the line. A CR is no part of it, wherever it stands. */
  #append(part: Uint8Array): void {
    if (this.#line.length === 0) this.#line = new Uint8Array(KEPT_OF_LINE);
    if (part.length < LONG || part.includes(CR)) {
      for (const byte of part) if (byte !== CR) this.#appendByte(byte);
      return;
    }
    const room = KEPT_OF_LINE - this.#length;
    if (room > 0) this.#line.set(part.subarray(0, room), this.#length);
    this.#length += part.length - LAST;
    for (const byte of part.subarray(part.length - LAST)) this.#appendByte(byte);
  }

  #appendByte(byte: number): void {
    if (this.#length < KEPT_OF_LINE) this.#line[this.#length] = byte;
    this.#length += 1;
    this.#lastButFour = (this.#lastButFour << 8) | (this.#last >>> 24);
    this.#last = (this.#last << 8) | byte;
  }

  #endLine(): void {
    const length = this.#length;
    this.#length = 0;
    if (!this.#started) {
      // A sender may put an empty line before a request (2.2).
      if (length > 0) this.#start(length);
    } else if (length === 0) this.isDone = true;
    else this.#field(length);
  }

  #text(from: number, to: number): string {
    return latin1(this.#line.subarray(from, Math.min(to, KEPT_OF_LINE)), KEPT_OF_LINE);
  }

  #start(length: number): void {
    this.#started = true;
    const hasVersion = this.#lastButFour === HTTP && (this.#last === SLASH_1_0 || this.#last === SLASH_1_1);
    // Where a head is looked for, most lines are text.
    if (!hasVersion && this.#line[0] !== LETTER_H) {
      this.isBroken = true;
      return;
    }
    const text = this.#text(0, length);
    const status = STATUS_LINE.exec(text);
    const method = hasVersion ? METHOD.exec(text) : null;
    if (status) this.status = Number(status[1]);
    else if (method) this.method = method[1]!;
    else this.isBroken = true;
  }

  #field(length: number): void {
    const colon = this.#line.subarray(0, Math.min(length, KEPT_OF_LINE)).indexOf(0x3a);
    if (!NAME_LENGTHS.has(colon)) return;
    const name = this.#text(0, colon).toLowerCase();
    const value = this.#text(colon + 1, length).trim();
    this.body.set(name, value);
    if (name === 'content-length') this.#setLength(value);
    else if (name === 'transfer-encoding') this.#setTransfer(value.toLowerCase());
    else if (name === 'upgrade') this.upgrade = value.toLowerCase();
  }

  #setLength(value: string): void {
    // Some proxies repeat the value (RFC 9110, 8.6).
    const [first] = value.split(',');
    if (/^\d{1,15}$/.test(first!.trim())) this.contentLength = Number(first);
    else this.isBroken = true;
  }

  #setTransfer(value: string): void {
    const codings = value.split(',').map((coding) => coding.trim());
    if (codings.at(-1) === 'chunked') {
      this.isChunked = true;
      codings.pop();
    }
    this.body.add(codings);
  }
}
