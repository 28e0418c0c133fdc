import { digitsOf, isRepeated, luhnHolds } from './digits.js';

/**
 * First digits (from, to) of each network and how long its numbers are. Lengths that the standard allows but no issuer uses are
 * left out: they would only take in other long numbers. Source: ISO/IEC 7812-1, and the networks' published ranges.
 */
const NETWORKS: readonly (readonly [name: string, from: number, to: number, lengths: readonly number[]])[] = [
  ['Visa', 4, 4, [16, 19]],
  ['Mastercard', 51, 55, [16]],
  ['Mastercard', 2221, 2720, [16]],
  ['American Express', 34, 34, [15]],
  ['American Express', 37, 37, [15]],
  ['Diners Club', 300, 305, [14, 16]],
  ['Diners Club', 3095, 3095, [14, 16]],
  ['Diners Club', 36, 36, [14, 16]],
  ['Diners Club', 38, 39, [14, 16]],
  ['Discover', 6011, 6011, [16, 19]],
  ['Discover', 644, 649, [16, 19]],
  ['Discover, RuPay', 65, 65, [16, 19]],
  ['JCB', 3528, 3589, [16]],
  ['UnionPay', 62, 62, [16, 19]],
  ['UnionPay, RuPay', 810000, 820199, [16]],
  ['RuPay', 606985, 608500, [16]],
  ['RuPay', 508500, 508999, [16]],
  ['Maestro', 5018, 5018, [12, 13, 14, 15, 16, 17, 18, 19]],
  ['Maestro', 5020, 5020, [12, 13, 14, 15, 16, 17, 18, 19]],
  ['Maestro', 5038, 5038, [12, 13, 14, 15, 16, 17, 18, 19]],
  ['Maestro', 5893, 5893, [12, 13, 14, 15, 16, 17, 18, 19]],
  ['Maestro', 6304, 6304, [12, 13, 14, 15, 16, 17, 18, 19]],
  ['Maestro', 6759, 6763, [12, 13, 14, 15, 16, 17, 18, 19]],
  ['Elo', 506699, 506778, [16]],
  ['Elo', 509000, 509999, [16]],
  ['Elo', 636297, 636297, [16]],
  ['Elo', 636368, 636368, [16]],
  ['Hipercard', 606282, 606282, [16]],
  ['Verve', 506099, 506198, [16, 18, 19]],
  ['Mir', 2200, 2204, [16]],
  ['Troy', 979200, 979289, [16]],
];

/** A number of digits that passes Luhn's check. */
export function isLuhn(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 2, 40);
  return digits !== undefined && !isRepeated(digits) && luhnHolds(digits);
}

/** A payment card: range and length of a network, and Luhn's check. */
export function isCard(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 12, 19);
  if (digits === undefined || isRepeated(digits) || !luhnHolds(digits)) return false;
  const start = digits.slice(0, 6).join('');
  return NETWORKS.some(([, from, to, lengths]) => {
    const prefix = Number(start.slice(0, String(from).length));
    return prefix >= from && prefix <= to && lengths.includes(digits.length);
  });
}

/** A number of digits (and letters) that is not one digit over and over. */
export function isNotRepeated(secret: Uint8Array): boolean {
  const digits = secret.filter((byte) => byte >= 0x30 && byte <= 0x39);
  return digits.length > 0 && digits.some((digit) => digit !== digits[0]);
}
