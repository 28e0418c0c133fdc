/** Numbers of persons in Central, Eastern and South-Eastern Europe. */
import { isDay } from '../date.js';
import { digitsOf, isRepeated, luhnHolds, mod11And10Holds, numberAt, weighted } from '../digits.js';

/** Poland, PESEL: date with the century in the month, MOD 10. Source: ustawa o ewidencji ludności, Art. 15. */
function isPesel(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined || !isDay(numberAt(digits, 0, 2), numberAt(digits, 2, 2) % 20, numberAt(digits, 4, 2)))
    return false;
  return weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;
}

/** Poland, NIP: MOD 11. Source: ustawa o zasadach ewidencji i identyfikacji podatników. */
function isNip(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  if (digits === undefined || isRepeated(digits)) return false;
  return weighted(digits, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === digits[9];
}

/** Czechia and Slovakia, rodné číslo: date (women: month + 50), divisible by 11. Source: zákon 133/2000 Sb. § 13. */
function isRodneCislo(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  if (digits === undefined) return false;
  // Where the numbers of a day have run out, months are another 20 higher.
  const month = (numberAt(digits, 2, 2) % 50) % 20;
  if (!isDay(numberAt(digits, 0, 2), month, numberAt(digits, 4, 2))) return false;
  return (numberAt(digits, 0, 9) % 11) % 10 === digits[9];
}

/** Hungary, TAJ number: weights 3 and 7, MOD 10. Source: 1996. évi XX. törvény. */
function isTaj(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 9);
  return digits !== undefined && !isRepeated(digits) && weighted(digits, [3, 7, 3, 7, 3, 7, 3, 7]) % 10 === digits[8];
}

/** Hungary, tax number of a person: 8, days since 1867, MOD 11. Source: 1996. évi XX. törvény. */
function isAdoazonosito(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  return digits !== undefined && digits[0] === 8 && weighted(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 === digits[9];
}

/** Romania, CNP: sex and century, date, county, MOD 11. Source: OUG 97/2005, HG 1375/2006. */
function isCnp(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 13);
  if (digits === undefined || digits[0] === 0) return false;
  if (!isDay(numberAt(digits, 1, 2), numberAt(digits, 3, 2), numberAt(digits, 5, 2))) return false;
  const county = numberAt(digits, 7, 2);
  if (county < 1 || (county > 48 && county !== 51 && county !== 52 && county !== 70)) return false;
  const rest = weighted(digits, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return (rest === 10 ? 1 : rest) === digits[12];
}

/** Bulgaria, EGN: date (2000s: month + 40, 1800s: + 20), MOD 11. Source: Наредба РД-02-20-9/2012. */
function isEgn(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  if (digits === undefined || !isDay(numberAt(digits, 0, 2), numberAt(digits, 2, 2) % 20, numberAt(digits, 4, 2)))
    return false;
  return numberAt(digits, 2, 2) <= 52 && (weighted(digits, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === digits[9];
}

/** Former Yugoslavia, JMBG (EMŠO, ЕМБГ): DDMMYYY, region, MOD 11. Source: Zakon o JMBG. */
function isJmbg(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 13);
  if (digits === undefined) return false;
  const year = numberAt(digits, 4, 3);
  if (
    (year > 40 && year < 880) ||
    !isDay(year + (year < 500 ? 2000 : 1000), numberAt(digits, 2, 2), numberAt(digits, 0, 2))
  ) {
    return false;
  }
  const rest = weighted(digits, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest < 2 ? 0 : 11 - rest) === digits[12];
}

/** Croatia, OIB: ISO/IEC 7064 MOD 11,10. Source: Zakon o osobnom identifikacijskom broju. */
function isOib(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  return digits !== undefined && !isRepeated(digits) && mod11And10Holds(digits);
}

/** Greece, AMKA: DDMMYY, Luhn's check. Source: νόμος 3655/2008. */
function isAmka(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined || !isDay(numberAt(digits, 4, 2), numberAt(digits, 2, 2), numberAt(digits, 0, 2)))
    return false;
  return luhnHolds(digits);
}

/** Greece, AFM: powers of two, MOD 11. Source: ΑΑΔΕ. */
function isAfm(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 9);
  if (digits === undefined || isRepeated(digits)) return false;
  return (weighted(digits, [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === digits[8];
}

/** Ukraine, RNTRC: days since 1899-12-31, MOD 11. Source: ДПС України. */
function isRntrc(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  if (digits === undefined || isRepeated(digits) || numberAt(digits, 0, 5) > 55_000) return false;
  const sum = weighted(digits, [-1, 5, 7, 9, 4, 6, 10, 5, 7]) % 11;
  return ((sum + 11) % 11) % 10 === digits[9];
}

/** Russia, INN of a person: two digits by MOD 11. Source: приказ ФНС ММВ-7-6/435. */
function isInn(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 12);
  if (digits === undefined || isRepeated(digits)) return false;
  return (
    (weighted(digits, [7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11) % 10 === digits[10] &&
    (weighted(digits, [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11) % 10 === digits[11]
  );
}

/** Russia, SNILS: MOD 101. Source: постановление Правления ПФР 192п. */
function isSnils(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined || isRepeated(digits.slice(0, 9))) return false;
  return (weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101) % 100 === numberAt(digits, 9, 2);
}

/** Kazakhstan, IIN: date, century and sex, two rounds of MOD 11. Source: закон 223-III. */
function isIin(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 12);
  if (digits === undefined || !isDay(numberAt(digits, 0, 2), numberAt(digits, 2, 2), numberAt(digits, 4, 2)))
    return false;
  if (digits[6]! < 1 || digits[6]! > 6) return false;
  const first = weighted(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
  const check = first < 10 ? first : weighted(digits, [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
  return check === digits[11];
}

export const EASTERN_EUROPE = {
  pesel: isPesel,
  'nip-pl': isNip,
  'rodne-cislo-cz': isRodneCislo,
  'taj-hu': isTaj,
  'adoazonosito-hu': isAdoazonosito,
  'cnp-ro': isCnp,
  'egn-bg': isEgn,
  jmbg: isJmbg,
  'oib-hr': isOib,
  'amka-gr': isAmka,
  'afm-gr': isAfm,
  'rntrc-ua': isRntrc,
  'inn-ru': isInn,
  'snils-ru': isSnils,
  'iin-kz': isIin,
};
