/** Calendar days inside numbers, and dates as people write them. */

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the day exists. `year` may be the two last digits: 29 February is then taken for a day of every fourth year. */
export function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]!) return false;
  if (month === 2 && day === 29) return year % 4 === 0 && (year < 100 || year % 100 !== 0 || year % 400 === 0);
  return true;
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** Years that people who are alive can be born in, and a few more on either side. */
const isYear = (year: number): boolean => (year >= 1880 && year <= 2040) || year < 100;

/**
 * A date of birth: `1985-07-30`, `30.07.1985`, `7/30/85`, `19850730`, `30 July 1985`, `July 30th, 1985`. Days that do not exist are
 * refused; where day and month could be either way round, one of the two must exist.
 */
export function isDate(secret: Uint8Array): boolean {
  if (secret.length > 40) return false;
  const text = String.fromCharCode(...secret).toLowerCase();
  const numbers = (text.match(/\d+/g) ?? []).map(Number);
  const name = /[a-z]{3,}/.exec(text.replace(/\d(st|nd|rd|th)\b/g, ''))?.[0];
  if (name !== undefined) {
    const month = MONTHS.indexOf(name.slice(0, 3)) + 1;
    const [a, b] = numbers;
    if (numbers.length !== 2 || month === 0) return false;
    return (isYear(b!) && isDay(b!, month, a!)) || (isYear(a!) && isDay(a!, month, b!));
  }
  if (numbers.length === 1 && /^\d{8}$/.test(text)) {
    const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(4, 6)), Number(text.slice(6))];
    return year > 99 && isYear(year) && isDay(year, month, day);
  }
  if (numbers.length !== 3 || !/(^\d{4}\D|\D\d{4}$|\D\d\d$)/.test(text)) return false;
  const [a, b, c] = numbers as [number, number, number];
  if (a > 99) return isYear(a) && isDay(a, b, c);
  return isYear(c) && (isDay(c, b, a) || isDay(c, a, b));
}
