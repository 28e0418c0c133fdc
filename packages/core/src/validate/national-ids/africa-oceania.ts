/** Numbers of persons in Africa, Australia and New Zealand. */
import { isDay } from '../date.js';
import { digitsOf, isRepeated, luhnHolds, numberAt, weighted } from '../digits.js';

/** South Africa, identity number: date, citizenship 0 to 2, Luhn's check. Source: Identification Act 68 of 1997. */
function isSouthAfricanId(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 13);
  if (digits === undefined || !isDay(numberAt(digits, 0, 2), numberAt(digits, 2, 2), numberAt(digits, 4, 2)))
    return false;
  return digits[10]! <= 2 && luhnHolds(digits);
}

/** Egypt, national number: century, date, governorate. Source: Civil Status Organization. */
function isEgyptianId(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 14);
  if (digits === undefined || (digits[0] !== 2 && digits[0] !== 3)) return false;
  const governorate = numberAt(digits, 7, 2);
  const known =
    (governorate >= 1 && governorate <= 4) || (governorate >= 11 && governorate <= 35) || governorate === 88;
  return known && isDay(numberAt(digits, 1, 2), numberAt(digits, 3, 2), numberAt(digits, 5, 2));
}

/** Australia, tax file number: MOD 11. Source: ATO, TFN algorithm. */
function isTfn(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 8, 9);
  if (digits === undefined || isRepeated(digits)) return false;
  const weights = digits.length === 9 ? [1, 4, 3, 7, 5, 8, 6, 9, 10] : [10, 7, 8, 4, 6, 3, 5, 1];
  return weighted(digits, weights) % 11 === 0;
}

/** Australia, Medicare card: first digit 2 to 6, check digit in the ninth place, issue number. Source: Services Australia. */
function isMedicare(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10, 11);
  if (digits === undefined || digits[0]! < 2 || digits[0]! > 6 || digits[9] === 0) return false;
  return !isRepeated(digits) && weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === digits[8];
}

/** New Zealand, IRD number: MOD 11, two rounds of weights. Source: Inland Revenue, RWT specification. */
function isIrd(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 8, 9);
  if (digits === undefined) return false;
  const nine = digits.length === 8 ? [0, ...digits] : digits;
  const number = numberAt(nine, 0, 9);
  if (number < 10_000_000 || number > 200_000_000) return false;
  const check = (weights: readonly number[]) => (11 - (weighted(nine, weights) % 11)) % 11;
  const first = check([3, 2, 7, 6, 5, 4, 3, 2]);
  return (first === 10 ? check([7, 4, 3, 2, 5, 2, 7, 6]) : first) === nine[8];
}

export const AFRICA_OCEANIA = {
  'national-id-za': isSouthAfricanId,
  'national-id-eg': isEgyptianId,
  'tfn-au': isTfn,
  'medicare-au': isMedicare,
  'ird-nz': isIrd,
};
