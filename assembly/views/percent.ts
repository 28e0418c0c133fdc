/** Percent-encoded bytes (RFC 3986, section 2.1): %HH, 3 → 1. A `+` is a space, as forms write it, only near one of those. */
import { hexValue, MORE, NONE, unitByte } from './unit';

export const PERCENT: u32 = 0x25;
/** What makes a space of a plus sign, by exclusive or. */
export const PLUS_TO_SPACE: u32 = 0x2b ^ 0x20;

/** The escape that begins with the percent sign at `p`. */
export function parsePercent(p: usize, end: usize, final: bool): u32 {
  const missing = final ? NONE : MORE;
  if (p + 1 >= end) return missing;
  const high = hexValue(load<u8>(p, 1));
  if (high > 15) return NONE;
  if (p + 2 >= end) return missing;
  const low = hexValue(load<u8>(p, 2));
  return low > 15 ? NONE : unitByte((high << 4) | low, 3);
}
