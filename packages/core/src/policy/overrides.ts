import { isRecord, Problems, type Report } from '../document/problems.js';
import { boolean, list, lower, oneOf, type Reader, record, text } from '../document/readers.js';
import { PolicyError } from '../errors.js';
import type { Action, Severity } from '../types.js';
import { ensurePolicy, seal } from './check.js';
import { readLabel } from './fields.js';
import { MAX_OVERRIDES } from './limits.js';
import { ACTIONS, type Policy, type Rule, SEVERITIES } from './types.js';

/** Changes the rule with this id, or all rules with this tag. */
export interface Override {
  readonly rule?: string;
  readonly tag?: string;
  readonly severity?: Severity;
  readonly action?: Action;
  /** False takes the rules out. */
  readonly enabled?: boolean;
}

const fields = record({
  rule: text(128),
  tag: readLabel,
  severity: oneOf(SEVERITIES),
  action: oneOf(ACTIONS),
  enabled: boolean,
});

const readOverride: Reader<Override> = (value, place, report) => {
  if (!isRecord(value)) return report.add(place, 'must be an object');
  if ((value.rule === undefined) === (value.tag === undefined)) {
    report.add(place, 'needs either "rule" or "tag", to say what it changes');
  }
  if (value.severity === undefined && value.action === undefined && value.enabled === undefined) {
    report.add(place, 'changes nothing; give it "severity", "action" or "enabled"');
  }
  const folded = { ...value };
  for (const name of ['severity', 'action']) if (name in folded) folded[name] = lower(folded[name]);
  return fields(folded, place, report) as Override | undefined;
};

/** Overrides of a document; whatever is wrong has been reported. */
export const readOverrides: Reader<readonly Override[]> = list(readOverride, 0, MAX_OVERRIDES);

/** The policy with the overrides applied in their order. One that changes no rule is a mistake, and reported. */
export function overridden(
  policy: Policy,
  overrides: readonly Override[],
  place: string,
  report: Report,
): Policy | undefined {
  const used = overrides.map(() => false);
  const byRule = new Map<string, number[]>();
  const byTag = new Map<string, number[]>();
  overrides.forEach(({ rule, tag }, index) => {
    const [map, key] = rule === undefined ? [byTag, tag!] : [byRule, rule];
    map.set(key, [...(map.get(key) ?? []), index]);
  });
  const rules: Rule[] = [];
  for (const rule of policy.rules) {
    const found = [...(byRule.get(rule.id) ?? []), ...(rule.tags ?? []).flatMap((tag) => byTag.get(tag) ?? [])];
    let changed = rule;
    let enabled = true;
    for (const index of found.sort((a, b) => a - b)) {
      const override = overrides[index]!;
      const { severity = changed.severity, action = changed.action } = override;
      used[index] = true;
      changed = { ...changed, severity, action };
      enabled = override.enabled ?? enabled;
    }
    if (enabled) rules.push(Object.freeze(changed));
  }
  const unused = overrides.flatMap((override, index) => (used[index] ? [] : [{ override, index }]));
  for (const { override, index } of unused) {
    const [field, what] =
      override.rule === undefined ? ['tag', 'no rule has this tag'] : ['rule', 'there is no such rule'];
    report.add(`${place}[${index}].${field}`, what);
  }
  if (rules.length === 0) report.add(place, 'take out every rule: nothing would ever be found');
  return unused.length > 0 || rules.length === 0 ? undefined : seal(policy.schemaVersion, rules);
}

/**
 * A policy with some rules changed or taken out.
 * @throws PolicyError an override is malformed, or changes no rule
 */
export function overridePolicy(policy: Policy, overrides: readonly Override[], label = 'overrides'): Policy {
  const problems = new Problems();
  const checked = ensurePolicy(policy);
  const read = readOverrides(overrides, '', problems);
  const result = read && !problems.any ? overridden(checked, read, '', problems) : undefined;
  if (result === undefined) throw new PolicyError(label, problems.list, problems.more);
  return result;
}
