import { ASSERT, MATCH, type Program, SAVE, SET, SPLIT } from './program.js';

/** Sets of more bytes than this do not say a byte of a literal, they happen to take it: `\d`, `\w`, `.`, but not `["'=:]`. */
const WIDEST = 8;
/** Pairs of an instruction and of what is said before it that are looked at; an expression that needs more is taken for one that does not say. */
const MOST_PAIRS = 20_000;

export interface Literal {
  readonly bytes: Uint8Array;
  /** ASCII letters may be of either case. */
  readonly ignoreCase: boolean;
}

/** 1 for each set of a program that says a byte. */
export function narrowSets({ classOf, examples, accepts }: Program): Uint8Array {
  const classes = examples.length;
  const sizes = new Uint16Array(classes);
  for (const byteClass of classOf) sizes[byteClass]! += 1;
  const narrow = new Uint8Array(accepts.length / classes);
  for (let set = 0; set < narrow.length; set++) {
    let size = 0;
    for (let i = 0; i < classes; i++) if (accepts[set * classes + i] === 1) size += sizes[i]!;
    narrow[set] = size <= WIDEST ? 1 : 0;
  }
  return narrow;
}

/** The byte's other case, -1 if it has none. */
export function otherCase(byte: number): number {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? byte ^ 0x20 : -1;
}

/**
 * Whether every match says one of the literals: on each way through the program a literal can be read from narrow sets that follow one
 * another. Then a match is met at that literal, wherever else in it there are others.
 *
 *   way       …  t  o  k  e  n  ["'=]  .  .  .
 *   progress     0  0  0  0  0   "token=" is said: nothing behind it is looked at
 */
export function saysOneOf(program: Program, narrow: Uint8Array, literals: readonly Literal[]): boolean {
  const { operations, first, second } = program;
  const seen = operations.length === 0 ? [] : Array.from(operations, () => new Set<string>());
  const open: { at: number; progress: readonly Progress[] }[] = [{ at: program.start, progress: [] }];
  let pairs = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { at, progress } = next;
    const key = progress.map(({ literal, length }) => `${literal}.${length}`).join();
    if (seen[at]!.has(key)) continue;
    seen[at]!.add(key);
    if (++pairs > MOST_PAIRS) return false;
    switch (operations[at]) {
      case SPLIT:
        open.push({ at: second[at]!, progress });
        open.push({ at: first[at]!, progress });
        break;
      case SAVE:
      case ASSERT:
        open.push({ at: first[at]!, progress });
        break;
      case MATCH:
        return false;
      case SET: {
        const further = narrow[second[at]!] === 1 ? over(program, second[at]!, literals, progress) : [];
        if (further !== undefined) open.push({ at: first[at]!, progress: further });
      }
    }
  }
  return true;
}

/** So many bytes of a literal have been said. */
interface Progress {
  readonly literal: number;
  readonly length: number;
}

/** What is said behind another byte of a set; `undefined` if that is all of a literal. */
function over(
  { classOf, examples, accepts }: Program,
  set: number,
  literals: readonly Literal[],
  progress: readonly Progress[],
): Progress[] | undefined {
  const takes = (byte: number) => byte >= 0 && accepts[set * examples.length + classOf[byte]!] === 1;
  const further: Progress[] = [];
  const begun = literals.map((_, literal) => ({ literal, length: 0 }));
  for (const { literal, length } of [...progress, ...begun]) {
    const { bytes, ignoreCase } = literals[literal]!;
    const byte = bytes[length]!;
    if (!takes(byte) && !(ignoreCase && takes(otherCase(byte)))) continue;
    if (length + 1 === bytes.length) return undefined;
    further.push({ literal, length: length + 1 });
  }
  return further.sort((a, b) => a.literal - b.literal || a.length - b.length);
}
