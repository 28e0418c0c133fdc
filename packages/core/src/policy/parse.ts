import { sha256 } from '@noble/hashes/sha2.js';
import { readJson } from '../document/json.js';
import { isRecord, Problems, rejectUnknownFields } from '../document/problems.js';
import { lower } from '../document/readers.js';
import { PolicyError } from '../errors.js';
import { checkRules, placeInRules, type RuleSource } from './check.js';
import { MAX_DOCUMENT_BYTES } from './limits.js';
import { type PolicyOptions, readV3 } from './parse-v3.js';
import type { Policy } from './types.js';

/**
 * Reads a policy document (JSON).
 *
 *   v3       {"schema_version": 3, "rules": […], "family"?, "tags"?, "extends"?, "overrides"?}     see `Rule` for the fields
 *   v2       {"schema_version": 2, "rules": [{"id", "pattern", "severity", "action", "ignore_case"?}, …]}
 *   legacy   {"patterns": ["…", …]}        severity high, action observe; the id is made from the pattern's hash
 *
 * `$schema` and `description` are allowed beside them; any other unknown field is refused.
 * @param label name of the file, for messages
 * @throws PolicyError lists everything that is wrong
 */
export function parsePolicy(text: string | Uint8Array, label: string, options?: PolicyOptions): Policy {
  const json = readJson(text, MAX_DOCUMENT_BYTES);
  if ('problem' in json) throw new PolicyError(label, [json.problem]);
  return policyOf(json.value, label, options);
}

/** The same for a document that has been read already, as from YAML. @throws PolicyError */
export function policyOf(document: unknown, label: string, options: PolicyOptions = {}): Policy {
  const problems = new Problems();
  const policy = readDocument(document, problems, options);
  if (policy === undefined) throw new PolicyError(label, problems.list, problems.more);
  return policy;
}

const TOP_FIELDS = ['schema_version', 'rules', 'patterns', '$schema', 'description'];
const RULE_FIELDS = ['id', 'pattern', 'severity', 'action', 'ignore_case', 'description'];

function readDocument(document: unknown, problems: Problems, options: PolicyOptions): Policy | undefined {
  if (!isRecord(document)) {
    problems.add('', 'must be a JSON object with "schema_version": 2 and "rules"');
    return undefined;
  }
  if (document.schema_version === 3) return readV3(document, problems, options);
  rejectUnknownFields(problems, '', document, TOP_FIELDS);
  const { schema_version: version, rules, patterns } = document;
  if (rules !== undefined && patterns !== undefined) {
    problems.add('', 'has both "rules" and legacy "patterns"; keep one of them');
  } else if (rules === undefined && patterns === undefined) {
    problems.add('', 'has no "rules"');
  } else if (patterns !== undefined) {
    if (version !== undefined && version !== 1) {
      problems.add('schema_version', 'must be 1 or absent beside legacy "patterns"');
    }
    if (Array.isArray(patterns)) return checkRules(legacyRules(patterns), problems);
    problems.add('patterns', 'must be an array of strings');
  } else {
    if (version !== 2) problems.add('schema_version', 'must be 2, the number');
    if (Array.isArray(rules)) return checkRules(v2Rules(rules, problems), problems);
    problems.add('rules', 'must be an array of objects');
  }
  return undefined;
}

function v2Rules(rules: readonly unknown[], problems: Problems): RuleSource {
  const read = (index: number) => {
    const rule = rules[index];
    if (!isRecord(rule)) {
      problems.add(placeInRules(index), 'must be an object');
      return undefined;
    }
    rejectUnknownFields(problems, placeInRules(index), rule, RULE_FIELDS);
    const { id, pattern, severity, action, ignore_case: ignoreCase } = rule;
    return { id, pattern, severity: lower(severity), action: lower(action), ignoreCase };
  };
  return { schemaVersion: 2, count: rules.length, read, place: placeInRules };
}

/** A pattern that is listed twice counts once. */
function legacyRules(patterns: readonly unknown[]): RuleSource {
  const seen = new Set<unknown>();
  const read = (index: number) => {
    const pattern = patterns[index];
    if (typeof pattern === 'string' && seen.has(pattern)) return undefined;
    seen.add(pattern);
    const id = typeof pattern === 'string' ? legacyId(pattern) : `pattern-${index}`;
    return { id, pattern, severity: 'high', action: 'observe' };
  };
  return { schemaVersion: 1, count: patterns.length, read, place: (index) => `patterns[${index}]` };
}

/** Depends on the pattern alone, so that it survives insertions and another order. */
function legacyId(pattern: string): string {
  const digest = sha256(new TextEncoder().encode(pattern));
  return `pattern-${Array.from(digest.subarray(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
