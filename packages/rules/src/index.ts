import {
  DEFAULT_POLICY,
  type Examples,
  type Override,
  overridePolicy,
  type Policy,
  type PolicyOptions,
  parsePolicy,
  policyOf,
} from '@spectral/core';
import EXAMPLES from './generated/examples.js';
import PACKS from './generated/packs.js';
import { validators } from './validators.js';

export { validators } from './validators.js';

const documents: Readonly<Record<string, string>> = PACKS;
const examples: Readonly<Record<string, string>> = EXAMPLES;
const names: ReadonlySet<string> = new Set(validators.keys());
const loaded = new Map<string, Policy>([['default', DEFAULT_POLICY]]);

/** `default` is the core's policy of plain literals; the others judge what stands around theirs. */
export const PACK_NAMES: readonly string[] = [...Object.keys(PACKS), 'default'];

/** The rules of a pack; `undefined` if there is none of this name. */
export function packOf(name: string): Policy | undefined {
  if (loaded.has(name)) return loaded.get(name);
  if (!Object.hasOwn(documents, name)) return undefined;
  const policy = parsePolicy(documents[name]!, `pack ${name}`, { validators: names });
  loaded.set(name, policy);
  return policy;
}

/** For `parsePolicy`: lets a document extend packs. */
export const PACK_OPTIONS: PolicyOptions = { packs: packOf, packNames: PACK_NAMES, validators: names };

/**
 * The rules of some packs as one policy, in the order of the names.
 * @param overrides changes of severity or action, or rules to leave out, by rule or tag
 * @throws PolicyError there is no such pack, or an override changes no rule
 */
export function loadPacks(names: readonly string[], overrides: readonly Override[] = []): Policy {
  const one = names.length === 1 ? packOf(names[0]!) : undefined;
  const policy = one ?? policyOf({ schema_version: 3, extends: names }, 'rules', PACK_OPTIONS);
  return overrides.length === 0 ? policy : overridePolicy(policy, overrides);
}

/** What the rules of a pack are tried on, by rule id. */
export function examplesOf(name: string): ReadonlyMap<string, Examples> {
  const text = Object.hasOwn(examples, name) ? examples[name]! : '{}';
  return new Map(Object.entries(JSON.parse(text) as Record<string, Examples>));
}
