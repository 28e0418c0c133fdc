/** Check digits, written from their definitions and apart from the validators of the core, which they test. */

const digits = (text: string) => [...text].map(Number);
const weighted = (text: string, weights: readonly number[]) =>
  digits(text).reduce((sum, digit, i) => sum + digit * weights[i]!, 0);

/** ISO/IEC 7812-1, annex B. */
export function luhn(body: string): string {
  const sum = digits(body)
    .reverse()
    .reduce((total, digit, i) => total + (i % 2 === 0 ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit), 0);
  return String((10 - (sum % 10)) % 10);
}

/** ISO 13616 with ISO 7064 MOD 97-10. */
export function iban(country: string, account: string): string {
  const numbers = [...`${account}${country}00`].map((c) => Number.parseInt(c, 36)).join('');
  return `${country}${String(98n - (BigInt(numbers) % 97n)).padStart(2, '0')}${account}`;
}

/** The group D5 and its permutation (J. Verhoeff, 1969). */
export function verhoeff(body: string): string {
  const times = (a: number, b: number) =>
    a < 5 ? (b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)) : b < 5 ? 5 + ((a - b) % 5) : (a - b + 5) % 5;
  const step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const all = digits(body).reverse();
  const check = all.reduce((sum, digit, i) => {
    let moved = digit;
    for (let n = 0; n <= i; n++) moved = step[moved]!;
    return times(sum, moved);
  }, 0);
  // Rotations of the pentagon have an inverse, reflections are their own.
  return String(check < 5 ? (5 - check) % 5 : check);
}

/** 11 minus the weighted sum modulo 11; `undefined` where that gives no digit. */
export function mod11(body: string, weights: readonly number[]): string | undefined {
  const check = (11 - (weighted(body, weights) % 11)) % 11;
  return check === 10 ? undefined : String(check);
}

/** Brazil's CPF and CNPJ: a remainder below 2 gives 0. */
export function brazilian(body: string, weights: readonly number[]): string {
  const rest = weighted(body, weights) % 11;
  return String(rest < 2 ? 0 : 11 - rest);
}

/** 10 minus the weighted sum modulo 10. */
export const mod10 = (body: string, weights: readonly number[]) => String((10 - (weighted(body, weights) % 10)) % 10);

/** ISO 7064 MOD 11,10. */
export function mod11_10(body: string): string {
  let product = 10;
  for (const digit of digits(body)) {
    const sum = (digit + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return String((11 - product) % 10);
}

/** The weighted sum modulo 11, 10 standing for what the country says. */
export const plainMod11 = (body: string, weights: readonly number[]) => weighted(body, weights) % 11;

/** Decreto 12/03/1974, table of odd places. */
export function codiceFiscale(body: string): string {
  const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
  const value = (c: string) => (c >= '0' && c <= '9' ? Number(c) : c.charCodeAt(0) - 65);
  const sum = [...body].reduce((total, c, i) => total + (i % 2 === 0 ? odd[value(c)]! : value(c)), 0);
  return String.fromCharCode(65 + (sum % 26));
}

/** ISO 3779 as North America uses it: the ninth place. */
export function vin(text: string): string {
  const values: Record<string, number> = {};
  [...'ABCDEFGH'].forEach((c, i) => {
    values[c] = i + 1;
  });
  [...'JKLMN'].forEach((c, i) => {
    values[c] = i + 1;
  });
  Object.assign(values, { P: 7, R: 9 });
  [...'STUVWXYZ'].forEach((c, i) => {
    values[c] = i + 2;
  });
  const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
  const sum = [...text].reduce((total, c, i) => total + (values[c] ?? Number(c)) * weights[i]!, 0);
  const check = sum % 11 === 10 ? 'X' : String(sum % 11);
  return text.slice(0, 8) + check + text.slice(9);
}
