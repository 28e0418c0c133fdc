import { Problems, type Report } from '../document/problems.js';
import { PolicyError } from '../errors.js';
import { byteLength, checkLiteral, readV3Fields, V3_FIELDS } from './fields.js';
import { MAX_RULES, MAX_TOTAL_PATTERN_BYTES, RULE_ID, RULE_ID_WORDS } from './limits.js';
import { ACTIONS, type Policy, type Rule, type SchemaVersion, SEVERITIES } from './types.js';

/** Where rules come from: their number, a reader that may leave some out, and names of their places for messages. */
export interface RuleSource {
  readonly schemaVersion: SchemaVersion;
  readonly count: number;
  /** Names of validators beside the built-in ones. */
  readonly validators?: ReadonlySet<string> | undefined;
  /** Rule `index`, not checked yet; `undefined`: there is none, or its problem has been reported. */
  read(index: number): unknown;
  /** Path of the rule in its document, or of one of its fields where it has fields. */
  place(index: number, field?: string): string;
}

const checked = new WeakSet<Policy>();

/**
 * Checks rules that were made in a program rather than read from a file.
 * @param label name of the set, for messages
 * @param schemaVersion default: 3 if a rule has a field that is new there, else 2
 * @param validators names of validators beside the built-in ones
 * @throws PolicyError
 */
export function definePolicy(
  rules: readonly Rule[],
  label = 'policy',
  schemaVersion?: SchemaVersion,
  validators?: ReadonlySet<string>,
): Policy {
  const problems = new Problems();
  let policy: Policy | undefined;
  if (Array.isArray(rules)) {
    const version = schemaVersion ?? (rules.some(isV3) ? 3 : 2);
    const read = (index: number) => rules[index];
    const source = { schemaVersion: version, count: rules.length, validators, read, place: placeInRules };
    policy = checkRules(source, problems);
  } else {
    problems.add('rules', 'must be an array');
  }
  if (policy === undefined) throw new PolicyError(label, problems.list, problems.more);
  return policy;
}

function isV3(rule: unknown): boolean {
  return typeof rule === 'object' && rule !== null && Object.keys(V3_FIELDS).some((field) => field in rule);
}

/** `rules[3]`, `rules[3].severity` */
export function placeInRules(index: number, field?: string): string {
  return field === undefined ? `rules[${index}]` : `rules[${index}].${field}`;
}

/**
 * `policy` itself if it has been checked before, else a checked copy.
 * @param validators names of validators beside the built-in ones
 * @throws PolicyError
 */
export function ensurePolicy(policy: Policy, validators?: ReadonlySet<string>): Policy {
  if (checked.has(policy)) return policy;
  const version = policy?.schemaVersion;
  return definePolicy(policy?.rules, 'policy', version === 1 || version === 3 ? version : undefined, validators);
}

function isId(id: unknown): id is string {
  return typeof id === 'string' && RULE_ID.test(id);
}

/** Adds the id to every message if it is one. */
export function namingRule(id: unknown, report: Report): Report {
  return isId(id) ? { add: (path, message) => report.add(path, `${message} (rule "${id}")`) } : report;
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
    const hasId = isId(rule.id);
    const report = source.schemaVersion === 1 ? problems : namingRule(rule.id, problems);
    const place = (field: string) => source.place(index, field);
    const bad = (field: string, message: string) => report.add(place(field), message);

    if (!hasId) {
      bad('id', rule.id === undefined ? 'is missing' : `must be a string of ${RULE_ID_WORDS}`);
    } else {
      const first = places.get(rule.id!);
      if (first === undefined) places.set(rule.id!, source.place(index));
      else bad('id', `is the same as that of ${first}; ids must differ`);
    }
    const extra = source.schemaVersion === 3 ? readV3Fields(rule, place, report, source.validators) : {};
    const instead = ['literals', 'anchor'].find((field) => field in extra);
    if (instead === undefined) total += checkLiteral(rule.pattern, place('pattern'), report);
    else if (rule.pattern !== undefined) bad('pattern', `stands beside "${instead}"; keep one of them`);
    for (const literal of extra.literals ?? []) total += byteLength(literal);
    if (!SEVERITIES.includes(rule.severity!)) bad('severity', `must be one of ${SEVERITIES.join(', ')}`);
    if (!ACTIONS.includes(rule.action!)) bad('action', `must be one of ${ACTIONS.join(', ')}`);
    if (rule.ignoreCase !== undefined && typeof rule.ignoreCase !== 'boolean') {
      bad('ignore_case', 'must be true or false');
    }
    const { id, pattern, severity, action, ignoreCase } = rule as Rule;
    const searched = instead === undefined ? { pattern: pattern! } : {};
    rules.push(Object.freeze({ id, ...searched, severity, action, ...(ignoreCase ? { ignoreCase } : {}), ...extra }));
  }
  if (total > MAX_TOTAL_PATTERN_BYTES) {
    problems.add('', `patterns have ${total} bytes together, at most ${MAX_TOTAL_PATTERN_BYTES} are allowed`);
  }
  if (problems.any) return undefined;
  return seal(source.schemaVersion, rules);
}

/** Makes a policy of rules that have been checked, and remembers that they were. */
export function seal(schemaVersion: SchemaVersion, rules: readonly Rule[]): Policy {
  const policy: Policy = Object.freeze({ schemaVersion, rules: Object.freeze(rules) });
  checked.add(policy);
  return policy;
}
