/**
 * HTTP/2 frames (RFC 9113, 4.1 and 6).
 *
 *   +-----------------------------------------------+
 *   |                 Length (24)                   |
 *   +---------------+---------------+---------------+
 *   |   Type (8)    |   Flags (8)   |
 *   +-+-------------+---------------+-------------------------------+
 *   |R|                 Stream Identifier (31)                      |
 *   +=+=============================================================+
 *   |                   Frame Payload (0...)                      ...
 *   +---------------------------------------------------------------+
 */
export const FRAME_HEADER = 9;

/** What a client sends first (3.4). */
export const PREFACE = Uint8Array.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', (character) => character.charCodeAt(0));

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;
const ALTSVC = 10;
const ORIGIN = 12;
const PRIORITY_UPDATE = 16;

export const END_STREAM = 0x01;
export const ACK = 0x01;
export const END_HEADERS = 0x04;
export const PADDED = 0x08;
export const HAS_PRIORITY = 0x20;

/** Longer frames are allowed only where the peer asked for them (4.2); who does, seldom asks for more than this. */
const LONGEST_FRAME = 1 << 20;

/** What each type may carry: its flags, whether it belongs to a stream or to the connection, and its length. */
interface Shape {
  readonly flags: number;
  readonly on: 'stream' | 'connection' | 'either';
  readonly fits: (length: number, flags: number) => boolean;
}

const padding = (flags: number) => (flags & PADDED ? 1 : 0);
const exactly = (bytes: number) => (length: number) => length === bytes;
const atLeast = (bytes: number) => (length: number) => length >= bytes;

const SHAPES: Readonly<Record<number, Shape>> = {
  [DATA]: { flags: END_STREAM | PADDED, on: 'stream', fits: (length, flags) => length >= padding(flags) },
  [HEADERS]: {
    flags: END_STREAM | END_HEADERS | PADDED | HAS_PRIORITY,
    on: 'stream',
    fits: (length, flags) => length > padding(flags) + (flags & HAS_PRIORITY ? 5 : 0),
  },
  [PRIORITY]: { flags: 0, on: 'stream', fits: exactly(5) },
  [RST_STREAM]: { flags: 0, on: 'stream', fits: exactly(4) },
  [SETTINGS]: {
    flags: ACK,
    on: 'connection',
    fits: (length, flags) => (flags & ACK ? length === 0 : length % 6 === 0 && length <= 6 * 64),
  },
  [PUSH_PROMISE]: {
    flags: END_HEADERS | PADDED,
    on: 'stream',
    fits: (length, flags) => length > 4 + padding(flags),
  },
  [PING]: { flags: ACK, on: 'connection', fits: exactly(8) },
  [GOAWAY]: { flags: 0, on: 'connection', fits: atLeast(8) },
  [WINDOW_UPDATE]: { flags: 0, on: 'either', fits: exactly(4) },
  [CONTINUATION]: { flags: END_HEADERS, on: 'stream', fits: atLeast(0) },
  [ALTSVC]: { flags: 0, on: 'either', fits: atLeast(2) },
  [ORIGIN]: { flags: 0, on: 'connection', fits: atLeast(0) },
  [PRIORITY_UPDATE]: { flags: 0, on: 'connection', fits: atLeast(4) },
};

export function lengthOf(header: Uint8Array, at: number): number {
  return (header[at]! << 16) | (header[at + 1]! << 8) | header[at + 2]!;
}

export function streamOf(header: Uint8Array, at: number): number {
  return ((header[at + 5]! & 0x7f) << 24) | (header[at + 6]! << 16) | (header[at + 7]! << 8) | header[at + 8]!;
}

/** Does the frame header at `bytes[at]` keep the rules of its type? Those of types that are not known here are not known. */
export function isAllowed(bytes: Uint8Array, at: number): boolean {
  const shape = SHAPES[bytes[at + 3]!];
  if (shape === undefined) return true;
  const onStream = streamOf(bytes, at) !== 0;
  if (shape.on !== 'either' && (shape.on === 'stream') !== onStream) return false;
  return shape.fits(lengthOf(bytes, at), bytes[at + 4]!);
}

/** Is this what senders write: is the frame allowed, and of a known type, with no bits set that mean nothing? */
export function isPlausible(bytes: Uint8Array, at: number): boolean {
  const shape = SHAPES[bytes[at + 3]!];
  if (shape === undefined || lengthOf(bytes, at) > LONGEST_FRAME) return false;
  const isReserved = (bytes[at + 5]! & 0x80) !== 0 || (bytes[at + 4]! & ~shape.flags) !== 0;
  return !isReserved && isAllowed(bytes, at);
}
