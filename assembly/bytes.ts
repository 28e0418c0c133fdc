/** ASCII letters. */

// @ts-ignore: decorator
@inline export function isLetter(byte: u32): bool {
  return (byte | 32) - 97 < 26;
}

/** Lower case of an ASCII letter, anything else as it is. */
// @ts-ignore: decorator
@inline export function fold(byte: u32): u32 {
  return byte - 65 < 26 ? byte | 32 : byte;
}

export function hasLetter(p: usize, length: u32): bool {
  for (let end = p + length; p < end; p++) if (isLetter(load<u8>(p))) return true;
  return false;
}

// @ts-ignore: decorator
@inline export function align16(n: usize): usize {
  return (n + 15) & ~15;
}
