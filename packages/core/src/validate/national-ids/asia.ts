/** Numbers of persons in Asia and the Middle East. */
import { isDay } from '../date.js';
import { compact, digitsOf, isRepeated, luhnHolds, numberAt, verhoeffHolds, weighted } from '../digits.js';

/** India, Aadhaar: first digit 2 to 9, Verhoeff's check, no palindrome. Source: UIDAI, numbering scheme. */
function isAadhaar(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 12);
  if (digits === undefined || digits[0]! < 2 || isRepeated(digits)) return false;
  return verhoeffHolds(digits) && digits.some((digit, i) => digit !== digits[11 - i]);
}

/** A number of digits that passes Verhoeff's check. */
function isVerhoeff(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 2, 40);
  return digits !== undefined && !isRepeated(digits) && verhoeffHolds(digits);
}

/** India, permanent account number: kind of holder in the fourth place. Source: Income Tax Department. */
function isPan(secret: Uint8Array): boolean {
  const text = compact(secret);
  return /^[A-Z]{3}[ABCEFGHJKLPT][A-Z]\d{4}[A-Z]$/.test(text) && text.slice(5, 9) !== '0000';
}

/** South Korea, RRN and ARC: date, sex and century, MOD 11. Numbers given since October 2020 need not pass. Source: 주민등록법 시행규칙. */
function isRrn(secret: Uint8Array): boolean {
  const digits = rrnDigits(secret);
  if (digits === undefined) return false;
  const rest = (11 - (weighted(digits, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10;
  return (digits[6]! >= 5 && digits[6]! <= 8 ? (rest + 2) % 10 : rest) === digits[12] || rest === digits[12];
}

/** South Korea, RRN by date and sex alone. */
function isRrnShaped(secret: Uint8Array): boolean {
  return rrnDigits(secret) !== undefined;
}

function rrnDigits(secret: Uint8Array): number[] | undefined {
  const digits = digitsOf(secret, 13);
  if (digits === undefined || digits[6] === 0 || digits[6] === 9) return undefined;
  return isDay(numberAt(digits, 0, 2), numberAt(digits, 2, 2), numberAt(digits, 4, 2)) ? digits : undefined;
}

/** Japan, My Number of a person: MOD 11. Source: 総務省令第85号 (2014) § 5. */
function isMyNumber(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 12);
  if (digits === undefined || isRepeated(digits)) return false;
  const rest = weighted(digits, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest < 2 ? 0 : 11 - rest) === digits[11];
}

/** What each series of NRIC and FIN adds, and its letters by remainder. */
const NRIC_SERIES: Readonly<Record<string, readonly [shift: number, letters: string]>> = {
  S: [0, 'JZIHGFEDCBA'],
  T: [4, 'JZIHGFEDCBA'],
  F: [0, 'XWUTRQPNMLK'],
  G: [4, 'XWUTRQPNMLK'],
  M: [3, 'XWUTRQPNJLK'],
};

/** Singapore, NRIC and FIN: letters by MOD 11. Source: ICA. */
function isNric(secret: Uint8Array): boolean {
  const text = compact(secret);
  if (!/^[STFGM]\d{7}[A-Z]$/.test(text)) return false;
  const digits = [...text.slice(1, 8)].map(Number);
  if (isRepeated(digits)) return false;
  const [shift, letters] = NRIC_SERIES[text[0]!]!;
  return letters[(weighted(digits, [2, 7, 6, 5, 4, 3, 2]) + shift) % 11] === text[8];
}

/** Hong Kong, identity card: one or two letters, MOD 11 with A for 10. Source: Immigration Department. */
function isHkid(secret: Uint8Array): boolean {
  const text = compact(secret.filter((byte) => byte !== 0x28 && byte !== 0x29));
  if (!/^[A-Z]{1,2}\d{6}[0-9A]$/.test(text)) return false;
  const values = [...text.padStart(9, '$')].map((character) =>
    character === '$' ? 36 : Number.parseInt(character, 36),
  );
  return !isRepeated(values.slice(2, 8)) && weighted(values, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}

/** First two digits of China's provinces, 83 for Taiwan. Source: GB/T 2260. */
const PROVINCES =
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' ');

/** China, resident identity number: province, date, ISO 7064 MOD 11-2. Source: GB 11643-1999. */
function isResidentId(secret: Uint8Array): boolean {
  const text = compact(secret);
  if (!/^\d{17}[\dX]$/.test(text) || !PROVINCES.includes(text.slice(0, 2))) return false;
  const year = Number(text.slice(6, 10));
  if (year < 1880 || year > 2100 || !isDay(year, Number(text.slice(10, 12)), Number(text.slice(12, 14)))) return false;
  const sum = weighted([...text.slice(0, 17)].map(Number), [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
  return '10X98765432'[sum % 11] === text[17];
}

/** Taiwan, national id and resident certificate: county letter, weights down to 1, MOD 10. Source: 內政部. */
function isTaiwanId(secret: Uint8Array): boolean {
  const text = compact(secret);
  if (!/^[A-Z][1289A-D]\d{8}$/.test(text)) return false;
  const order = 'ABCDEFGHJKLMNPQRSTUVXYWZIO';
  const county = order.indexOf(text[0]!) + 10;
  const second = /\d/.test(text[1]!) ? Number(text[1]) : order.indexOf(text[1]!) % 10;
  const digits = [Math.floor(county / 10), county % 10, second, ...[...text.slice(2)].map(Number)];
  return !isRepeated(digits.slice(3)) && weighted(digits, [1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1]) % 10 === 0;
}

/** Thailand, national id: MOD 11. Source: กรมการปกครอง. */
function isThaiId(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 13);
  if (digits === undefined || digits[0] === 0 || digits[0] === 9 || isRepeated(digits)) return false;
  return (11 - (weighted(digits, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === digits[12];
}

/** Malaysia, MyKad: date and place of birth. Source: Jabatan Pendaftaran Negara. */
function isMyKad(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 12);
  if (digits === undefined || !isDay(numberAt(digits, 0, 2), numberAt(digits, 2, 2), numberAt(digits, 4, 2)))
    return false;
  const place = numberAt(digits, 6, 2);
  return place > 0 && ![17, 18, 19, 20, 69, 70, 73, 80, 81, 94, 95, 96, 97].includes(place);
}

/** Indonesia, NIK: province, date (women: day + 40), serial. Source: Permendagri. */
function isNik(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 16);
  if (
    digits === undefined ||
    numberAt(digits, 0, 2) < 11 ||
    numberAt(digits, 0, 2) > 96 ||
    numberAt(digits, 12, 4) === 0
  )
    return false;
  const day = numberAt(digits, 6, 2);
  return isDay(numberAt(digits, 10, 2), numberAt(digits, 8, 2), day > 40 ? day - 40 : day);
}

/** Israel, mispar zehut: Luhn's check over nine digits. Source: Population and Immigration Authority. */
function isIsraelId(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 8, 9);
  return digits !== undefined && !isRepeated(digits) && luhnHolds(digits);
}

/** Turkey, T.C. kimlik no: two check digits. Source: Nüfus ve Vatandaşlık İşleri. */
function isKimlik(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined || digits[0] === 0 || isRepeated(digits)) return false;
  const tenth = weighted(digits, [7, -1, 7, -1, 7, -1, 7, -1, 7]) % 10;
  return (
    (tenth + 10) % 10 === digits[9] && digits.slice(0, 10).reduce((sum, digit) => sum + digit, 0) % 10 === digits[10]
  );
}

/** United Arab Emirates, Emirates ID: 784, year, Luhn's check. Source: ICP. */
function isEmiratesId(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 15);
  if (digits === undefined || numberAt(digits, 0, 3) !== 784) return false;
  const year = numberAt(digits, 3, 4);
  return year >= 1880 && year <= 2100 && luhnHolds(digits);
}

/** Saudi Arabia, national id (1) and iqama (2): Luhn's check. Source: Absher. */
function isSaudiId(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  return digits !== undefined && (digits[0] === 1 || digits[0] === 2) && luhnHolds(digits);
}

/** Iran, kod-e melli: MOD 11. Source: سازمان ثبت احوال. */
function isMelli(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  if (digits === undefined || isRepeated(digits)) return false;
  const rest = weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest < 2 ? rest : 11 - rest) === digits[9];
}

/** Pakistan, CNIC: province 1 to 7, a last digit for the sex. Source: NADRA. */
function isCnic(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 13);
  return digits !== undefined && digits[0]! > 0 && digits[0]! < 8 && digits[12] !== 0 && !isRepeated(digits);
}

export const ASIA = {
  aadhaar: isAadhaar,
  verhoeff: isVerhoeff,
  'pan-in': isPan,
  'rrn-kr': isRrn,
  'rrn-kr-shape': isRrnShaped,
  'mynumber-jp': isMyNumber,
  'nric-sg': isNric,
  hkid: isHkid,
  'resident-id-cn': isResidentId,
  'national-id-tw': isTaiwanId,
  'national-id-th': isThaiId,
  'mykad-my': isMyKad,
  'nik-id': isNik,
  'teudat-zehut-il': isIsraelId,
  'kimlik-tr': isKimlik,
  'emirates-id': isEmiratesId,
  'national-id-sa': isSaudiId,
  'melli-ir': isMelli,
  'cnic-pk': isCnic,
};
