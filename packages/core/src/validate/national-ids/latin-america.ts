/** Numbers of persons in Latin America. */
import { isDay } from '../date.js';
import { compact, digitsOf, isRepeated, luhnHolds, numberAt, weighted } from '../digits.js';

/** Brazil, CPF: two digits by MOD 11. Source: Receita Federal, IN RFB 1548/2015. */
function isCpf(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined || isRepeated(digits)) return false;
  const check = (weights: readonly number[]) => ((weighted(digits, weights) * 10) % 11) % 10;
  return check([10, 9, 8, 7, 6, 5, 4, 3, 2]) === digits[9] && check([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) === digits[10];
}

/** Brazil, CNPJ: two digits by MOD 11; since July 2026 letters may stand in the first twelve places. Source: IN RFB 2229/2024. */
function isCnpj(secret: Uint8Array): boolean {
  const text = compact(secret);
  if (!/^[0-9A-Z]{12}\d\d$/.test(text)) return false;
  const values = [...text].map((character) => character.charCodeAt(0) - 48);
  if (isRepeated(values)) return false;
  const check = (weights: readonly number[]) => {
    const rest = weighted(values, weights) % 11;
    return rest < 2 ? 0 : 11 - rest;
  };
  return (
    check([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) === values[12] &&
    check([6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) === values[13]
  );
}

/** Brazil, PIS/PASEP/NIT: MOD 11. Source: Caixa Econômica Federal. */
function isPis(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined || isRepeated(digits)) return false;
  return ((weighted(digits, [3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10 === digits[10];
}

/** Chile, RUT: MOD 11, the tenth remainder is K. Source: Servicio de Impuestos Internos. */
function isRut(secret: Uint8Array): boolean {
  const text = compact(secret);
  if (!/^\d{7,8}[\dK]$/.test(text)) return false;
  const digits = [...text.slice(0, -1)].map(Number).reverse();
  if (isRepeated(digits)) return false;
  const rest = weighted(digits, [2, 3, 4, 5, 6, 7, 2, 3].slice(0, digits.length)) % 11;
  return '0K987654321'[rest] === text.at(-1);
}

/** Argentina, CUIT/CUIL: a prefix in use, MOD 11, where 9 stands for 10. Source: AFIP, ANSES. */
function isCuit(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  if (digits === undefined || ![20, 23, 24, 25, 26, 27, 30, 33, 34].includes(numberAt(digits, 0, 2))) return false;
  const rest = weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return '09987654321'[rest] === String(digits[10]);
}

/** Mexico, CURP: date, sex, state and a check digit over digits and letters (Ñ between N and O). Source: RENAPO, DOF 18/06/2018. */
function isCurp(secret: Uint8Array): boolean {
  const text = compact(secret);
  if (!/^[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[0-9A-Z]\d$/.test(text)) return false;
  const states = 'AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE';
  if (!states.split(' ').includes(text.slice(11, 13)) || !hasDate(text)) return false;
  const alphabet = '0123456789ABCDEFGHIJKLMN\u00d1OPQRSTUVWXYZ';
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += alphabet.indexOf(text[i]!) * (18 - i);
  return (10 - (sum % 10)) % 10 === Number(text[17]);
}

/** Mexico, RFC of a person: date, and a check character by MOD 11. Source: SAT, Anexo 1-A. */
function isRfc(secret: Uint8Array): boolean {
  const text = compact(secret);
  if (!/^[A-Z]{4}\d{6}[0-9A-Z]{2}[0-9A]$/.test(text) || !hasDate(text)) return false;
  const alphabet = '0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ \u00d1';
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += alphabet.indexOf(text[i]!) * (13 - i);
  return '0A987654321'[sum % 11] === text[12];
}

/** YYMMDD behind four letters. */
function hasDate(text: string): boolean {
  return isDay(Number(text.slice(4, 6)), Number(text.slice(6, 8)), Number(text.slice(8, 10)));
}

/** Ecuador, cédula: province, third digit below 6, Luhn's check. Source: Registro Civil. */
function isCedulaEc(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 10);
  if (digits === undefined) return false;
  const province = numberAt(digits, 0, 2);
  return ((province >= 1 && province <= 24) || province === 30) && digits[2]! < 6 && luhnHolds(digits);
}

/** Dominican Republic, cédula: Luhn's check. Source: Junta Central Electoral. */
function isCedulaDo(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 11);
  return digits !== undefined && !isRepeated(digits) && luhnHolds(digits);
}

/** Uruguay, cédula: weights 2 9 8 7 6 3 4. Source: DNIC. */
function isCedulaUy(secret: Uint8Array): boolean {
  const digits = digitsOf(secret, 7, 8);
  if (digits === undefined || isRepeated(digits)) return false;
  const eight = digits.length === 7 ? [0, ...digits] : digits;
  return weighted(eight, [2, 9, 8, 7, 6, 3, 4, 1]) % 10 === 0;
}

export const LATIN_AMERICA = {
  cpf: isCpf,
  cnpj: isCnpj,
  'pis-br': isPis,
  'rut-cl': isRut,
  'cuit-ar': isCuit,
  'curp-mx': isCurp,
  'rfc-mx': isRfc,
  'cedula-ec': isCedulaEc,
  'cedula-do': isCedulaDo,
  'cedula-uy': isCedulaUy,
};
