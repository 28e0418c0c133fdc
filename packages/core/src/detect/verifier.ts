import { OptionError } from '../errors.js';
import { literalsOf, type Rule } from '../policy/types.js';
import { MATCH, MORE as NEEDS_MORE, Regex } from '../regex/index.js';
import type { StateMemory } from '../regex/states.js';
import type { Validator } from '../validate/index.js';
import { entropy, rarity } from '../validate/rarity.js';
import type { Window } from './window.js';

export const NO = 0;
export const YES = 1;
export const MORE = 2;

/** A regular expression sees this much behind the hit that it is tried at. */
export const REACH = 4096;
/** And this much before it. */
export const BEFORE = 64;
/** How far around a match the words of an allowlist are looked for. */
const ALLOW_WITHIN = 64;
/** Context words are looked for this far from a match at most. */
export const MOST_WITHIN = 256;

const encoder = new TextEncoder();

/** Judges the places where a rule's literal or anchor was found. One for each rule that has more than literals. */
export class Verifier {
  /** The secret of the last YES, and of what was dropped last. */
  start = 0;
  end = 0;
  /** Why the last NO: the test that failed; `undefined` if the regular expression does not match. */
  reason: string | undefined;
  /** A match begins at most so far before the hit. */
  #before = 0;
  #regex: Regex | undefined;
  #group = 0;
  readonly #validators: readonly { name: string; accepts: Validator }[];
  readonly #words: readonly Uint8Array[];
  readonly #wordsBefore: number;
  readonly #wordsAfter: number;
  readonly #allowValues: readonly Uint8Array[];
  #allowRegexes: readonly Regex[] = [];
  /** Expressions are read at the first hit: of a thousand rules few are ever hit. */
  #isReady = false;
  readonly #allowWords: readonly Uint8Array[];

  constructor(
    readonly rule: Rule,
    validators: ReadonlyMap<string, Validator>,
    readonly memory?: StateMemory,
  ) {
    this.#validators = (rule.validators ?? []).map((name) => {
      const accepts = validators.get(name);
      if (accepts === undefined) throw new OptionError('validators', `has no "${name}", which rule "${rule.id}" names`);
      return { name, accepts };
    });
    this.#words = lowered(rule.words?.any);
    const within = rule.words?.within ?? 0;
    const side = rule.words?.side ?? 'before';
    this.#wordsBefore = side === 'after' ? 0 : within;
    this.#wordsAfter = side === 'before' ? 0 : within;
    this.#allowValues = lowered(rule.allow?.values);
    this.#allowWords = lowered(rule.allow?.words);
  }

  /** The regular expression's work so far, in bytes and instructions. */
  get steps(): number {
    return this.#regex?.steps ?? 0;
  }

  #prepare(): void {
    const { regex, group, allow } = this.rule;
    const options = { memory: this.memory };
    this.#regex = regex === undefined ? undefined : Regex.parse(regex, options);
    this.#before = Math.min(this.#regex === undefined ? 0 : leadBefore(this.#regex, this.rule), BEFORE);
    this.#group = group ?? Math.min(this.#regex?.groups ?? 0, 1);
    this.#allowRegexes = (allow?.regexes ?? []).map((source) => Regex.parse(source, options));
    this.#isReady = true;
  }

  /**
   * Judges a hit.
   * @param from matches begin here or behind
   * @returns YES, NO, or MORE: it depends on bytes that are not here yet
   */
  judge(window: Window, from: number, hitStart: number, hitEnd: number): number {
    if (!this.#isReady) this.#prepare();
    this.reason = undefined;
    let matchStart = hitStart;
    let matchEnd = hitEnd;
    this.start = hitStart;
    this.end = hitEnd;
    const regex = this.#regex;
    if (regex !== undefined) {
      const limit = Math.min(hitEnd + REACH, window.end);
      const decided = window.final || limit < window.end;
      // Index 0 of what the expression sees must be the stream's first byte if that is to count as one.
      const atStart = window.first === 0;
      const bytes = atStart ? window.slice(0, limit) : window.view;
      const base = atStart ? 0 : window.base;
      let earliest = Math.max(hitStart - this.#before, window.first, from);
      for (;;) {
        if (earliest > hitStart) return NO;
        const answer = regex.match(
          bytes,
          earliest - base,
          hitStart - base,
          limit - base,
          atStart,
          decided,
          hitEnd - base,
        );
        if (answer === NEEDS_MORE) return MORE;
        if (answer !== MATCH) return NO;
        const { spans } = regex;
        matchStart = base + spans[0]!;
        matchEnd = base + spans[1]!;
        if (matchEnd >= hitEnd) break;
        earliest = matchStart + 1;
      }
      const group = this.#group;
      const taken = spans(regex, group);
      this.start = taken ? base + regex.spans[2 * group]! : matchStart;
      this.end = taken ? base + regex.spans[2 * group + 1]! : matchEnd;
    }
    return this.#accepts(window, matchStart, matchEnd);
  }

  #accepts(window: Window, matchStart: number, matchEnd: number): number {
    const { rule } = this;
    const secret = window.slice(this.start, this.end);
    if (rule.entropy !== undefined) {
      const bits = entropy(secret);
      if (bits < rule.entropy) return this.#drop(`entropy ${bits.toFixed(2)} < ${rule.entropy}`);
    }
    if (rule.rarity !== undefined) {
      const bits = rarity(secret);
      if (bits < rule.rarity) return this.#drop(`rarity ${bits.toFixed(2)} < ${rule.rarity}`);
    }
    if (this.#allowValues.length > 0 && containsAny(secret, 0, secret.length, this.#allowValues)) {
      return this.#drop('allow.values');
    }
    for (const allowed of this.#allowRegexes) {
      if (allowed.match(secret, 0, secret.length, secret.length, true, true) === MATCH)
        return this.#drop('allow.regexes');
    }
    if (this.#validators.length > 0) {
      const match = window.slice(matchStart, matchEnd);
      for (const { name, accepts } of this.#validators) {
        if (!accepts(secret, match)) return this.#drop(`validator ${name}`);
      }
    }
    if (this.#words.length > 0) {
      const answer = near(window, matchStart, matchEnd, this.#wordsBefore, this.#wordsAfter, this.#words);
      if (answer === MORE) return MORE;
      if (answer === NO) return this.#drop('no context word');
    }
    if (this.#allowWords.length > 0) {
      const answer = near(window, matchStart, matchEnd, ALLOW_WITHIN, ALLOW_WITHIN, this.#allowWords);
      if (answer === MORE) return MORE;
      if (answer === YES) return this.#drop('allow.words');
    }
    return YES;
  }

  #drop(reason: string): number {
    this.reason = reason;
    return NO;
  }
}

/** Classes of a regular expression that stand for a byte of a literal: `[sr]k_live_`. */
const WIDEST = 4;

/** How far before a hit of the rule a match may begin. */
function leadBefore(regex: Regex, rule: Rule): number {
  // An anchor is no text that the expression says: it may lie anywhere in a match.
  if (rule.anchor !== undefined) return regex.maxLength - 1;
  let most = 0;
  for (const literal of literalsOf(rule)) {
    most = Math.max(most, regex.leadOf(encoder.encode(literal), WIDEST));
    if (most >= BEFORE) break;
  }
  return most;
}

function spans(regex: Regex, group: number): boolean {
  return group > 0 && regex.spans[2 * group]! >= 0;
}

/** Whether one of the words stands in the bytes before or behind a match. */
function near(
  window: Window,
  start: number,
  end: number,
  before: number,
  after: number,
  words: readonly Uint8Array[],
): number {
  const { view, base } = window;
  const from = Math.max(start - before, window.first);
  if (before > 0 && containsAny(view, from - base, start - base, words)) return YES;
  if (after === 0) return NO;
  const to = Math.min(end + after, window.end);
  if (containsAny(view, end - base, to - base, words)) return YES;
  return to < end + after && !window.final ? MORE : NO;
}

/** Whether one of the words, in lower case, stands within `[from, to)`, in either case. */
function containsAny(bytes: Uint8Array, from: number, to: number, words: readonly Uint8Array[]): boolean {
  for (const word of words) {
    const first = word[0]!;
    for (let at = from; at <= to - word.length; at++) {
      if (fold(bytes[at]!) !== first) continue;
      let n = 1;
      while (n < word.length && fold(bytes[at + n]!) === word[n]) n += 1;
      if (n === word.length) return true;
    }
  }
  return false;
}

function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

function lowered(words: readonly string[] = []): readonly Uint8Array[] {
  return words.map((word) => encoder.encode(word).map(fold));
}
