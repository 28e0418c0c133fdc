import { isUtf8 } from 'node:buffer';
import { ChunkError } from '@spectral/core';
import type { ChunkFields } from './fields.js';

export interface Decoded {
  readonly fields: ChunkFields;
  readonly data: Uint8Array;
}

/** Below this, parsing it all is as fast as looking for the payload. */
const LONG = 1024;
const FIELD = '"payload":"';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Stands for the payload while the rest is parsed. Random, so that no document can hold it already. */
const STAND_IN = `payload-${crypto.randomUUID()}`;

/**
 * Decodes JSON documents of chunks, and their payloads into a buffer of its own: `data` is valid until the next call.
 *
 * `JSON.parse` reads a few hundred MB/s, base64 included in its strings. So a long payload is cut out first, and only what is
 * around it is parsed:
 *
 *     {"pid":7,"payload":"QUJD…","comm":"curl"}  ─▶  {"pid":7,"payload":"STAND-IN","comm":"curl"}
 *                         └─▶ decoded straight from the bytes
 *
 * The result is the same: what is cut out has neither quotes nor backslashes, and if it was not the payload (but, say, a part
 * of another string), the stand-in does not turn up where the payload should be. Then all is parsed.
 */
export class Decoder {
  #buffer: Buffer;

  /** @param maxBytes longest document that will be given */
  constructor(readonly maxBytes: number) {
    this.#buffer = Buffer.allocUnsafeSlow(4096);
  }

  /** @throws ChunkError naming the field; the empty field is the document. Messages never quote it */
  decode(document: Buffer): Decoded {
    if (!isUtf8(document)) throw new ChunkError('', 'is not valid UTF-8');
    return (document.length >= LONG ? this.#decodeAround(document) : undefined) ?? this.#decodeWhole(document);
  }

  #decodeWhole(document: Buffer): Decoded {
    const fields = parse(document.toString('utf8'));
    const { payload, text } = fields;
    if (payload !== undefined && text !== undefined) throw new ChunkError('text', 'must not stand beside payload');
    if (text !== undefined) {
      if (typeof text !== 'string') throw new ChunkError('text', 'must be a string');
      const room = this.#room(text.length * 3);
      return { fields, data: room.subarray(0, room.write(text, 'utf8')) };
    }
    if (payload === undefined) throw new ChunkError('payload', 'is missing; give it in base64, or text instead');
    if (typeof payload !== 'string') throw new ChunkError('payload', 'must be a string of base64');
    return { fields, data: this.#base64(payload) };
  }

  #decodeAround(document: Buffer): Decoded | undefined {
    const at = document.indexOf(FIELD, 0, 'latin1');
    if (at <= 0 || document[at - 1] === BACKSLASH) return undefined;
    const start = at + FIELD.length;
    const end = document.indexOf(QUOTE, start);
    if (end < 0) return undefined;
    const payload = document.toString('latin1', start, end);
    if (end - start < LONG / 2 || payload.includes('\\')) return undefined;
    const fields = parse(document.toString('utf8', 0, start) + STAND_IN + document.toString('utf8', end));
    if (fields.payload !== STAND_IN || fields.text !== undefined) return undefined;
    return { fields, data: this.#base64(payload) };
  }

  #base64(text: string): Buffer {
    const bytes = base64Bytes(text);
    const room = this.#room(bytes);
    // Characters that are none of base64's are left out, so that fewer bytes come out than should.
    if (bytes < 0 || room.write(text, 0, bytes, 'base64') !== bytes)
      throw new ChunkError('payload', 'is not valid base64');
    return room.subarray(0, bytes);
  }

  #room(bytes: number): Buffer {
    if (bytes > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(Math.min(Math.max(bytes, 2 * this.#buffer.length), 3 * this.maxBytes));
    }
    return this.#buffer;
  }
}

/** Number of bytes that a text of base64 stands for; -1: no text of that length can be. */
function base64Bytes(text: string): number {
  let length = text.length;
  if (length % 4 === 0 && text.endsWith('=')) length -= text.endsWith('==') ? 2 : 1;
  return length % 4 === 1 ? -1 : Math.floor((length * 3) / 4);
}

function parse(text: string): ChunkFields & { readonly payload?: unknown; readonly text?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // JSON.parse quotes the text, which may hold secrets.
    throw new ChunkError('', 'is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ChunkError('', 'must be an object');
  return value;
}
