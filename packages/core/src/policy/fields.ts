import { closest, type Report } from '../document/problems.js';
import { boolean, HALF_A_PAIR, list, number, oneOf, type Reader, record, text } from '../document/readers.js';
import { RegexError } from '../errors.js';
import { Regex } from '../regex/index.js';
import { VALIDATORS } from '../validate/index.js';
import {
  LABEL,
  LABEL_WORDS,
  MAX_CONTEXT_BYTES,
  MAX_DESCRIPTION_LENGTH,
  MAX_ENTROPY,
  MAX_EXAMPLE_LENGTH,
  MAX_EXAMPLES,
  MAX_LITERALS,
  MAX_PATTERN_BYTES,
  MAX_RARITY,
  MAX_REGEX_LENGTH,
  MAX_TAGS,
  MAX_VALIDATORS,
  MAX_WORD_LENGTH,
  MAX_WORDS,
} from './limits.js';
import { ANCHORS, type ContextWords, type Rule } from './types.js';

const encoder = new TextEncoder();

export const readLabel = text(64, LABEL, LABEL_WORDS);
export const readLabels = list(readLabel, 0, MAX_TAGS);
const word = text(MAX_WORD_LENGTH);
const regexText = text(MAX_REGEX_LENGTH);
const regex: Reader<string> = (value, place, report) => {
  const source = regexText(value, place, report);
  return source !== undefined && parseRegex(source, place, report) !== undefined ? source : undefined;
};
const examples = list(text(MAX_EXAMPLE_LENGTH), 0, MAX_EXAMPLES);
const URL_OF_A_PAGE = /^https?:\/\/[^\s"'<>]+$/;

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Bytes of a literal; 0 if it is none, after a report. */
export function checkLiteral(literal: unknown, place: string, report: Report): number {
  if (typeof literal !== 'string') {
    report.add(place, literal === undefined ? 'is missing' : 'must be a string');
    return 0;
  }
  // A code unit is at least one byte: what is too long already need not be encoded.
  const bytes = literal.length > MAX_PATTERN_BYTES ? literal.length : byteLength(literal);
  if (bytes === 0) report.add(place, 'is empty; it would match everywhere');
  if (bytes > MAX_PATTERN_BYTES) report.add(place, `is longer than ${MAX_PATTERN_BYTES} bytes`);
  else if (/\p{Surrogate}/u.test(literal)) report.add(place, HALF_A_PAIR);
  return bytes;
}

const literal: Reader<string> = (value, place, report) => {
  checkLiteral(value, place, report);
  return typeof value === 'string' ? value : undefined;
};

const words: Reader<ContextWords> = (value, place, report) => {
  const sides = ['before', 'after', 'around'] as const;
  const fields = {
    any: list(word, 1, MAX_WORDS),
    within: number(1, MAX_CONTEXT_BYTES, 'whole number'),
    side: oneOf(sides),
  };
  const { any = [], within = 64, side = 'before' } = record(fields, ['any'])(value, place, report) ?? {};
  return Object.freeze({ any, within, side });
};

function parseRegex(source: string, place: string, report: Report): Regex | undefined {
  try {
    return Regex.parse(source);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    return report.add(place, error.message);
  }
}

/** A field of format v3: its name in a document, and how it is read. */
interface Field {
  readonly name: string;
  readonly read: Reader<unknown>;
}

/** The fields that format v3 adds to a rule, by their names in `Rule`. */
export const V3_FIELDS: Readonly<Record<Exclude<keyof Rule, keyof V2Rule>, Field>> = {
  literals: { name: 'literals', read: list(literal, 1, MAX_LITERALS) },
  anchor: { name: 'anchor', read: oneOf(ANCHORS) },
  description: { name: 'description', read: text(MAX_DESCRIPTION_LENGTH) },
  source: { name: 'source', read: text(2048, URL_OF_A_PAGE, 'the address of a page: https://…') },
  family: { name: 'family', read: readLabel },
  tags: { name: 'tags', read: readLabels },
  blockOn: { name: 'block_on', read: oneOf(['match', 'literal']) },
  regex: { name: 'regex', read: regexText },
  group: { name: 'group', read: number(0, 99, 'whole number') },
  validators: { name: 'validator', read: list(readLabel, 1, MAX_VALIDATORS) },
  entropy: { name: 'entropy', read: number(0, MAX_ENTROPY, 'number') },
  rarity: { name: 'rarity', read: number(0, MAX_RARITY, 'number') },
  words: { name: 'words', read: words },
  allow: {
    name: 'allow',
    read: record({
      values: list(word, 0, MAX_WORDS),
      regexes: list(regex, 0, MAX_WORDS),
      words: list(word, 0, MAX_WORDS),
    }),
  },
  generic: { name: 'generic', read: boolean },
  examples: { name: 'examples', read: record({ hit: examples, miss: examples }) },
};

type V2Rule = Pick<Rule, 'id' | 'pattern' | 'severity' | 'action' | 'ignoreCase'>;

/**
 * The fields of format v3 of a rule, checked.
 * @param place path of a field in its document
 * @param validators names of validators beside the built-in ones
 */
export function readV3Fields(
  rule: Partial<Rule>,
  place: (field: string) => string,
  report: Report,
  validators: ReadonlySet<string> = new Set(),
): Partial<Rule> {
  const read = Object.entries(V3_FIELDS)
    .filter(([key]) => rule[key as keyof Rule] !== undefined)
    .map(([key, field]) => [key, field.read(rule[key as keyof Rule], place(field.name), report)]);
  const fields = Object.fromEntries(read) as Partial<Rule>;
  const parsed = fields.regex === undefined ? undefined : parseRegex(fields.regex, place('regex'), report);
  if (rule.group !== undefined && rule.regex === undefined) {
    report.add(place('group'), 'needs "regex": without one there are no groups');
  } else if (parsed !== undefined && fields.group !== undefined && fields.group > parsed.groups) {
    report.add(place('group'), `is not there: the regex has ${parsed.groups} groups`);
  }
  for (const name of fields.validators ?? []) {
    if (VALIDATORS.has(name) || validators.has(name)) continue;
    const meant = closest(name, [...VALIDATORS.keys(), ...validators]);
    const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
    report.add(place('validator'), `names a validator that is not there${hint}`);
  }
  if (rule.anchor !== undefined && rule.regex === undefined) {
    report.add(place('anchor'), 'needs "regex": it only says where to look');
  }
  if (rule.anchor !== undefined && rule.literals !== undefined) {
    report.add(place('anchor'), 'stands beside "literals"; keep one of them');
  }
  return fields;
}
