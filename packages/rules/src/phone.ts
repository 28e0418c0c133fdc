import type { Validator } from '@spectral/core';
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { isNumber } from './phone-number.js';
import { mayBeNational } from './phone-plan.js';

/** Whose national numbers are tried, the most common first. A number with a country code is judged by that alone. */
const COUNTRIES =
  'US GB DE FR IN ES IT BR NL PL AU JP CN MX KR SE CH AT BE PT DK NO FI IE CZ HU RO GR TR UA ZA NG EG IL SA AE ID MY SG TH PH VN NZ AR CL CO'.split(
    ' ',
  ) as CountryCode[];
/** E.164 has 15 digits; brackets and separators stand between. */
const LONGEST = 40;

/** Dates in either order, with marks or without, spans of years, and numbers with a fraction. */
const OTHER =
  /^(?:\d{1,2}([-./])\d{1,2}\1(?:19|20)\d\d|(?:19|20)\d\d([-./]?)(?:0?[1-9]|1[0-2])\2(?:0?[1-9]|[12]\d|3[01])|(?:19|20)\d\d ?- ?(?:19|20)\d\d|\d{4,}\.\d+)$/;

/** Nothing but digits and what separates them: no extension, and nothing that would have to be left out. */
const PLAIN = /^\+?[0-9 ./()-]*$/;

/**
 * A telephone number that a country has: by its code, or written as at home in one of the countries that are tried.
 * Source of lengths and prefixes: libphonenumber's metadata.
 */
export const isPhone: Validator = (secret) => {
  if (secret.length > LONGEST) return false;
  const text = String.fromCharCode(...secret).replace(/^00/, '+');
  const digits = text.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 15 || /^(\d)\1*$/.test(digits) || OTHER.test(text)) return false;
  const isPlain = PLAIN.test(text);
  const isNumberIn = (country?: CountryCode) =>
    isPlain ? isNumber(digits, country) : (parsePhoneNumberFromString(text, country)?.isValid() ?? false);
  if (text.startsWith('+')) return isNumberIn();
  return COUNTRIES.some((country) => mayBeNational(digits, country) && isNumberIn(country));
};
