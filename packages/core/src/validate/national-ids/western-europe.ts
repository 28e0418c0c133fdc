/** Numbers of persons in Western and Southern Europe. */
import { isDay } from '../date.js';
import {
  compact,
  digitsOf,
  isRepeated,
  luhnHolds,
  mod11And10Holds,
  numberAt,
  verhoeffHolds,
  weighted,
} from '../digits.js';

/** United Kingdom, NHS number: MOD 11. Source: NHS Data Dictionary, NHS NUMBER. */
function isNhs(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  if (digits === undefined || isRepeated(digits)) return false;
  return (11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === digits[9];
}

/** United Kingdom, National Insurance number: prefixes that are issued. Source: HMRC NIM39110. */
function isNino(secret: Uint8Array): boolean {
  const text = compact(secret);
  return /^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]?$/.test(text) && !/^(BG|GB|KN|NK|NT|TN|ZZ)/.test(text);
}

/** United Kingdom, unique taxpayer reference: check digit first, MOD 11. Source: HMRC. */
function isUtr(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  if (digits === undefined || isRepeated(digits)) return false;
  return '21987654321'[weighted(digits.slice(1), [6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11] === String(digits[0]);
}

/** Ireland, PPS number: a letter by MOD 23, a second letter counts nine times. Source: Department of Social Protection. */
function isPpsn(secret: Uint8Array): boolean {
  const text = compact(secret);
  if (!/^\d{7}[A-W][A-IW]?$/.test(text)) return false;
  const second = text[8] === undefined || text[8] === 'W' ? 0 : text.charCodeAt(8) - 64;
  const sum = weighted([...text.slice(0, 7)].map(Number), [8, 7, 6, 5, 4, 3, 2]) + second * 9;
  return 'WABCDEFGHIJKLMNOPQRSTUV'[sum % 23] === text[7];
}

/** France, NIR: sex, month, and a key that makes the whole divisible by 97; Corsica is 2A or 2B. Source: INSEE, NIR. */
function isInsee(secret: Uint8Array): boolean {
  const text = compact(secret);
  if (!/^[1-478]\d{4}(\d\d|2[AB])\d{8}$/.test(text)) return false;
  const month = Number(text.slice(3, 5));
  if (!((month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50)) return false;
  if (text.slice(5, 7) === '00' || text.slice(7, 10) === '000' || text.slice(10, 13) === '000') return false;
  const number = Number(text.slice(0, 13).replace('2A', '19').replace('2B', '18'));
  return 97 - (number % 97) === Number(text.slice(13));
}

/** France, numéro fiscal (SPI): the last three digits are the others' remainder by 511. Source: DGFiP. */
function isSpi(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 13);
  return digits !== undefined && digits[0]! < 4 && numberAt(digits, 0, 10) % 511 === numberAt(digits, 10, 3);
}

/** Germany, tax identification number: ISO/IEC 7064 MOD 11,10; one digit twice or three times among the first ten. Source: BZSt. */
function isSteuerId(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined || digits[0] === 0 || !mod11And10Holds(digits)) return false;
  const counts = new Array<number>(10).fill(0);
  for (const digit of digits.slice(0, 10)) counts[digit]!++;
  const often = counts.filter((count) => count > 1);
  return often.length === 1 && often[0]! <= 3;
}

/** Germany, pension insurance number: area, birthday, letter, MOD 10 over cross sums. Source: SGB VI § 147, VKVV § 4. */
function isSvnrDe(secret: Uint8Array): boolean {
  const text = compact(secret);
  if (!/^\d{8}[A-Z]\d{3}$/.test(text)) return false;
  const [day, month, year] = [text.slice(2, 4), text.slice(4, 6), text.slice(6, 8)].map(Number) as [
    number,
    number,
    number,
  ];
  if (!isDay(year, month, day > 50 ? day - 50 : day)) return false;
  const letter = String(text.charCodeAt(8) - 64).padStart(2, '0');
  const digits = [...(text.slice(0, 8) + letter + text.slice(9, 11))].map(Number);
  const sum = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1].reduce((total, weight, i) => {
    const product = weight * digits[i]!;
    return total + Math.floor(product / 10) + (product % 10);
  }, 0);
  return sum % 10 === Number(text[11]);
}

/** Austria, social insurance number: check digit in the fourth place, then DDMMYY. Source: ASVG § 460d, Dachverband. */
function isSvnrAt(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  if (digits === undefined || digits[0] === 0) return false;
  const month = numberAt(digits, 6, 2);
  if (!(month > 12 && month <= 15) && !isDay(numberAt(digits, 8, 2), month, numberAt(digits, 4, 2))) return false;
  return weighted(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === digits[3];
}

/** Switzerland, AHV number: 756, EAN-13 check digit. Source: AHVV Art. 133, ZAS. */
function isAhv(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 13);
  if (digits === undefined || numberAt(digits, 0, 3) !== 756) return false;
  return weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0;
}

/** Netherlands, BSN: the test of eleven. Source: Rijksdienst voor Identiteitsgegevens, Logisch ontwerp BSN. */
function isBsn(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 8, 9);
  if (digits === undefined || isRepeated(digits)) return false;
  const nine = digits.length === 8 ? [0, ...digits] : digits;
  return weighted(nine, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;
}

/** Belgium, national number: YYMMDD, serial, 97 less the remainder; from 2000 on with a 2 in front. Source: AR/KB 3 April 1984. */
function isNrnBe(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined || isRepeated(digits)) return false;
  // The months of BIS numbers are 20 or 40 higher; 0 stands for an unknown day.
  const month = numberAt(digits, 2, 2) % 20;
  if (month > 12 || numberAt(digits, 4, 2) > 31 || numberAt(digits, 2, 2) > 52) return false;
  const number = numberAt(digits, 0, 9);
  const key = numberAt(digits, 9, 2);
  return 97 - (number % 97) === key || 97 - ((2_000_000_000 + number) % 97) === key;
}

/** Luxembourg, matricule: YYYYMMDD, Luhn's and Verhoeff's check digits over the first eleven. Source: loi du 19 juin 2013. */
function isMatriculeLu(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 13);
  if (digits === undefined || !isDay(numberAt(digits, 0, 4), numberAt(digits, 4, 2), numberAt(digits, 6, 2)))
    return false;
  return luhnHolds(digits.slice(0, 12)) && verhoeffHolds([...digits.slice(0, 11), digits[12]!]);
}

/** Spain, DNI and NIE: a letter by MOD 23. Source: Ministerio del Interior, RD 1553/2005, Orden INT/2058/2008. */
function isNif(secret: Uint8Array): boolean {
  const text = compact(secret);
  if (!/^[XYZ0-9]\d{7}[A-Z]$/.test(text)) return false;
  const number = Number('XYZ'.indexOf(text[0]!) >= 0 ? 'XYZ'.indexOf(text[0]!) + text.slice(1, 8) : text.slice(0, 8));
  return number > 99 && 'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23] === text[8];
}

/** Portugal, NIF: a first digit that is issued, MOD 11. Source: Decreto-Lei 14/2013. */
function isNifPt(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 9);
  if (digits === undefined || isRepeated(digits) || digits[0] === 0 || (digits[0] === 4 && digits[1] !== 5))
    return false;
  const rest = weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest < 2 ? 0 : 11 - rest) === digits[8];
}

/** What a character counts in an odd place of a codice fiscale, 0 to 9 and A to J alike. */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Italy, codice fiscale: month letter, day, a letter by MOD 26; digits may be replaced by letters. Source: DM 23 December 1976. */
function isCodiceFiscale(secret: Uint8Array): boolean {
  const text = compact(secret);
  const digit = '[0-9LMNP-V]';
  const shape = `^[A-Z]{6}${digit}{2}[ABCDEHLMPRST]${digit}{2}[A-Z]${digit}{3}[A-Z]$`;
  if (!new RegExp(shape).test(text)) return false;
  const plain = text.slice(9, 11).replace(/[A-Z]/g, (letter) => String('LMNPQRSTUV'.indexOf(letter)));
  const day = Number(plain) % 40;
  if (day < 1 || day > 31) return false;
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const value = Number.parseInt(text[i]!, 36);
    const place = value > 9 ? value - 10 : value;
    sum += i % 2 === 0 ? ODD[place]! : place;
  }
  return (sum % 26) + 65 === text.charCodeAt(15);
}

export const WESTERN_EUROPE = {
  nhs: isNhs,
  nino: isNino,
  'utr-gb': isUtr,
  'ppsn-ie': isPpsn,
  insee: isInsee,
  'spi-fr': isSpi,
  'steuer-id': isSteuerId,
  'svnr-de': isSvnrDe,
  'svnr-at': isSvnrAt,
  'ahv-ch': isAhv,
  bsn: isBsn,
  'nrn-be': isNrnBe,
  'matricule-lu': isMatriculeLu,
  'nif-es': isNif,
  'nif-pt': isNifPt,
  'codice-fiscale': isCodiceFiscale,
};
