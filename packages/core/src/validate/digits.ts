/** Numbers with check digits: reading them out of bytes, and the checksum schemes that many of them share. */

/** Longest number with separators that is read: an IBAN in groups is 42 characters, a card 23. */
const LONGEST = 64;

/** Space, full stop, slash, hyphen-minus. */
function isSeparator(byte: number): boolean {
  return byte === 0x20 || byte === 0x2d || byte === 0x2e || byte === 0x2f;
}

/** The digits of a number in groups, or `undefined` if it has other characters or a number of digits outside [least, most]. */
export function digitsOf(bytes: Uint8Array, least: number, most: number = least): number[] | undefined {
  if (bytes.length < least || bytes.length > LONGEST) return undefined;
  const digits: number[] = [];
  for (const byte of bytes) {
    const digit = byte - 0x30;
    if (digit >= 0 && digit <= 9) digits.push(digit);
    else if (!isSeparator(byte)) return undefined;
  }
  return digits.length >= least && digits.length <= most ? digits : undefined;
}

/** Letters in capitals and digits, without separators; empty if there is anything else, or more than a number has. */
export function compact(bytes: Uint8Array): string {
  if (bytes.length > LONGEST) return '';
  let text = '';
  for (const byte of bytes) {
    if (isSeparator(byte)) continue;
    const upper = byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
    if (!(upper >= 0x30 && upper <= 0x39) && !(upper >= 0x41 && upper <= 0x5a)) return '';
    text += String.fromCharCode(upper);
  }
  return text;
}

/** The number that `count` digits from `at` on spell. */
export function numberAt(digits: readonly number[], at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) value = value * 10 + digits[i]!;
  return value;
}

/** Σ digitᵢ · weightᵢ over the weights there are. */
export function weighted(digits: readonly number[], weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * digits[i]!, 0);
}

/** All digits the same: passes most checksums, and is nobody's number. */
export function isRepeated(digits: readonly number[]): boolean {
  return digits.every((digit) => digit === digits[0]);
}

/** Luhn's check over all digits, the check digit last. ISO/IEC 7812-1, annex B. */
export function luhnHolds(digits: readonly number[]): boolean {
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = double ? digits[i]! * 2 : digits[i]!;
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** ISO/IEC 7064 MOD 11,10 over all digits, the check digit last. */
export function mod11And10Holds(digits: readonly number[]): boolean {
  let check = 10;
  for (const digit of digits.slice(0, -1)) {
    check = (check + digit) % 10 || 10;
    check = (check * 2) % 11;
  }
  return (check + digits.at(-1)!) % 10 === 1;
}

/** Remainder of a number of letters (A = 10 … Z = 35) and digits, as ISO/IEC 7064 MOD 97-10 takes it. */
export function mod97(text: string): number {
  let rest = 0;
  for (let i = 0; i < text.length; i++) {
    const value = Number.parseInt(text[i]!, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

/** The multiplication of the dihedral group D5, and the permutation of each place. J. Verhoeff, Error Detecting Decimal Codes, 1969. */
const D5 = ['0123456789', '1234067895', '2340178956', '3401289567', '4012395678'];
const D5_REFLECTED = ['5987604321', '6598710432', '7659821043', '8765932104', '9876543210'];
const PLACE = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
];

/** Verhoeff's check over all digits, the check digit last. */
export function verhoeffHolds(digits: readonly number[]): boolean {
  const table = [...D5, ...D5_REFLECTED];
  let check = 0;
  for (let i = 0; i < digits.length; i++) {
    check = Number(table[check]![Number(PLACE[i % 8]![digits.at(-1 - i)!])]);
  }
  return check === 0;
}
