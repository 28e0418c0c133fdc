import { isRecord, type Problems, rejectUnknownFields } from '../document/problems.js';
import { list, lower, text } from '../document/readers.js';
import { checkRules, namingRule, placeInRules, type RuleSource } from './check.js';
import { readLabel, readLabels, V3_FIELDS } from './fields.js';
import { MAX_EXTENDS } from './limits.js';
import { overridden, readOverrides } from './overrides.js';
import type { Policy, Rule } from './types.js';

/** What a policy document may refer to. */
export interface PolicyOptions {
  /** The pack of a name in `extends`, `undefined` if there is none. Default: there are no packs. */
  readonly packs?: (name: string) => Policy | undefined;
  /** Names of the packs, for messages. */
  readonly packNames?: readonly string[];
  /** Names of validators that the program has beside the built-in ones. */
  readonly validators?: ReadonlySet<string>;
}

const TOP_FIELDS = ['schema_version', 'rules', 'family', 'tags', 'extends', 'overrides', '$schema', 'description'];

/** Names of a rule's fields in a document, and in `Rule`. */
const RULE_FIELDS: ReadonlyMap<string, string> = /* @__PURE__ */ (() =>
  new Map([
    ...['id', 'pattern', 'severity', 'action'].map((name) => [name, name] as const),
    ['ignore_case', 'ignoreCase'],
    ...Object.entries(V3_FIELDS).map(([key, { name }]) => [name, key] as const),
  ]))();

/**
 * Reads a document of format v3.
 *
 *   extends ─▶ rules of packs ─┐
 *   family, tags ─▶ rules ─────┴─▶ checked ─▶ overrides ─▶ policy
 */
export function readV3(document: Record<string, unknown>, problems: Problems, options: PolicyOptions) {
  rejectUnknownFields(problems, '', document, TOP_FIELDS);
  const { rules: own, extends: names, overrides: given } = document;
  if (own === undefined && names === undefined) return problems.add('', 'has neither "rules" nor "extends"');
  if (own !== undefined && !Array.isArray(own)) return problems.add('rules', 'must be an array of objects');
  const inherited = names === undefined ? [] : readPacks(names, problems, options);
  const overrides = given === undefined ? [] : readOverrides(given, 'overrides', problems);
  const source = sourceOf(inherited, own ?? [], readDefaults(document, problems), problems);
  const policy = checkRules({ ...source, validators: options.validators }, problems);
  return policy && overrides && overridden(policy, overrides, 'overrides', problems);
}

interface Inherited {
  readonly pack: string;
  readonly rule: Rule;
}

function readPacks(value: unknown, problems: Problems, { packs, packNames }: PolicyOptions): Inherited[] {
  const names = list(text(64), 0, MAX_EXTENDS)(value, 'extends', problems) ?? [];
  return names.flatMap((pack, index) => {
    const policy = packs?.(pack);
    if (policy !== undefined) return policy.rules.map((rule) => ({ pack, rule }));
    const known = packNames?.length ? `known are ${packNames.join(', ')}` : 'there are no packs here';
    problems.add(`extends[${index}]`, `names no pack; ${known}`);
    return [];
  });
}

/** What the document says for all of its rules. */
interface Defaults {
  readonly family: string | undefined;
  readonly tags: readonly string[];
}

function readDefaults({ family, tags }: Record<string, unknown>, problems: Problems): Defaults {
  return {
    family: family === undefined ? undefined : readLabel(family, 'family', problems),
    tags: (tags === undefined ? undefined : readLabels(tags, 'tags', problems)) ?? [],
  };
}

function sourceOf(
  inherited: readonly Inherited[],
  own: readonly unknown[],
  defaults: Defaults,
  problems: Problems,
): RuleSource {
  const first = inherited.length;
  return {
    schemaVersion: 3,
    count: first + own.length,
    read: (index) =>
      index < first ? inherited[index]!.rule : readRule(own[index - first], index - first, defaults, problems),
    place(index, field) {
      if (index >= first) return placeInRules(index - first, field);
      return `extends "${inherited[index]!.pack}"${field === undefined ? '' : `, ${field}`}`;
    },
  };
}

/** A rule with the names that `Rule` has; its values are not checked yet. */
function readRule(given: unknown, index: number, { family, tags }: Defaults, problems: Problems): unknown {
  if (!isRecord(given)) return problems.add(placeInRules(index), 'must be an object');

  rejectUnknownFields(namingRule(given.id, problems), placeInRules(index), given, [...RULE_FIELDS.keys()]);
  const rule: Record<string, unknown> = { action: 'observe' };
  if (family !== undefined) rule.family = family;
  for (const [name, key] of RULE_FIELDS) if (given[name] !== undefined) rule[key] = given[name];
  if (tags.length > 0 && (rule.tags === undefined || Array.isArray(rule.tags))) {
    rule.tags = [...new Set([...tags, ...((rule.tags as unknown[]) ?? [])])];
  }
  rule.severity = lower(rule.severity);
  rule.action = lower(rule.action);
  if (typeof rule.validators === 'string') rule.validators = [rule.validators];
  return rule;
}
