/** The mask of WebSocket frames (RFC 6455, 5.3). */

/**
 * Writes `[p, p + length)`, each byte xor-ed with that of `key` whose turn it is, to `out`. `key` is little-endian: its first
 * byte is the lowest. `phase`: how many bytes of the payload came before.
 */
export function xorMask(p: usize, length: usize, key: u32, phase: u32, out: usize): void {
  key = rotr(key, (phase & 3) << 3);
  const wide = <u64>key | (<u64>key << 32);
  const end = p + length;
  for (; p + 8 <= end; p += 8, out += 8) store<u64>(out, load<u64>(p) ^ wide);
  for (; p < end; p++, out++, key = rotr(key, 8)) store<u8>(out, <u8>(load<u8>(p) ^ key));
}
