import { RegexError } from '../errors.js';
import { encodeText } from '../library/text.js';
import { ANY, ESCAPED_CLASSES, NOT_NEWLINE, single } from './byte-set.js';
import { parseClass } from './parse-class.js';
import { parseByteEscape } from './parse-escape.js';
import type { Node } from './syntax.js';
import * as syntax from './syntax.js';

/** Limits of what is accepted, so that no expression is expensive to parse, to build or to run. */
export const MAX_SOURCE = 65_536;
export const MAX_NESTING = 200;
export const MAX_REPEAT = 10_000;
export const MAX_GROUPS = 64;
export const MAX_INSTRUCTIONS = 20_000;

/** A parsed expression. */
export interface Parsed {
  readonly tree: Node;
  /** Number of capturing groups. */
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
}

const NAME_OPENER = /P?<(?![=!])/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*(?=>)/y;
const COUNTS = /\{(\d+)(,?)(\d*)\}/y;

/** Flags are bits of one number. */
const IGNORE_CASE = 1;
const MULTILINE = 2;
const DOT_ALL = 4;
const UNGREEDY = 8;
const FLAGS: Readonly<Record<string, number>> = { i: IGNORE_CASE, m: MULTILINE, s: DOT_ALL, U: UNGREEDY };

/** What other dialects have behind `(?` and this one has not. */
const REFUSED_GROUPS: readonly (readonly [prefix: string, name: string])[] = [
  ['=', 'lookahead is'],
  ['!', 'lookahead is'],
  ['<=', 'lookbehind is'],
  ['<!', 'lookbehind is'],
  ['>', 'an atomic group is'],
  ['|', 'a branch reset is'],
  ['(', 'a condition is'],
  ['#', 'a comment is'],
  ['P=', 'a back-reference is'],
  ['P>', 'recursion is'],
  ['R', 'recursion is'],
];

const ASSERTIONS: Readonly<Record<string, number>> = {
  A: syntax.TEXT_START,
  z: syntax.TEXT_END,
  b: syntax.WORD_BORDER,
  B: syntax.NO_WORD_BORDER,
};

/** The syntax of RE2 and Go, on bytes; see `Regex.parse`. Throws `RegexError`. */
export function parse(source: string, ignoreCase: boolean): Parsed {
  if (source.length > MAX_SOURCE) throw new RegexError(MAX_SOURCE, `longer than ${MAX_SOURCE} characters`);
  const parser = new Parser(source);
  const tree = parser.parse(ignoreCase ? IGNORE_CASE : 0);
  return { tree, groups: parser.groups, names: parser.names };
}

class Parser {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  groups = 0;
  readonly names = new Map<string, number>();

  constructor(source: string) {
    this.#source = source;
  }

  parse(flags: number): Node {
    const tree = this.#choice(flags);
    if (this.#at < this.#source.length) throw new RegexError(this.#at, '")" without "("');
    return tree;
  }

  /** `a|b|c`, up to the `)` that ends it or the end of the source. */
  #choice(flags: number): Node {
    const source = this.#source;
    const branches: Node[] = [];
    let parts: Node[] = [];
    let current = flags;
    let repeatable = false;
    let repeated = false;
    while (this.#at < source.length && source[this.#at] !== ')') {
      const start = this.#at;
      const char = source[start]!;
      if (char === '|') {
        this.#at++;
        branches.push(syntax.sequence(parts));
        parts = [];
        repeatable = false;
        continue;
      }
      const count = this.#quantifier();
      if (count !== undefined) {
        if (!repeatable) throw new RegexError(start, repeated ? 'a repetition of a repetition' : 'nothing to repeat');
        const greedy = this.#take('?') === ((current & UNGREEDY) !== 0);
        const node = syntax.repeat(parts.pop()!, count[0], count[1], greedy);
        parts.push(this.#bounded(node, start));
        repeatable = false;
        repeated = true;
        continue;
      }
      const changed = this.#flagGroup(current);
      repeatable = changed === undefined;
      repeated = false;
      if (changed !== undefined) current = changed;
      else repeatable = this.#atom(parts, current);
    }
    branches.push(syntax.sequence(parts));
    return this.#bounded(syntax.choice(branches), this.#at);
  }

  #bounded(node: Node, position: number): Node {
    if (node.instructions <= MAX_INSTRUCTIONS) return node;
    throw new RegexError(position, `needs more than ${MAX_INSTRUCTIONS} instructions; lower the repeat counts`);
  }

  /** Pushes what one atom matches; a non-ASCII character or a quotation is several nodes. False if there was none. */
  #atom(parts: Node[], flags: number): boolean {
    const source = this.#source;
    const char = source[this.#at]!;
    switch (char) {
      case '(':
        parts.push(this.#group(flags));
        return true;
      case '[': {
        const { set, end } = parseClass(source, this.#at, (flags & IGNORE_CASE) !== 0);
        this.#at = end;
        parts.push(syntax.set(set));
        return true;
      }
      case '.':
        this.#at++;
        parts.push(syntax.set((flags & DOT_ALL) !== 0 ? ANY : NOT_NEWLINE));
        return true;
      case '^':
        this.#at++;
        parts.push(syntax.assert((flags & MULTILINE) !== 0 ? syntax.LINE_START : syntax.TEXT_START));
        return true;
      case '$':
        this.#at++;
        parts.push(syntax.assert((flags & MULTILINE) !== 0 ? syntax.LINE_END : syntax.TEXT_END));
        return true;
      case '\\':
        return this.#escape(parts, flags);
      default:
        this.#literal(parts, source.codePointAt(this.#at)!, flags);
        return true;
    }
  }

  /** Pushes the character at the cursor; one that is not ASCII is a sequence of its UTF-8 bytes. */
  #literal(parts: Node[], codePoint: number, flags: number): void {
    if (codePoint < 0x80) {
      parts.push(syntax.set(single(codePoint, (flags & IGNORE_CASE) !== 0)));
      this.#at++;
      return;
    }
    if (codePoint >= 0xd800 && codePoint < 0xe000) throw new RegexError(this.#at, 'half of a surrogate pair');
    const text = String.fromCodePoint(codePoint);
    parts.push(utf8(text));
    this.#at += text.length;
  }

  #escape(parts: Node[], flags: number): boolean {
    const source = this.#source;
    const letter = source[this.#at + 1] ?? '';
    const assertion = ASSERTIONS[letter];
    if (assertion !== undefined) parts.push(syntax.assert(assertion));
    else if (letter === 'C') parts.push(syntax.set(ANY));
    else if (ESCAPED_CLASSES[letter] !== undefined) parts.push(syntax.set(ESCAPED_CLASSES[letter]));
    else if (letter === 'Q') return this.#quotation(parts, flags);
    else {
      const { value, end } = parseByteEscape(source, this.#at);
      parts.push(
        value < 0x100 ? syntax.set(single(value, (flags & IGNORE_CASE) !== 0)) : utf8(String.fromCodePoint(value)),
      );
      this.#at = end;
      return true;
    }
    this.#at += 2;
    return true;
  }

  /** \Q literal text \E; without \E, to the end of the source. */
  #quotation(parts: Node[], flags: number): boolean {
    const found = this.#source.indexOf('\\E', this.#at + 2);
    const end = found < 0 ? this.#source.length : found;
    this.#at += 2;
    const before = parts.length;
    while (this.#at < end) this.#literal(parts, this.#source.codePointAt(this.#at)!, flags);
    if (found >= 0) this.#at += 2;
    return parts.length > before;
  }

  /** `(?i)` and the like, which hold for the rest of the enclosing group: the new flags. Undefined, and nothing read, if none. */
  #flagGroup(flags: number): number | undefined {
    if (this.#source[this.#at] !== '(' || this.#source[this.#at + 1] !== '?') return undefined;
    const start = this.#at;
    this.#at += 2;
    const changed = this.#flagLetters(flags);
    if (this.#at > start + 2 && this.#take(')')) return changed;
    this.#at = start;
    return undefined;
  }

  /** `flags` as the letters at the cursor change them: `is`, `i-s`. */
  #flagLetters(flags: number): number {
    let changed = flags;
    let off = false;
    for (; ; this.#at++) {
      const char = this.#source[this.#at] ?? '';
      const flag = FLAGS[char];
      if (flag !== undefined) changed = off ? changed & ~flag : changed | flag;
      else if (char === '-' && !off && FLAGS[this.#source[this.#at + 1] ?? ''] !== undefined) off = true;
      else return changed;
    }
  }

  #group(flags: number): Node {
    const start = this.#at;
    if (++this.#depth > MAX_NESTING) throw new RegexError(start, `groups are nested deeper than ${MAX_NESTING}`);
    this.#at++;
    let inner = flags;
    let index = 0;
    if (this.#take('?')) {
      const name = this.#groupName(start);
      if (name !== undefined) {
        index = this.#nextGroup(start);
        this.names.set(name, index);
      } else {
        inner = this.#flagLetters(flags);
        if (!this.#take(':')) this.#refuseGroup(start);
      }
    } else {
      index = this.#nextGroup(start);
    }
    const body = this.#choice(inner);
    if (!this.#take(')')) throw new RegexError(start, '"(" without ")"');
    this.#depth--;
    return index === 0 ? body : syntax.group(body, index);
  }

  #nextGroup(start: number): number {
    if (++this.groups > MAX_GROUPS) throw new RegexError(start, `more than ${MAX_GROUPS} capturing groups; use (?:…)`);
    return this.groups;
  }

  /** The name in `(?P<name>` or `(?<name>`; undefined, and nothing read, if there is none. */
  #groupName(start: number): string | undefined {
    NAME_OPENER.lastIndex = this.#at;
    if (!NAME_OPENER.test(this.#source)) return undefined;
    NAME.lastIndex = NAME_OPENER.lastIndex;
    const name = NAME.exec(this.#source)?.[0];
    if (name === undefined) throw new RegexError(start, 'a group name is letters, digits and _, and ends with ">"');
    if (this.names.has(name)) throw new RegexError(start, 'two groups have the same name');
    this.#at = NAME.lastIndex + 1;
    return name;
  }

  #refuseGroup(start: number): never {
    for (const [prefix, name] of REFUSED_GROUPS) {
      if (this.#source.startsWith(prefix, start + 2)) throw new RegexError(start, `${name} not supported`);
    }
    throw new RegexError(start, 'unknown kind of group behind "(?"');
  }

  /** * + ? {n} {n,} {n,m}: least and most. Undefined, and nothing read, if there is none; `{` that begins none is a literal. */
  #quantifier(): readonly [number, number] | undefined {
    const char = this.#source[this.#at];
    if (char === '*' || char === '+' || char === '?') {
      this.#at++;
      return char === '?' ? [0, 1] : [char === '+' ? 1 : 0, Number.POSITIVE_INFINITY];
    }
    if (char !== '{') return undefined;
    COUNTS.lastIndex = this.#at;
    const found = COUNTS.exec(this.#source);
    if (found === null || (found[2] === '' && found[3] !== '')) return undefined;
    const min = Number(found[1]);
    const max = found[2] === '' ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (min > max) throw new RegexError(this.#at, 'the least count is above the most');
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max < Number.POSITIVE_INFINITY)) {
      throw new RegexError(this.#at, `repeats more than ${MAX_REPEAT} times`);
    }
    this.#at = COUNTS.lastIndex;
    return [min, max];
  }

  #take(char: string): boolean {
    if (this.#source[this.#at] !== char) return false;
    this.#at++;
    return true;
  }
}

function utf8(text: string): Node {
  return syntax.sequence(Array.from(encodeText(text), (byte) => syntax.set(single(byte))));
}
