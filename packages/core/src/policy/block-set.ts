import { Automaton, type Literal } from '../engine/automaton.js';
import { loadEngine } from '../engine/wasm.js';
import { literalsOf, type Policy, type Rule } from './types.js';

/** What a matcher without the engine at hand, such as the kernel, blocks writes by. */
export interface BlockSet {
  /** Id of the rule of every literal, by the literal's index in the automaton. */
  readonly ruleIds: readonly string[];
  /** Serial form, drawn in `assembly/automaton.ts`; none when there are no literals. Holds them in clear. */
  readonly automaton: Uint8Array | undefined;
  /** Rules with `action: block` that are only reported, as more than a literal makes a match of them. */
  readonly observeOnly: readonly string[];
}

/** Whether every occurrence of the rule's literals is a match. */
export function isPlain(rule: Rule): boolean {
  const { regex, validators, entropy, rarity, words, allow } = rule;
  return [regex, validators, entropy, rarity, words, allow].every((test) => test === undefined);
}

/** Whether writes with a literal of this rule are to be stopped: its literals are all there is to it, or it says that they do. */
export function blocksOnLiteral(rule: Rule): boolean {
  const hasLiterals = literalsOf(rule).length > 0;
  return rule.action === 'block' && hasLiterals && (rule.blockOn === 'literal' || isPlain(rule));
}

/**
 * The literals of a policy that block, compiled apart from the rest of it.
 * @throws EngineError they do not fit into memory
 */
export async function compileBlockSet(policy: Policy): Promise<BlockSet> {
  const blocking = policy.rules.filter(({ action }) => action === 'block');
  const encoder = new TextEncoder();
  const ruleIds: string[] = [];
  const literals: Literal[] = [];
  for (const rule of blocking.filter(blocksOnLiteral)) {
    for (const text of literalsOf(rule)) {
      ruleIds.push(rule.id);
      literals.push({ bytes: encoder.encode(text), caseInsensitive: rule.ignoreCase ?? false });
    }
  }
  const observeOnly = blocking.filter((rule) => !blocksOnLiteral(rule)).map(({ id }) => id);
  if (literals.length === 0) return { ruleIds, automaton: undefined, observeOnly };
  const automaton = Automaton.compile(await loadEngine(), literals);
  try {
    return { ruleIds, automaton: automaton.toBytes(), observeOnly };
  } finally {
    automaton.free();
  }
}
