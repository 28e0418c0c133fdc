import type { CompiledPolicy } from '../policy/compiled.js';
import { Gate } from '../regex/gate.js';
import { ANY_SIDES, DIGIT, SIDE_OF } from '../regex/side.js';
import type { StateMemory } from '../regex/states.js';
import type { Hits } from './hits.js';
import { REACH } from './verifier.js';
import type { Window } from './window.js';

/** Bytes in front of an anchor that its gate looks at. */
const BEFORE_ANCHOR = 8;

/** What hits of one source must pass. */
interface Screened {
  readonly gate: Gate;
  /** The literal's number among those of its rule, -1 for an anchor. */
  readonly literal: number;
}

/**
 * Drops the hits at which no expression can match, before any is judged: of ordinary text all but a few. A literal's hits pass its
 * rule's gate. An anchor's pass one gate for all of its rules together, for there are many of them and few of its places are anything.
 */
export class Screen {
  /** By literal, and by anchor's kind. `null`: all pass. */
  readonly #literals: (Screened | null | undefined)[];
  /** Of each literal, the kinds of bytes that may stand beside it; see `regex/side.ts`. */
  readonly sides: Uint8Array;
  /** Of each literal, how many bytes behind it there is a digit at the latest; 0 if there need be none. */
  readonly #needs: Uint8Array;
  readonly #anchors = new Map<number, Screened>();
  readonly #gates: (Gate | undefined)[] = [];

  constructor(
    readonly policy: CompiledPolicy,
    readonly anchorRules: ReadonlyMap<number, readonly number[]>,
    readonly memory: StateMemory,
  ) {
    this.sides = new Uint8Array(policy.literalOwner.length).fill(ANY_SIDES);
    this.#needs = new Uint8Array(policy.literalOwner.length);
    this.#literals = new Array(policy.literalOwner.length).fill(undefined);
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
      if (taken >= steps) return true;
      const screened = source >= 0 ? this.#literal(source) : this.#anchor(-source);
      const at = offset + start;
      if (screened === null || at < first) return true;
      const { gate, literal } = screened;
      const limit = Math.min(offset + end + REACH, window.end) - base;
      if (literal >= 0 && !hasDigit(view, offset + end - base, this.#needs[source]!, limit)) return false;
      const before = gate.steps;
      const stays =
        literal < 0
          ? gate.mayCover(view, Math.max(at - BEFORE_ANCHOR, first) - base, at - base, limit)
          : gate.mayHold(literal, view, first - base, at - base, limit);
      taken += gate.steps - before + 1;
      return stays;
    });
    return taken;
  }

  #literal(source: number): Screened | null {
    const known = this.#literals[source];
    if (known !== undefined) return known;
    const { literals, literalOwner, rules } = this.policy;
    const owner = literalOwner[source]!;
    const first = literalOwner.indexOf(owner);
    const { regex, ignoreCase = false } = rules[owner]!;
    let screened: Screened | null = null;
    if (regex !== undefined) {
      const own = literals.slice(first, literalOwner.lastIndexOf(owner) + 1);
      this.#gates[owner] ??= new Gate(
        [regex],
        own.map((bytes) => ({ bytes, ignoreCase })),
        this.memory,
      );
      const gate = this.#gates[owner];
      screened = { gate, literal: source - first };
      this.sides[source] = gate.sidesOf(source - first);
      this.#needs[source] = gate.digitWithin(source - first);
    }
    this.#literals[source] = screened;
    return screened;
  }

  #anchor(kind: number): Screened {
    let screened = this.#anchors.get(kind);
    if (screened === undefined) {
      const regexes = this.anchorRules.get(kind)!.map((rule) => this.policy.rules[rule]!.regex!);
      screened = { gate: new Gate(regexes, [], this.memory), literal: -1 };
      this.#anchors.set(kind, screened);
    }
    return screened;
  }
}

/** Whether there is a digit among the `need` bytes from `from` on, or may be one behind `end`. */
function hasDigit(bytes: Uint8Array, from: number, need: number, end: number): boolean {
  const to = from + need;
  if (need === 0 || to > end) return true;
  for (let at = from; at < to; at++) if (SIDE_OF[bytes[at]!] === DIGIT) return true;
  return false;
}
