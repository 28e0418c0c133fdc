import { ASSERT, MATCH, type Program, SAVE, SET, SPLIT } from './program.js';
import { DIGIT } from './side.js';

/** A digit that need not come sooner is not asked for. */
export const MOST_NEED = 255;

/**
 * A match that goes on with one of `items` has a digit among its next so many bytes: where there is none, there is no match, and nobody
 * needs to walk over what lies between a name and a number that never comes. 0 if a match can do without, or with a late one.
 *
 *   id  [^0-9]{0,40}  [0-9]{8}      41
 *
 * @param kinds of bytes in each set, see `side.ts`
 */
export function digitWithin(program: Program, kinds: Uint8Array, items: Iterable<number>): number {
  const { operations, first, second } = program;
  let current = new Set<number>();
  /** Adds the sets that are reached without a byte, whatever is asserted; false if a match ends. */
  const add = (start: number): boolean => {
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (operations[at] === MATCH) return false;
      if (current.has(at)) continue;
      current.add(at);
      if (operations[at] === SPLIT) open.push(second[at]!, first[at]!);
      else if (operations[at] === SAVE || operations[at] === ASSERT) open.push(first[at]!);
    }
    return true;
  };
  for (const item of items) if (!add(item)) return 0;
  for (let bytes = 1; bytes <= MOST_NEED; bytes++) {
    const before = [...current].filter((at) => operations[at] === SET && (kinds[second[at]!]! & ~DIGIT) !== 0);
    if (before.length === 0) return bytes;
    current = new Set();
    for (const at of before) if (!add(first[at]!)) return 0;
  }
  return 0;
}
