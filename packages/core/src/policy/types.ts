import type { Action, Severity } from '../types.js';

/** Text that must stand near a match for it to count. */
export interface ContextWords {
  /** At least one of them; ASCII letters match in either case, within longer words too. */
  readonly any: readonly string[];
  /** How far from the match, in bytes: 1 to 256. */
  readonly within: number;
  readonly side: 'before' | 'after' | 'around';
}

/** What makes a match harmless. */
export interface Allowances {
  /** The secret contains one of these; ASCII letters match in either case. */
  readonly values?: readonly string[];
  /** One of these byte regexes matches within the secret. */
  readonly regexes?: readonly string[];
  /** One of these stands within 64 bytes around the match. */
  readonly words?: readonly string[];
}

/** Texts that a rule is tried on. */
export interface Examples {
  /** Each gives a finding of the rule. */
  readonly hit?: readonly string[];
  /** None does. */
  readonly miss?: readonly string[];
}

/**
 * What to look for: literals, found anywhere, and optionally tests that what stands around one must pass. Fields from `literals`
 * on exist since format v3.
 */
export interface Rule {
  readonly id: string;
  /** The one literal of the rule; compared as UTF-8 bytes. Either this or `literals`. */
  readonly pattern?: string;
  readonly severity: Severity;
  readonly action: Action;
  /** ASCII letters of the literals match in either case. Default false. */
  readonly ignoreCase?: boolean;

  /** 1 to 128 literals, one of which every match contains. */
  readonly literals?: readonly string[];
  /** Instead of literals, for values that begin with nothing fixed: what every match covers the place of. Needs `regex`. */
  readonly anchor?: Anchor;
  readonly description?: string;
  /** Where the vendor documents the format. */
  readonly source?: string;
  readonly family?: string;
  readonly tags?: readonly string[];
  /** What a block needs: the whole match (default), or already the literal. */
  readonly blockOn?: 'match' | 'literal';
  /** Byte regex that must match over an occurrence of a literal. Without it the literal is the match. */
  readonly regex?: string;
  /** Which capture group is the secret. Default: 1 if there is one, else 0, the whole match. */
  readonly group?: number;
  /** Names of tests that the secret must all pass. */
  readonly validators?: readonly string[];
  /** Least Shannon entropy of the secret, in bits per byte. */
  readonly entropy?: number;
  /** Least mean surprise of the secret's characters in ordinary text, in bits per character. */
  readonly rarity?: number;
  readonly words?: ContextWords;
  readonly allow?: Allowances;
  /** Gives way to any other finding that it overlaps. */
  readonly generic?: boolean;
  readonly examples?: Examples;
}

/** A set of rules. Frozen once checked: to change it, make a new one and hand it to `Sensor.setPolicy`. */
export interface Policy {
  /** 3: rules with any field; 2: rules of one literal; 1: a legacy list of `patterns`. */
  readonly schemaVersion: SchemaVersion;
  /** In the order of the document; at least one. */
  readonly rules: readonly Rule[];
}

/** Of a policy document: 1 lists patterns, 2 has rules of one literal each, 3 rules with tests. */
export type SchemaVersion = 1 | 2 | 3;

/**
 * Places that are looked for in text: a group of digits from where on 8 or more follow, with up to two of ` -./()` between them;
 * the `@` of an address; two capital letters and two digits; the first number of a dotted one; colons as in an IPv6 address. Drawn in
 * `assembly/anchors.ts`.
 */
export type Anchor = 'digits' | 'at' | 'iban' | 'dots' | 'colons';
export const ANCHORS: readonly Anchor[] = ['digits', 'at', 'iban', 'dots', 'colons'];

/** All literals of a rule; none for one with an anchor. */
export function literalsOf(rule: Rule): readonly string[] {
  return rule.literals ?? (rule.pattern === undefined ? [] : [rule.pattern]);
}

/** Weakest first. */
export const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical'];
/** Weakest first. */
export const ACTIONS: readonly Action[] = ['observe', 'block'];
