import { Automaton } from '../engine/automaton.js';
import type { EngineExports } from '../engine/wasm.js';
import { maskKindOf } from './mask.js';
import { ACTIONS, type Policy, type Rule, SEVERITIES } from './types.js';

/** The kernel's own matcher takes block patterns of at most this many bytes. */
const MAX_KERNEL_PATTERN_BYTES = 16;

/** A policy and its automaton. Rules are known by their index in the policy. */
export class CompiledPolicy {
  readonly rules: readonly Rule[];
  /** Length of every pattern in bytes. */
  readonly lengths: Uint32Array;
  /** `MASK_*` of every rule. */
  readonly maskKinds: Uint8Array;
  readonly #automaton: Automaton;
  /** Place of every rule in the order of reports: highest severity first, then policy order. */
  readonly #ranks: Uint32Array;

  /** @throws EngineError the literals do not fit into memory; nothing is left behind */
  constructor(
    engine: EngineExports,
    readonly policy: Policy,
  ) {
    const { rules } = policy;
    const encoder = new TextEncoder();
    const literals = rules.map(({ pattern, ignoreCase = false }) => ({
      bytes: encoder.encode(pattern),
      caseInsensitive: ignoreCase,
    }));
    this.rules = rules;
    this.maskKinds = Uint8Array.from(rules, ({ pattern }) => maskKindOf(pattern));
    this.#ranks = new Uint32Array(rules.length);
    const weight = (index: number) => SEVERITIES.indexOf(rules[index]!.severity);
    const order = rules.map((_, index) => index).sort((a, b) => weight(b) - weight(a) || a - b);
    order.forEach((rule, rank) => {
      this.#ranks[rule] = rank;
    });
    this.#automaton = Automaton.compile(engine, literals);
    this.lengths = this.#automaton.lengths;
  }

  /** Address of the automaton. */
  get handle(): number {
    return this.#automaton.handle;
  }

  /** Sorts rules strongest first. */
  sort(rules: number[]): number[] {
    return rules.sort((a, b) => this.#ranks[a]! - this.#ranks[b]!);
  }

  /** Whether the kernel could wipe matches of this rule if blocking were on. */
  fitsKernel(rule: number): boolean {
    return this.rules[rule]!.action === 'block' && this.lengths[rule]! <= MAX_KERNEL_PATTERN_BYTES;
  }

  /** Whether `rule` wants more than `action`. */
  isStronger(rule: number, action: Rule['action']): boolean {
    return ACTIONS.indexOf(this.rules[rule]!.action) > ACTIONS.indexOf(action);
  }

  free(): void {
    this.#automaton.free();
  }
}
