import { Problems } from '../document/problems.js';
import { PolicyError } from '../errors.js';
import { MAX_PATTERN_BYTES, MAX_RULES, MAX_TOTAL_PATTERN_BYTES, RULE_ID, RULE_ID_WORDS } from './limits.js';
import { ACTIONS, type Policy, type Rule, SEVERITIES } from './types.js';

/** Where rules come from: their number, a reader that may leave some out, and names of their places for messages. */
export interface RuleSource {
  readonly schemaVersion: 1 | 2;
  readonly count: number;
  /** Rule `index`, not checked yet; `undefined`: there is none, or its problem has been reported. */
  read(index: number): unknown;
  /** Path of the rule in its document, or of one of its fields where it has fields. */
  place(index: number, field?: string): string;
}

const encoder = new TextEncoder();
const checked = new WeakSet<Policy>();

/**
 * Checks rules that were made in a program rather than read from a file.
 * @param label name of the set, for messages
 * @throws PolicyError
 */
export function definePolicy(rules: readonly Rule[], label = 'policy', schemaVersion: 1 | 2 = 2): Policy {
  const problems = new Problems();
  let policy: Policy | undefined;
  if (Array.isArray(rules)) {
    policy = checkRules({ schemaVersion, count: rules.length, read: (i) => rules[i], place: placeInRules }, problems);
  } else {
    problems.add('rules', 'must be an array');
  }
  if (policy === undefined) throw new PolicyError(label, problems.list, problems.more);
  return policy;
}

/** `rules[3]`, `rules[3].severity` */
export function placeInRules(index: number, field?: string): string {
  return field === undefined ? `rules[${index}]` : `rules[${index}].${field}`;
}

/** `policy` itself if it has been checked before, else a checked copy. @throws PolicyError */
export function ensurePolicy(policy: Policy): Policy {
  return checked.has(policy) ? policy : definePolicy(policy?.rules, 'policy', policy?.schemaVersion === 1 ? 1 : 2);
}

/** The rules as a frozen policy, or `undefined` after adding to `problems`. Values are never repeated in messages. */
export function checkRules(source: RuleSource, problems: Problems): Policy | undefined {
  if (source.count === 0) problems.add('', 'has no rules: nothing would ever be found; add at least one');
  if (source.count > MAX_RULES) {
    problems.add('', `has ${source.count} rules, at most ${MAX_RULES} are allowed`);
    return undefined;
  }
  const places = new Map<string, string>();
  const rules: Rule[] = [];
  let total = 0;
  for (let index = 0; index < source.count; index++) {
    const given = source.read(index);
    if (given === undefined) continue;
    const rule = (typeof given === 'object' && given !== null ? given : {}) as Partial<Rule>;
    const hasId = typeof rule.id === 'string' && RULE_ID.test(rule.id);
    const named = hasId && source.schemaVersion === 2 ? ` (rule "${rule.id}")` : '';
    const bad = (field: string, message: string) => problems.add(source.place(index, field), `${message}${named}`);

    if (!hasId) {
      bad('id', rule.id === undefined ? 'is missing' : `must be a string of ${RULE_ID_WORDS}`);
    } else {
      const first = places.get(rule.id!);
      if (first === undefined) places.set(rule.id!, source.place(index));
      else bad('id', `is the same as that of ${first}; ids must differ`);
    }
    total += checkPattern(rule.pattern, (message) => bad('pattern', message));
    if (!SEVERITIES.includes(rule.severity!)) bad('severity', `must be one of ${SEVERITIES.join(', ')}`);
    if (!ACTIONS.includes(rule.action!)) bad('action', `must be one of ${ACTIONS.join(', ')}`);
    if (rule.ignoreCase !== undefined && typeof rule.ignoreCase !== 'boolean') {
      bad('ignore_case', 'must be true or false');
    }
    const { id, pattern, severity, action, ignoreCase } = rule as Rule;
    rules.push(Object.freeze({ id, pattern, severity, action, ...(ignoreCase ? { ignoreCase } : {}) }));
  }
  if (total > MAX_TOTAL_PATTERN_BYTES) {
    problems.add('', `patterns have ${total} bytes together, at most ${MAX_TOTAL_PATTERN_BYTES} are allowed`);
  }
  if (problems.any) return undefined;
  const policy: Policy = Object.freeze({ schemaVersion: source.schemaVersion, rules: Object.freeze(rules) });
  checked.add(policy);
  return policy;
}

/** Length of the pattern in bytes, 0 if it is none. */
function checkPattern(pattern: unknown, bad: (message: string) => void): number {
  if (typeof pattern !== 'string') {
    bad(pattern === undefined ? 'is missing' : 'must be a string');
    return 0;
  }
  // A code unit is at least one byte: what is too long already need not be encoded.
  const bytes = pattern.length > MAX_PATTERN_BYTES ? pattern.length : encoder.encode(pattern).length;
  if (bytes === 0) bad('is empty; it would match everywhere');
  if (bytes > MAX_PATTERN_BYTES) bad(`is longer than ${MAX_PATTERN_BYTES} bytes`);
  else if (/\p{Surrogate}/u.test(pattern)) bad('has half of a surrogate pair, which no text in UTF-8 can hold');
  return bytes;
}
