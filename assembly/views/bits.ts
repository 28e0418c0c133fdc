/**
 * Reads bits of a deflated stream, the lowest of each byte first (RFC 1951, section 3.1.1).
 *
 *   input  … ▒▒▒▒▒▒▒▒ ▒▒▒▒▒███ ████████ ████████ ░░░░░░░░ …      ▒ read, █ in `hold`, ░ to come
 *                                                ▲ at
 *
 * Whole bytes in `hold` can be given back: they lie in front of `at`, in this input or before it.
 */
let at: usize = 0;
let end: usize = 0;
let hold: u64 = 0;
let count: u32 = 0;

export function openBits(from: usize, to: usize, bits: u64, number: u32): void {
  at = from;
  end = to;
  hold = bits;
  count = number;
}

// @ts-ignore: decorator
@inline export function bitsAt(): usize {
  return at;
}

// @ts-ignore: decorator
@inline export function bitsEnd(): usize {
  return end;
}

// @ts-ignore: decorator
@inline export function bitsHeld(): u64 {
  return hold;
}

// @ts-ignore: decorator
@inline export function bitsCount(): u32 {
  return count;
}

// @ts-ignore: decorator
@inline export function setBits(from: usize, bits: u64, number: u32): void {
  at = from;
  hold = bits;
  count = number;
}

/** Tries to have `wanted` bits, at most 56. */
export function need(wanted: u32): bool {
  while (count < wanted) {
    if (at == end) return false;
    hold |= <u64>load<u8>(at++) << count;
    count += 8;
  }
  return true;
}

/** The next bits without taking them. */
// @ts-ignore: decorator
@inline export function peek(): u64 {
  return hold;
}

// @ts-ignore: decorator
@inline export function drop(number: u32): void {
  hold >>= number;
  count -= number;
}

/** Takes `number` bits, at most 16, that `need` has seen. */
// @ts-ignore: decorator
@inline export function take(number: u32): u32 {
  const bits = <u32>hold & ((1 << number) - 1);
  drop(number);
  return bits;
}

/** Gives whole bytes back; less than 8 bits stay. */
export function giveBack(): void {
  at -= count >> 3;
  count &= 7;
  hold &= (1 << count) - 1;
}

/** Goes on at the next whole byte. */
export function toByte(): void {
  giveBack();
  hold = 0;
  count = 0;
}

/** Address of the byte that holds the next bit. */
// @ts-ignore: decorator
@inline export function firstByte(from: usize, number: u32): usize {
  return from - ((number + 7) >> 3);
}

/** Address behind the byte that holds the last bit read. */
// @ts-ignore: decorator
@inline export function behindLast(from: usize, number: u32): usize {
  return from - (number >> 3);
}
