/** CRC-32 (RFC 1952, section 8), four bytes at a time, and Adler-32 (RFC 1950, section 8). */
const POLYNOMIAL: u32 = 0xedb88320;
const ADLER: u32 = 65521;
/** So many bytes can be summed up before a sum has to be reduced. */
const ADLER_BYTES: usize = 5552;

/** tables[k][b]: the remainder of byte b with k zero bytes behind it. */
const tables = memory.data(4 * 256 * 4, 4);
let isReady: bool = false;

export function prepareChecksums(): void {
  if (isReady) return;
  isReady = true;
  for (let byte: u32 = 0; byte < 256; byte++) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >> 1) ^ (rest & 1 ? POLYNOMIAL : 0);
    store<u32>(tables + (byte << 2), rest);
  }
  for (let i: usize = 256; i < 1024; i++) {
    const before = load<u32>(tables + ((i - 256) << 2));
    store<u32>(tables + (i << 2), (before >> 8) ^ load<u32>(tables + ((before & 255) << 2)));
  }
}

// @ts-ignore: decorator
@inline function row(k: usize, byte: u32): u32 {
  return load<u32>(tables + (k << 10) + (<usize>(byte & 255) << 2));
}

/** `crc` of what came before: 0 at first. */
export function crc32(crc: u32, p: usize, end: usize): u32 {
  crc = ~crc;
  for (; p + 4 <= end; p += 4) {
    crc ^= load<u32>(p);
    crc = row(3, crc) ^ row(2, crc >> 8) ^ row(1, crc >> 16) ^ row(0, crc >> 24);
  }
  for (; p < end; p++) crc = (crc >> 8) ^ row(0, crc ^ load<u8>(p));
  return ~crc;
}

/** `adler` of what came before: 1 at first. */
export function adler32(adler: u32, p: usize, end: usize): u32 {
  let a = adler & 0xffff;
  let b = adler >> 16;
  while (p < end) {
    for (const most = min(end, p + ADLER_BYTES); p < most; p++) {
      a += load<u8>(p);
      b += a;
    }
    a %= ADLER;
    b %= ADLER;
  }
  return (b << 16) | a;
}
