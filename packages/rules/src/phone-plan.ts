import { Metadata } from 'libphonenumber-js/core';
import type { CountryCode } from 'libphonenumber-js/min';
import metadata from 'libphonenumber-js/min/metadata';

/** What the library knows of the numbers of a country, or of a code that no country has; its types name only some of these. */
interface Known {
  callingCode(): string;
  IDDPrefix(): string | undefined;
  nationalNumberPattern(): string;
  possibleLengths(): readonly number[] | undefined;
  nationalPrefixForParsing(): string | undefined;
  nationalPrefixTransformRule(): string | undefined;
  leadingDigits(): string | undefined;
  hasTypes(): boolean;
  type(name: string): { pattern(): string; possibleLengths(): readonly number[] | undefined } | undefined;
}

/** The numbers of a country, or of a code that no country has. */
export interface Plan {
  readonly code: string;
  /** How calls abroad begin. */
  readonly abroad: RegExp | undefined;
  /** All of a number without its prefix. */
  readonly number: RegExp;
  /** Shortest first. */
  readonly lengths: readonly number[] | undefined;
  /** What may stand before a number in the country, and what is put in its place. */
  readonly prefix: RegExp | undefined;
  readonly rule: string | undefined;
  /** Of countries with one code, those that have these are told by them. */
  readonly leading: RegExp | undefined;
  /** Numbers of lines, mobiles, services; `undefined` if they are not told apart. */
  readonly types: readonly { readonly number: RegExp; readonly lengths: readonly number[] | undefined }[] | undefined;
}

const TYPES = [
  'FIXED_LINE',
  'MOBILE',
  'PREMIUM_RATE',
  'TOLL_FREE',
  'SHARED_COST',
  'VOIP',
  'PERSONAL_NUMBER',
  'PAGER',
  'UAN',
  'VOICEMAIL',
];

const plans = new Map<string, Plan>();
const patterns = new Map<CountryCode, RegExp | null>();

/** The plan of a country, or of a calling code: that of its main country. */
export function planOf(name: string): Plan {
  let plan = plans.get(name);
  if (plan === undefined) {
    plan = makePlan(knownOf(name));
    plans.set(name, plan);
  }
  return plan;
}

/** Countries by calling code, the main one first; none where no country has it, as those of toll-free calls and satellites. */
const countries = new Map<string, readonly CountryCode[]>([
  ...Object.entries(metadata.country_calling_codes),
  ...Object.keys(metadata.nonGeographic).map((code): [string, CountryCode[]] => [code, []]),
]);

/** The countries with a calling code, the main one first; `undefined` if there is no such code. */
export function countriesOf(code: string): readonly CountryCode[] | undefined {
  return countries.get(code);
}

/**
 * Whether digits may be a number as it is written in a country: false is certain, and takes a few comparisons.
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
  const own = knownOf(country);
  const code = own.callingCode();
  if (String(own.nationalPrefixTransformRule()).includes('$')) return null;
  const abroad = own.IDDPrefix();
  const prefix = own.nationalPrefixForParsing() ?? '';
  const numbers = countriesOf(code)!
    .map((name) => `(?:${knownOf(name).nationalNumberPattern()})`)
    .join('|');
  const home = `(?:${code})?(?:${prefix})?(?:${numbers})$`;
  return new RegExp(abroad === undefined ? `^${home}` : `^(?:(?:${abroad})|${home})`);
}

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`);
const beginning = (pattern: string | undefined) => (pattern ? new RegExp(`^(?:${pattern})`) : undefined);

function makePlan(known: Known): Plan {
  const types = TYPES.flatMap((name) => {
    const type = known.type(name);
    return type?.pattern() ? [{ number: whole(type.pattern()), lengths: type.possibleLengths() || undefined }] : [];
  });
  return {
    code: known.callingCode(),
    abroad: beginning(known.IDDPrefix()),
    number: whole(known.nationalNumberPattern()),
    lengths: known.possibleLengths() || undefined,
    prefix: beginning(known.nationalPrefixForParsing()),
    rule: known.nationalPrefixTransformRule() || undefined,
    leading: beginning(known.leadingDigits()),
    types: known.hasTypes() ? types : undefined,
  };
}

function knownOf(name: string): Known {
  const all = new Metadata(metadata);
  all.selectNumberingPlan(name as CountryCode);
  return all.numberingPlan as unknown as Known;
}
