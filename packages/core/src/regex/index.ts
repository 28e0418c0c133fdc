import { Dfa } from './dfa.js';
import { leadOf } from './lead.js';
import { type Parsed, parse } from './parse.js';
import { compile } from './program.js';
import type { StateMemory } from './states.js';

export { MATCH, MORE, NO_MATCH } from './dfa.js';

/**
 * A regular expression over bytes, matched in time linear in the text whatever the expression: what is searched may be written
 * by an adversary.
 *
 * The syntax is that of RE2 and Go (https://github.com/google/re2/wiki/Syntax) without Unicode classes: `.`, classes and \xHH are
 * bytes, a character beyond ASCII stands for its UTF-8 bytes, `(?i)` folds ASCII letters, \b \w \d \s are ASCII, `^` and `$` are the
 * ends of the text, and with (?m) those of lines. Lookaround and back-references do not exist. Semantics are leftmost-first, as in
 * Perl: of all matches the one that begins first, of those the one whose alternatives and repetitions come first.
 */
export class Regex {
  readonly source: string;
  /** Number of capturing groups. */
  readonly groups: number;
  /** Numbers of the groups that have a name. */
  readonly names: ReadonlyMap<string, number>;
  /** Bytes of the shortest possible match. */
  readonly minLength: number;
  /** Bytes of the longest possible match; Infinity if there is no limit. */
  readonly maxLength: number;
  /** Spans of the last match: group g is [spans[2g], spans[2g + 1]), group 0 the whole; -1 if it did not take part. */
  readonly spans: Int32Array;
  #parsed: Parsed | undefined;
  #dfa: Dfa | undefined;

  readonly #memory: StateMemory | undefined;

  private constructor(source: string, parsed: Parsed, memory: StateMemory | undefined) {
    this.#memory = memory;
    this.source = source;
    this.groups = parsed.groups;
    this.names = parsed.names;
    this.minLength = parsed.tree.least;
    this.maxLength = parsed.tree.most;
    this.spans = new Int32Array(2 * parsed.groups + 2).fill(-1);
    this.#parsed = parsed;
  }

  /**
   * Reads an expression. What it is matched with is built at the first match.
   *
   * @param options.memory what it shares with other expressions for what it remembers of earlier matches
   * @throws RegexError if it is malformed or too large, or uses what is not supported; with the position and the reason.
   */
  static parse(
    source: string,
    { ignoreCase = false, memory }: { readonly ignoreCase?: boolean; readonly memory?: StateMemory | undefined } = {},
  ): Regex {
    return new Regex(source, parse(source, ignoreCase), memory);
  }

  /**
   * Looks for the leftmost-first match that begins in [from, to] and lies in `bytes` before `end`. What stands before `from` is
   * seen by \b and `^` only.
   *
   * @param atStart bytes[0] is the first byte of the text, so `^` holds before it.
   * @param final the text ends at `end`, so `$` holds there.
   * @param least of a match that ends before this the groups are not asked for: only group 0 of `spans` may be set.
   * @returns MATCH, with `spans` set; NO_MATCH; or MORE if bytes behind `end` could still change whether there is a match or what it
   * spans: call again with the same `from` and more bytes. Never MORE if `final`.
   */
  match(bytes: Uint8Array, from: number, to: number, end: number, atStart: boolean, final: boolean, least = 0): number {
    this.#dfa ??= this.#build();
    return this.#dfa.match(bytes, from, to, end, atStart, final, least);
  }

  /**
   * The most bytes that a match may have before the last place of the expression that says `literal`; Infinity if there is no such
   * place or no limit. To be asked before the first match.
   *
   * @param widest classes of more bytes than this say nothing
   */
  leadOf(literal: Uint8Array, widest: number): number {
    return this.#parsed === undefined ? Number.POSITIVE_INFINITY : leadOf(this.#parsed.tree, literal, widest);
  }

  /** Bytes and instructions looked at in all matches so far: the measure of work. */
  get steps(): number {
    return this.#dfa?.steps ?? 0;
  }

  #build(): Dfa {
    const dfa = new Dfa(compile(this.#parsed!.tree), this.minLength, this.spans, this.#memory);
    this.#parsed = undefined;
    return dfa;
  }
}
