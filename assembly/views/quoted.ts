/**
 * Quoted-printable (RFC 2045, section 6.7): =HH, 3 → 1, in upper case; and = at the end of a line, which is no end then, 2 or 3 → 0.
 *
 * Equals signs are everywhere, so an island (island.ts) begins only with =3D, which every text has that has any of its own, or behind a
 * line that is as long as those that were broken.
 */
import { hexValue, MORE, NONE, unitByte, unitNothing } from './unit';

export const EQUALS: u32 = 0x3d;
const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
const LEAST_LINE: usize = 60;

// @ts-ignore: decorator
@inline function upperHex(byte: u32): u32 {
  return byte > 0x46 ? 16 : hexValue(byte);
}

/** The escape that begins with the equals sign at `p`. */
export function parseQuoted(p: usize, end: usize, final: bool): u32 {
  const missing = final ? NONE : MORE;
  if (p + 1 >= end) return missing;
  const first = <u32>load<u8>(p, 1);
  if (first == LF) return unitNothing(2);
  const high = upperHex(first);
  if (first != CR && high > 15) return NONE;
  if (p + 2 >= end) return missing;
  const second = <u32>load<u8>(p, 2);
  if (first == CR) return second == LF ? unitNothing(3) : NONE;
  const low = upperHex(second);
  return low > 15 ? NONE : unitByte((high << 4) | low, 3);
}

/** May an island begin with this escape? `begin`: address of the first byte before it that is there. */
export function opensQuoted(p: usize, begin: usize): bool {
  if (load<u8>(p, 1) == 0x33) return load<u8>(p, 2) == 0x44;
  if (<u32>load<u8>(p, 1) > CR || p < begin + LEAST_LINE) return false;
  for (let i: usize = 1; i <= LEAST_LINE; i++) if (load<u8>(p - i) == LF) return false;
  return true;
}
