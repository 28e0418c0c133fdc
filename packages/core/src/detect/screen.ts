import type { CompiledPolicy } from '../policy/compiled.js';
import { ALL, AnchorGate } from '../regex/anchor-gate.js';
import { Gate } from '../regex/gate.js';
import { ANY_SIDES, DIGIT, SIDE_OF } from '../regex/side.js';
import type { StateMemory } from '../regex/states.js';
import type { Hits } from './hits.js';
import { REACH } from './verifier.js';
import type { Window } from './window.js';

/** Bytes in front of an anchor that its gate looks at. */
const BEFORE_ANCHOR = 8;

/**
 * Drops the hits at which no expression can match, before any is judged: of ordinary text all but a few. A literal's hits pass its
 * rule's gate. An anchor's pass one gate for all of its rules together, for there are many of them and few of its places are anything; it
 * tells for which of them they may be something.
 */
export class Screen {
  /** By literal. `null`: all pass. */
  readonly #gates: (Gate | null | undefined)[];
  readonly #ruleGates = new Map<number, Gate>();
  readonly #anchors = new Map<number, AnchorGate>();
  /** Of each literal, its number among those of its rule. */
  readonly #indexes: Uint8Array;
  /** Of each literal, the kinds of bytes that may stand beside it; see `regex/side.ts`. */
  readonly sides: Uint8Array;
  /** Of each literal, how many bytes behind it there is a digit at the latest; 0 if there need be none. */
  readonly #needs: Uint8Array;

  constructor(
    readonly policy: CompiledPolicy,
    readonly anchorRules: ReadonlyMap<number, readonly number[]>,
    readonly memory: StateMemory,
  ) {
    this.sides = new Uint8Array(policy.literalOwner.length).fill(ANY_SIDES);
    this.#needs = new Uint8Array(policy.literalOwner.length);
    this.#gates = new Array(policy.literalOwner.length).fill(undefined);
    this.#indexes = new Uint8Array(policy.literalOwner.length);
  }

  /**
   * @param offset of the piece in its stream
   * @param steps that may be taken; hits for which none are left stay
   * @returns the steps that were taken
   */
  drop(hits: Hits, window: Window, offset: number, steps: number): number {
    const { view, base, first } = window;
    let taken = 0;
    hits.keep((source, start, end) => {
      const at = offset + start;
      if (taken >= steps || at < first) return ALL;
      const place = at - base;
      const behind = offset + end - base;
      const limit = Math.min(behind + REACH, window.end - base);
      if (source < 0) {
        const gate = this.#anchor(-source);
        const before = gate.steps;
        const rules = gate.mayCover(view, Math.max(at - BEFORE_ANCHOR, first) - base, place, limit);
        taken += gate.steps - before + 1;
        return rules;
      }
      const gate = this.#literal(source);
      if (gate === null) return ALL;
      if (!hasDigit(view, behind, this.#needs[source]!, limit)) return 0;
      const before = gate.steps;
      const stays = gate.mayHold(this.#indexes[source]!, view, first - base, place, behind, limit);
      taken += gate.steps - before + 1;
      return stays ? ALL : 0;
    });
    return taken;
  }

  #literal(source: number): Gate | null {
    const known = this.#gates[source];
    return known === undefined ? this.#make(source) : known;
  }

  /** What is known of a literal is found out at its first hit: most are never hit. */
  #make(source: number): Gate | null {
    const { literals, literalOwner, rules } = this.policy;
    const owner = literalOwner[source]!;
    const { regex, ignoreCase = false } = rules[owner]!;
    let gate: Gate | null = null;
    if (regex !== undefined) {
      const first = literalOwner.indexOf(owner);
      gate = this.#ruleGates.get(owner) ?? null;
      if (gate === null) {
        const own = literals.slice(first, literalOwner.lastIndexOf(owner) + 1);
        gate = new Gate(
          regex,
          own.map((bytes) => ({ bytes, ignoreCase })),
          this.memory,
        );
        this.#ruleGates.set(owner, gate);
      }
      const index = source - first;
      this.#indexes[source] = index;
      this.sides[source] = gate.sidesOf(index);
      this.#needs[source] = gate.digitWithin(index);
    }
    this.#gates[source] = gate;
    return gate;
  }

  #anchor(kind: number): AnchorGate {
    let gate = this.#anchors.get(kind);
    if (gate === undefined) {
      const regexes = this.anchorRules.get(kind)!.map((rule) => this.policy.rules[rule]!.regex!);
      gate = new AnchorGate(regexes, this.memory);
      this.#anchors.set(kind, gate);
    }
    return gate;
  }
}

/** Whether there is a digit among the `need` bytes from `from` on, or may be one behind `end`. */
function hasDigit(bytes: Uint8Array, from: number, need: number, end: number): boolean {
  const to = from + need;
  if (need === 0 || to > end) return true;
  for (let at = from; at < to; at++) if (SIDE_OF[bytes[at]!] === DIGIT) return true;
  return false;
}
