import { ASSERT, MATCH, type Program, SAVE, SET, SPLIT } from './program.js';
import { DIGIT } from './side.js';

/** A digit that need not come sooner is not asked for. */
const MOST_NEED = 100;

/**
 * A match that goes on with one of `items` has a digit among its next so many bytes: where there is none, there is no match, and nobody
 * needs to walk over what lies between a name and a number that never comes. 0 if a match can do without, or with a late one.
 *
 *   id  [^0-9]{0,40}  [0-9]{8}      41
 *
 * @param kinds of bytes in each set, see `side.ts`
 * @param begun how many bytes of the match there are before
 */
export function digitWithin(program: Program, kinds: Uint8Array, items: Iterable<number>, begun: number): number {
  const { operations, first, second, latest } = program;
  /** The round in which an instruction was reached last. */
  const reached = new Uint16Array(operations.length);
  let round = 1;
  let current: number[] = [];
  /** Adds the sets that are reached without a byte, whatever is asserted; false if a match ends. */
  const add = (start: number): boolean => {
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (operations[at] === MATCH) return false;
      if (reached[at] === round) continue;
      reached[at] = round;
      if (operations[at] === SET) current.push(at);
      else if (operations[at] === SPLIT) open.push(second[at]!, first[at]!);
      else if (operations[at] === SAVE || operations[at] === ASSERT) open.push(first[at]!);
    }
    return true;
  };
  for (const item of items) if (!add(item)) return 0;
  while (round <= MOST_NEED) {
    const gone = begun + round - 1;
    const before = current.filter((at) => latest[at]! >= gone && (kinds[second[at]!]! & ~DIGIT) !== 0);
    if (before.length === 0) return round;
    current = [];
    round += 1;
    for (const at of before) if (!add(first[at]!)) return 0;
  }
  return 0;
}
