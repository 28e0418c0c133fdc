import { Metadata } from 'libphonenumber-js/core';
import type { CountryCallingCode, CountryCode } from 'libphonenumber-js/min';
import metadata from 'libphonenumber-js/min/metadata';

/** What the library knows of a country's numbers; its types name only some of these. */
interface Plan {
  callingCode(): string;
  IDDPrefix(): string | undefined;
  nationalNumberPattern(): string;
  nationalPrefixForParsing(): string | undefined;
  nationalPrefixTransformRule(): unknown;
}

const patterns = new Map<CountryCode, RegExp | null>();

/**
 * Whether digits may be a number as it is written in a country: false is certain, and takes a hundredth of the time of parsing it.
 *
 *   way abroad, anything
 *   [code of the country] [prefix of long-distance calls] number, as some country with that code has them
 */
export function mayBeNational(digits: string, country: CountryCode): boolean {
  let pattern = patterns.get(country);
  if (pattern === undefined) {
    pattern = patternOf(country);
    patterns.set(country, pattern);
  }
  return pattern?.test(digits) ?? true;
}

/** `null` if numbers are rewritten before they are judged. */
function patternOf(country: CountryCode): RegExp | null {
  const own = planOf(country);
  const code = own.callingCode();
  if (String(own.nationalPrefixTransformRule()).includes('$')) return null;
  const abroad = own.IDDPrefix();
  const prefix = own.nationalPrefixForParsing() ?? '';
  const countries = metadata.country_calling_codes[code as CountryCallingCode] ?? [country];
  const numbers = countries.map((name) => `(?:${planOf(name).nationalNumberPattern()})`).join('|');
  const home = `(?:${code})?(?:${prefix})?(?:${numbers})$`;
  return new RegExp(abroad === undefined ? `^${home}` : `^(?:(?:${abroad})|${home})`);
}

function planOf(country: CountryCode): Plan {
  const all = new Metadata(metadata);
  all.selectNumberingPlan(country);
  return all.numberingPlan as unknown as Plan;
}
