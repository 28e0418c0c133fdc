/** Numbers of persons in the Nordic and Baltic countries. */
import { isDay } from '../date.js';
import { digitsOf, isRepeated, luhnHolds, numberAt, weighted } from '../digits.js';

/** A plus or minus in the number says the century: it separates like a hyphen. */
function digitsWithSign(secret: Uint8Array, least: number, most: number): number[] | undefined {
  return digitsOf(
    secret.map((byte) => (byte === 0x2b ? 0x2d : byte)),
    least,
    most,
  );
}

/** Sweden, personnummer and samordningsnummer (day + 60): date, Luhn's check. Source: Skatteverket SKV 704. */
function isPersonnummer(secret: Uint8Array): boolean {
  const digits = digitsWithSign(secret, 10, 12);
  if (digits === undefined || digits.length === 11) return false;
  const ten = digits.slice(-10);
  const day = numberAt(ten, 4, 2);
  const century = digits.length === 10 || [18, 19, 20].includes(numberAt(digits, 0, 2));
  return century && isDay(numberAt(ten, 0, 2), numberAt(ten, 2, 2), day > 60 ? day - 60 : day) && luhnHolds(ten);
}

/** Denmark, CPR number: a date; its MOD 11 has not held for all since 2007. Source: CPR-kontoret, Personnummeret i CPR. */
function isCpr(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  return digits !== undefined && isDay(numberAt(digits, 4, 2), numberAt(digits, 2, 2), numberAt(digits, 0, 2));
}

/** Denmark, CPR number whose MOD 11 holds. */
function isCprChecked(secret: Uint8Array): boolean {
  return isCpr(secret) && weighted(digitsOf(secret, 10)!, [4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}

/** Finland, henkilötunnus: date, century sign, a character by MOD 31. Source: Digital and Population Data Services Agency. */
function isHetu(secret: Uint8Array): boolean {
  if (secret.length !== 11) return false;
  const text = String.fromCharCode(...secret).toUpperCase();
  if (!/^\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]$/.test(text)) return false;
  const [day, month, year] = [text.slice(0, 2), text.slice(2, 4), text.slice(4, 6)].map(Number) as [
    number,
    number,
    number,
  ];
  const number = Number(text.slice(0, 6) + text.slice(7, 10));
  return isDay(year, month, day) && '0123456789ABCDEFHJKLMNPRSTUVWXY'[number % 31] === text[10];
}

/** Norway, fødselsnummer and D-number (day + 40): date, two digits by MOD 11. Source: Skatteetaten, folkeregisterforskriften. */
function isFodselsnummer(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined) return false;
  const [day, month] = [numberAt(digits, 0, 2), numberAt(digits, 2, 2)];
  // Months of synthetic persons are 40 or 80 higher.
  if (!isDay(numberAt(digits, 4, 2), month % 40, day > 40 ? day - 40 : day)) return false;
  return (
    weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 &&
    weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
  );
}

/** Iceland, kennitala: date, MOD 11 in the ninth place, century 8, 9 or 0. Source: Þjóðskrá. */
function isKennitala(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  if (digits === undefined || ![0, 8, 9].includes(digits[9]!)) return false;
  const day = numberAt(digits, 0, 2);
  if (!isDay(numberAt(digits, 4, 2), numberAt(digits, 2, 2), day > 40 ? day - 40 : day)) return false;
  return weighted(digits, [3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}

/** Estonia, isikukood, and Lithuania, asmens kodas: sex and century, date, two rounds of MOD 11. Source: EVS 585. */
function isIsikukood(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined || digits[0] === 0 || digits[0] === 9) return false;
  if (!isDay(numberAt(digits, 1, 2), numberAt(digits, 3, 2), numberAt(digits, 5, 2))) return false;
  const first = weighted(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  const second = weighted(digits, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
  return (first < 10 ? first : second % 10) === digits[10];
}

/** Latvia, personas kods: date or 32 in front, MOD 11. Source: Fizisko personu reģistra likums. */
function isPersonasKods(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined || isRepeated(digits)) return false;
  if (numberAt(digits, 0, 2) === 32) return true;
  if (!isDay(numberAt(digits, 4, 2), numberAt(digits, 2, 2), numberAt(digits, 0, 2)) || digits[6]! > 2) return false;
  return ((1 + weighted(digits, [10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11) % 10 === digits[10];
}

export const NORTHERN_EUROPE = {
  'personnummer-se': isPersonnummer,
  'cpr-dk': isCpr,
  'cpr-dk-mod11': isCprChecked,
  'hetu-fi': isHetu,
  'fodselsnummer-no': isFodselsnummer,
  'kennitala-is': isKennitala,
  'isikukood-ee': isIsikukood,
  'personas-kods-lv': isPersonasKods,
};
