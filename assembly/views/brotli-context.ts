/** What the last two bytes say of the next one, in the four modes of Brotli (RFC 7932, section 7.1): 6 bits. */

/** Per mode, what the last byte adds u8 × 256, and the one before it u8 × 256. */
const contexts = memory.data(4 * 512);
let isReady: bool = false;

const LOW_BITS: usize = contexts;
const HIGH_BITS: usize = contexts + 512;
const TEXT: usize = contexts + 1024;
const SIGNED: usize = contexts + 1536;

/** Kinds of the printable characters of ASCII in text, 0x20 to 0x7e, in fours. */
const kinds = memory.data<u8>([
  2, 3, 4, 3, 3, 5, 3, 4, 6, 7, 3, 3, 8, 3, 9, 3, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 8, 8, 6, 10, 7, 3,
  3, 12, 13, 13, 13, 12, 13, 13, 13, 12, 13, 13, 13, 13, 13, 12, 13, 13, 13, 13, 13, 12, 13, 13, 13, 13, 13, 6, 3, 7, 3, 3,
  3, 14, 15, 15, 15, 14, 15, 15, 15, 14, 15, 15, 15, 15, 15, 14, 15, 15, 15, 15, 15, 14, 15, 15, 15, 15, 15, 6, 3, 7, 3,
]);

function kindOf(byte: u32): u32 {
  if (byte >= 0x80) return (byte & 1) | (byte >= 0xc0 ? 2 : 0);
  if (byte - 0x20 < 0x5f) return <u32>load<u8>(kinds + byte - 0x20) << 2;
  return byte == 9 || byte == 10 || byte == 13 ? 4 : 0;
}

function kindBefore(byte: u32): u32 {
  if (byte >= 0xe0) return 2;
  if (byte <= 0x20 || byte > 0x7e) return 0;
  if (byte - 0x30 < 10 || byte - 0x41 < 26) return 2;
  return byte - 0x61 < 26 ? 3 : 1;
}

function sizeOf(byte: u32): u32 {
  if (byte == 0) return 0;
  if (byte < 16) return 1;
  if (byte < 64) return 2;
  if (byte < 128) return 3;
  if (byte < 192) return 4;
  return byte < 240 ? 5 : byte < 255 ? 6 : 7;
}

export function prepareContexts(): void {
  if (isReady) return;
  isReady = true;
  for (let byte: u32 = 0; byte < 256; byte++) {
    store<u8>(LOW_BITS + byte, <u8>(byte & 63));
    store<u8>(HIGH_BITS + byte, <u8>(byte >> 2));
    store<u8>(TEXT + byte, <u8>kindOf(byte));
    store<u8>(TEXT + byte, <u8>kindBefore(byte), 256);
    store<u8>(SIGNED + byte, <u8>(sizeOf(byte) << 3));
    store<u8>(SIGNED + byte, <u8>sizeOf(byte), 256);
  }
}

/** Address of a mode's tables. */
// @ts-ignore: decorator
@inline export function contextsOf(mode: u32): usize {
  return contexts + ((<usize>mode) << 9);
}
