/** Numbers of persons in the United States and Canada. */
import { digitsOf, isRepeated, luhnHolds, numberAt, weighted } from '../digits.js';

/** Numbers that were printed in advertisements and samples, and are nobody's. Source: SSA, Meaningless SSNs. */
const PRINTED = new Set([
  78051120, 219099999, 111111111, 222222222, 333333333, 444444444, 555555555, 777777777, 888888888,
]);

/** US Social Security number: area, group and serial that may have been issued. Source: SSA POMS RM 10201.035. */
function isSsn(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 9);
  if (digits === undefined || PRINTED.has(numberAt(digits, 0, 9))) return false;
  const area = numberAt(digits, 0, 3);
  return area > 0 && area < 900 && area !== 666 && numberAt(digits, 3, 2) > 0 && numberAt(digits, 5, 4) > 0;
}

/** US individual taxpayer identification number: 9, and fourth and fifth digits in use. Source: IRS IRM 3.21.263.5.2. */
function isItin(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 9);
  if (digits === undefined || digits[0] !== 9) return false;
  const group = numberAt(digits, 3, 2);
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group !== 93);
}

/** Prefixes that no campus issues. Source: IRS, How EINs are assigned and valid EIN prefixes. */
const NO_EIN = new Set([0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97]);

/** US employer identification number: a prefix that is issued. */
function isEin(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 9);
  return digits !== undefined && !isRepeated(digits) && !NO_EIN.has(numberAt(digits, 0, 2));
}

/** US bank routing number: a Federal Reserve district, weights 3 7 1. Source: ABA, Routing Number Policy. */
function isAba(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 9);
  if (digits === undefined || isRepeated(digits)) return false;
  const district = numberAt(digits, 0, 2);
  const known =
    district <= 12 || (district >= 21 && district <= 32) || (district >= 61 && district <= 72) || district === 80;
  return known && weighted(digits, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0;
}

/** US National Provider Identifier: Luhn's check behind the prefix 80840. Source: 45 CFR 162.406, ISO/IEC 7812. */
function isNpi(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  return digits !== undefined && (digits[0] === 1 || digits[0] === 2) && luhnHolds([8, 0, 8, 4, 0, ...digits]);
}

/** US DEA registration: registrant type, letter or 9, six digits and a check digit. Source: 21 CFR 1301, DEA Diversion Control. */
function isDea(secret: Uint8Array): boolean {
  if (secret.length !== 9) return false;
  const [type, name] = String.fromCharCode(...secret.subarray(0, 2)).toUpperCase();
  if (!/[ABCDEFGHJKLMPRSTUX]/.test(type!) || !/[A-Z9]/.test(name!)) return false;
  const digits = digitsOf(secret.subarray(2), 7);
  if (digits === undefined || isRepeated(digits)) return false;
  return weighted(digits, [1, 2, 1, 2, 1, 2]) % 10 === digits[6];
}

/** Medicare beneficiary identifier: a letter or digit of a set at each place. Source: CMS, Understanding the MBI Format. */
function isMbi(secret: Uint8Array): boolean {
  const text = String.fromCharCode(...secret.subarray(0, 14))
    .replaceAll('-', '')
    .toUpperCase();
  const letter = '[AC-HJKMNP-RT-Y]';
  const either = '[0-9AC-HJKMNP-RT-Y]';
  return new RegExp(`^[1-9]${letter}${either}\\d${letter}${either}\\d${letter}{2}\\d\\d$`).test(text);
}

/** Canadian social insurance number: Luhn's check. Source: Service Canada, SIN code of practice. */
function isSin(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 9);
  return digits !== undefined && !isRepeated(digits) && luhnHolds(digits);
}

export const NORTH_AMERICA = {
  ssn: isSsn,
  itin: isItin,
  ein: isEin,
  aba: isAba,
  'npi-us': isNpi,
  'dea-us': isDea,
  'mbi-us': isMbi,
  'sin-ca': isSin,
};
