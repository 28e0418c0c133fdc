/**
 * Text in UTF-16 (RFC 2781), the low byte of each unit first or last, made UTF-8. A surrogate without its other half is U+FFFD.
 *
 *   2 → 1, 2, 3 bytes;  a pair of surrogates 4 → 4
 *
 * Half a unit and half a pair wait in front of the next input (island.ts).
 */
import { fits, outputAt, roomLeft, wrote } from './output';
import { HELD, KIND, leave, UTF16_BE } from './state';
import { putUnit, unitCharacter } from './unit';

export const UTF16_STATE: usize = 16;
const TWO_TO_ONE: u32 = 0x20001;
const ONE_TURN: usize = 20;

/** Makes bytes of the units of ASCII from `p` on, as far as there is room; returns where it stopped. */
function narrow(p: usize, end: usize, swapped: bool): usize {
  const begin = p;
  const first = outputAt();
  const room = roomLeft();
  let to = first;
  if (ASC_FEATURE_SIMD) {
    const other = i16x8.splat(swapped ? <i16>0x80ff : <i16>0xff80);
    const most = first + room - 8;
    for (; p + 16 <= end && to <= most; p += 16, to += 8) {
      const text = v128.load(p);
      if (v128.any_true(v128.and(text, other))) break;
      const units = swapped ? i16x8.shr_u(text, 8) : text;
      v128.store64_lane(to, i8x16.narrow_i16x8_u(units, units), 0);
    }
  }
  for (; p + 2 <= end && to < first + room; p += 2, to++) {
    const unit = swapped ? bswap<u16>(load<u16>(p)) : load<u16>(p);
    if (unit >= 0x80) break;
    store<u8>(to, <u8>unit);
  }
  if (to > first) wrote(to - first, begin, p, TWO_TO_ONE);
  return p;
}

export function decodeUtf16(d: usize, input: usize, length: usize, final: bool): usize {
  const swapped = load<u32>(d, KIND) == UTF16_BE;
  const end = input + length;
  let p = input - load<u32>(d, HELD);
  let isFull = false;
  while (true) {
    if (!fits(ONE_TURN)) {
      isFull = true;
      break;
    }
    p = narrow(p, end, swapped);
    if (!fits(ONE_TURN)) continue;
    if (p + 2 > end) {
      // Half a unit at the end is nothing.
      if (final) p = end;
      break;
    }
    const unit = <u32>(swapped ? bswap<u16>(load<u16>(p)) : load<u16>(p));
    let size: usize = 2;
    let code = unit;
    if (unit >> 10 == 0x36) {
      if (p + 4 > end && !final) break;
      const low: u32 = p + 4 > end ? 0 : swapped ? bswap<u16>(load<u16>(p, 2)) : load<u16>(p, 2);
      if (low >> 10 == 0x37) {
        code = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
        size = 4;
      }
    }
    unitCharacter(code, size, false);
    putUnit(p);
    p += size;
  }
  return leave(d, input, length, p, isFull);
}
