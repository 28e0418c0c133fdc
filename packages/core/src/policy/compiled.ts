import { Automaton } from '../engine/automaton.js';
import type { EngineExports } from '../engine/wasm.js';
import { blocksOnLiteral, isPlain } from './block-set.js';
import { maskKindOf } from './mask.js';
import { ACTIONS, literalsOf, type Policy, type Rule, SEVERITIES } from './types.js';

/** A policy and its automaton. Rules are known by their index in the policy, literals by theirs in the automaton. */
export class CompiledPolicy {
  readonly rules: readonly Rule[];
  readonly literals: readonly Uint8Array[];
  /** The rule of every literal. */
  readonly literalOwner: Uint32Array;
  /** Length of every literal in bytes. */
  readonly lengths: Uint32Array;
  /** `MASK_*` of every literal. */
  readonly maskKinds: Uint8Array;
  /** None if no rule has a literal. */
  readonly #automaton: Automaton | undefined;
  /** Place of every rule in the order of reports: highest severity first, then policy order. */
  readonly #ranks: Uint32Array;

  /** @throws EngineError the literals do not fit into memory; nothing is left behind */
  constructor(
    engine: EngineExports,
    readonly policy: Policy,
  ) {
    const { rules } = policy;
    const encoder = new TextEncoder();
    const literals = rules.flatMap((rule, owner) => literalsOf(rule).map((text) => ({ rule, owner, text })));
    this.rules = rules;
    this.literalOwner = Uint32Array.from(literals, ({ owner }) => owner);
    this.maskKinds = Uint8Array.from(literals, ({ text }) => maskKindOf(text));
    this.#ranks = new Uint32Array(rules.length);
    const weight = (index: number) => SEVERITIES.indexOf(rules[index]!.severity);
    const order = rules.map((_, index) => index).sort((a, b) => weight(b) - weight(a) || a - b);
    order.forEach((rule, rank) => {
      this.#ranks[rule] = rank;
    });
    const searched = literals.map(({ rule, text }) => ({
      bytes: encoder.encode(text),
      caseInsensitive: rule.ignoreCase ?? false,
    }));
    this.literals = searched.map(({ bytes }) => bytes);
    this.#automaton = searched.length === 0 ? undefined : Automaton.compile(engine, searched);
    this.lengths = this.#automaton?.lengths ?? new Uint32Array(0);
  }

  /** Address of the automaton; 0 if there is none. */
  get handle(): number {
    return this.#automaton?.handle ?? 0;
  }

  /** Whether every occurrence of the rule's literals is a finding. */
  isPlain(rule: number): boolean {
    return isPlain(this.rules[rule]!);
  }

  /** Sorts rules strongest first. */
  sort(rules: number[]): number[] {
    return rules.sort((a, b) => this.#ranks[a]! - this.#ranks[b]!);
  }

  /** Whether the kernel stops matches of this rule if blocking is on. */
  fitsKernel(rule: number): boolean {
    return blocksOnLiteral(this.rules[rule]!);
  }

  /** Whether `rule` wants more than `action`. */
  isStronger(rule: number, action: Rule['action']): boolean {
    return ACTIONS.indexOf(this.rules[rule]!.action) > ACTIONS.indexOf(action);
  }

  free(): void {
    this.#automaton?.free();
  }
}
