import type { ByteSet } from './byte-set.js';

/** Assertions: true or false between two bytes, whatever is matched. */
export const TEXT_START = 0;
export const TEXT_END = 1;
export const LINE_START = 2;
export const LINE_END = 3;
export const WORD_BORDER = 4;
export const NO_WORD_BORDER = 5;

/** The syntax tree. Sizes are known bottom up, so that what is too large is refused before anything is built of it. */
export type Node = Size &
  (
    | { readonly type: 'empty' }
    | { readonly type: 'set'; readonly set: ByteSet }
    | { readonly type: 'assert'; readonly assertion: number }
    | { readonly type: 'group'; readonly body: Node; readonly index: number }
    | { readonly type: 'sequence'; readonly parts: readonly Node[] }
    | { readonly type: 'choice'; readonly parts: readonly Node[] }
    | {
        readonly type: 'repeat';
        readonly body: Node;
        readonly min: number;
        readonly max: number;
        readonly greedy: boolean;
      }
  );

interface Size {
  /** Instructions of the program, at least 1: the work of building it is bounded as well. */
  readonly instructions: number;
  /** Bytes of the shortest match, and of the longest, maybe Infinity. */
  readonly least: number;
  readonly most: number;
}

export const EMPTY: Node = { type: 'empty', instructions: 1, least: 0, most: 0 };

export function set(bytes: ByteSet): Node {
  return { type: 'set', set: bytes, instructions: 1, least: 1, most: 1 };
}

export function assert(assertion: number): Node {
  return { type: 'assert', assertion, instructions: 1, least: 0, most: 0 };
}

export function group(body: Node, index: number): Node {
  return { type: 'group', body, index, instructions: body.instructions + 2, least: body.least, most: body.most };
}

export function sequence(parts: readonly Node[]): Node {
  if (parts.length === 0) return EMPTY;
  if (parts.length === 1) return parts[0]!;
  let instructions = 0;
  let least = 0;
  let most = 0;
  for (const part of parts) {
    instructions += part.instructions;
    least += part.least;
    most += part.most;
  }
  return { type: 'sequence', parts, instructions, least, most };
}

export function choice(parts: readonly Node[]): Node {
  if (parts.length === 1) return parts[0]!;
  let instructions = parts.length - 1;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const part of parts) {
    instructions += part.instructions;
    least = Math.min(least, part.least);
    most = Math.max(most, part.most);
  }
  return { type: 'choice', parts, instructions, least, most };
}

/** `body` from `min` to `max` times; `max` may be Infinity. Greedy ones prefer more. */
export function repeat(body: Node, min: number, max: number, greedy: boolean): Node {
  const bounded = max < Number.POSITIVE_INFINITY;
  const copies = bounded ? max : Math.max(min, 1);
  return {
    type: 'repeat',
    body,
    min,
    max,
    greedy,
    instructions: 1 + copies * body.instructions + (bounded ? max - min : 1),
    least: min * body.least,
    most: body.most === 0 || max === 0 ? 0 : max * body.most,
  };
}
