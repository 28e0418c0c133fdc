import { literalsOf, type Policy, type Rule } from '@spectral/core';
import type { Located } from './located.js';

/** Says why something is a finding: the rule, the tests that it passed, and how it was decoded. */
export function explainer(policy: Policy): (finding: Located) => readonly string[] {
  const rules = new Map(policy.rules.map((rule) => [rule.id, rule]));
  return (finding) => {
    const rule = rules.get(finding.ruleId)!;
    return [
      `rule     ${rule.description ?? rule.id}${rule.source === undefined ? '' : ` (${rule.source})`}`,
      `tests    ${testsOf(rule).join(', ')}`,
      `view     ${finding.view ?? 'raw'}`,
      `bytes    ${finding.start} to ${finding.end}`,
      `value    hash ${finding.hash}`,
      `action   ${finding.action}`,
    ];
  };
}

/** What a match of this rule has passed. */
export function testsOf(rule: Rule): string[] {
  const { regex, validators = [], entropy, rarity, words, allow, anchor } = rule;
  const literals = rule.literals === undefined && rule.pattern === undefined ? [] : literalsOf(rule);
  const tests: string[] = [];
  if (literals.length > 0) tests.push(literals.length === 1 ? 'a literal' : `one of ${literals.length} literals`);
  if (anchor !== undefined) tests.push(`an anchor of kind ${anchor}`);
  if (regex !== undefined) tests.push('regex');
  for (const name of validators) tests.push(`validator ${name}`);
  if (entropy !== undefined) tests.push(`entropy of at least ${entropy}`);
  if (rarity !== undefined) tests.push(`rarity of at least ${rarity}`);
  if (words !== undefined) tests.push(`a word within ${words.within} bytes ${words.side}`);
  if (allow !== undefined) tests.push('not allowed');
  return tests;
}
