import { type ByteSet, has, sizeOf } from './byte-set.js';
import type { Node } from './syntax.js';

/** A repetition is looked at so often. */
const MOST_COPIES = 16;

/**
 * The most bytes that a match may have before a place of the expression that says `literal`, of all such places, for which of them a
 * match takes is not known; Infinity if it says so nowhere, or behind something without a limit.
 *
 *   (?:^|[^a-z])(key|token)\s*=      for `token`: 1
 *
 * @param widest sets of more bytes than this say nothing
 */
export function leadOf(node: Node, literal: Uint8Array, widest: number): number {
  const parts = partsOf(node);
  let lead = 0;
  let most = -1;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (says(parts, i, literal, 0, widest)) most = lead;
    if (part.type === 'choice') {
      const within = part.parts
        .map((choice) => leadOf(choice, literal, widest))
        .filter((n) => n < Number.POSITIVE_INFINITY);
      if (within.length > 0) most = Math.max(most, lead + Math.max(...within));
    }
    lead += part.most;
  }
  return most < 0 ? Number.POSITIVE_INFINITY : most;
}

/** Whether `literal` from its byte `from` on may be said by the parts from the first on. */
function says(parts: readonly Node[], first: number, literal: Uint8Array, from: number, widest: number): boolean {
  if (from === literal.length) return true;
  const part = parts[first];
  if (part === undefined) return false;
  switch (part.type) {
    case 'set':
      return (
        sizeOf(part.set) <= widest && has(part.set, literal[from]!) && says(parts, first + 1, literal, from + 1, widest)
      );
    case 'empty':
    case 'assert':
      return from > 0 && says(parts, first + 1, literal, from, widest);
    case 'choice':
      return part.parts.some(
        (choice) =>
          mayBegin(choice, literal[from]!, widest) &&
          says([...partsOf(choice), ...parts.slice(first + 1)], 0, literal, from, widest),
      );
    case 'repeat':
      if (part.max > MOST_COPIES && part.min === 0) return from > 0 && says(parts, first + 1, literal, from, widest);
      if (part.body.type === 'set') {
        const said = saidBy(part.body.set, literal, from, widest);
        return copies(part).some((times) => {
          if (from + Math.min(times, said) === literal.length) return true;
          return times <= said && times + from > 0 && says(parts, first + 1, literal, from + times, widest);
        });
      }
      return copies(part).some((times) => {
        const body = Array.from({ length: times }, () => partsOf(part.body)).flat();
        return (times > 0 || from > 0) && says([...body, ...parts.slice(first + 1)], 0, literal, from, widest);
      });
    default:
      return says([...partsOf(part), ...parts.slice(first + 1)], 0, literal, from, widest);
  }
}

/** False if a node says something, and that does not begin with the byte. It saves looking further, at most places. */
function mayBegin(node: Node, byte: number, widest: number): boolean {
  switch (node.type) {
    case 'set':
      return sizeOf(node.set) <= widest && has(node.set, byte);
    case 'group':
      return mayBegin(node.body, byte, widest);
    case 'repeat':
      return node.min === 0 || mayBegin(node.body, byte, widest);
    case 'choice':
      return node.parts.some((part) => mayBegin(part, byte, widest));
    case 'sequence': {
      const said = node.parts.findIndex((part) => part.least > 0);
      return node.parts.slice(0, said < 0 ? undefined : said + 1).some((part) => mayBegin(part, byte, widest));
    }
    default:
      return true;
  }
}

/** How many bytes of a literal from `from` on a set says, one after the other. */
function saidBy(set: ByteSet, literal: Uint8Array, from: number, widest: number): number {
  if (sizeOf(set) > widest) return 0;
  let to = from;
  while (to < literal.length && has(set, literal[to]!)) to++;
  return to - from;
}

function copies({ min, max }: { min: number; max: number }): number[] {
  const most = Math.min(max, MOST_COPIES);
  return Array.from({ length: Math.max(most - min, 0) + 1 }, (_, i) => Math.min(min, MOST_COPIES) + i);
}

/** What stands one behind the other, groups opened. */
function partsOf(node: Node): readonly Node[] {
  if (node.type === 'group') return partsOf(node.body);
  if (node.type === 'sequence') return node.parts.flatMap(partsOf);
  return [node];
}
