import type { CountryCode } from 'libphonenumber-js/min';
import { countriesOf, type Plan, planOf } from './phone-plan.js';

/** Digits of a calling code at most, and of a number behind it. */
const CODE_DIGITS = 3;
const NUMBER_DIGITS = 17;

/**
 * Whether some country has a number: what `parsePhoneNumberFromString(digits, home)?.isValid()` of libphonenumber-js says, which reads
 * the text again and compiles each pattern at each call.
 *
 *   abroad     +               code   national number
 *              way abroad      code   national number       as seen from `home`
 *   at home                  [ code ] national number
 *   national number          [ prefix [ carrier ] ] number
 *
 * @param digits nothing else
 * @param home the country in which it is written like this; `undefined` behind a plus sign
 */
export function isNumber(digits: string, home: CountryCode | undefined): boolean {
  if (home === undefined) return isNumberAbroad(digits);
  const plan = planOf(home);
  const way = plan.abroad?.exec(digits)?.[0].length ?? 0;
  if (way > 0 && way < digits.length && digits[way] !== '0') return isNumberAbroad(digits.slice(way));
  if (hasCode(digits, plan)) return isNumberOf(plan.code, digits.slice(plan.code.length), undefined);
  return isNumberOf(plan.code, digits, home);
}

function isNumberAbroad(digits: string): boolean {
  for (let length = 1; length <= CODE_DIGITS; length++) {
    const code = digits.slice(0, length);
    if (countriesOf(code) !== undefined) return isNumberOf(code, digits.slice(length), undefined);
  }
  return false;
}

/** @param home the country whose number it is unless it is told to be that of another one with the same code */
function isNumberOf(code: string, digits: string, home: CountryCode | undefined): boolean {
  if (digits === '') return false;
  const number = withoutPrefix(digits, planOf(home ?? code));
  if (number.length < 2 || number.length > NUMBER_DIGITS) return false;
  const plan = planOf(countryOf(code, number) ?? home ?? code);
  return plan.types === undefined ? plan.number.test(number) : isOfType(number, plan);
}

/** Whether the code of the country stands in front without a sign: the number is one only without it, or too long with it. */
function hasCode(digits: string, plan: Plan): boolean {
  if (!digits.startsWith(plan.code)) return false;
  const number = withoutPrefix(digits, plan);
  if (plan.lengths !== undefined && number.length > plan.lengths[plan.lengths.length - 1]!) return true;
  return !plan.number.test(number) && plan.number.test(withoutPrefix(digits.slice(plan.code.length), plan));
}

/** Strips what is dialled before a number in the country, if a number is left. */
function withoutPrefix(digits: string, plan: Plan): string {
  const found = plan.prefix?.exec(digits);
  if (found === null || found === undefined) return digits;
  const last = found.length > 1 ? found[found.length - 1] : undefined;
  const number =
    plan.rule !== undefined && last ? digits.replace(plan.prefix!, plan.rule) : digits.slice(found[0].length);
  if (number === digits) return digits;
  if (plan.number.test(digits) && !plan.number.test(number)) return digits;
  if (plan.lengths === undefined) return number;
  const country = countryOf(plan.code, number);
  const lengths = country === undefined ? plan.lengths : planOf(country).lengths;
  return lengths === undefined || mayHaveLength(number.length, lengths) ? number : digits;
}

/** Too long is not told from right: the rest may be an extension. */
function mayHaveLength(length: number, lengths: readonly number[]): boolean {
  return length > lengths[lengths.length - 1]! || lengths.includes(length);
}

/** The country that has a number, of those with a code. */
function countryOf(code: string, number: string): CountryCode | undefined {
  const countries = countriesOf(code)!;
  if (countries.length === 1) return countries[0];
  return countries.find((country) => {
    const plan = planOf(country);
    return plan.leading?.test(number) ?? isOfType(number, plan);
  });
}

function isOfType(number: string, { number: all, types = [] }: Plan): boolean {
  if (!all.test(number)) return false;
  return types.some((type) => (type.lengths?.includes(number.length) ?? true) && type.number.test(number));
}
