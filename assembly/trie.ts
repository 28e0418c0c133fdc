/**
 * Tries of the literals, the scaffold of the compiler: one for exact literals, one, in lower case, for case-insensitive
 * ones. Nodes are numbered as they are made; node 0 is the root.
 *
 *   node, 16 bytes: first child u32 │ next sibling u32 │ output u32 │ depth u16 │ byte u8 │ 0
 *
 * `output`: 1 + the first literal that ends here, 0 for none; `chain` leads from a literal to the next equal one.
 */
import { fold } from './bytes';
import { allocZero, release } from './heap';
import { isFoldedAt, lengthAt, literals } from './spec';

export const NODE: usize = 16;
export const NODE_CHILD: usize = 0;
export const NODE_SIBLING: usize = 4;
export const NODE_OUTPUT: usize = 8;
export const NODE_DEPTH: usize = 12;
export const NODE_BYTE: usize = 14;

export let exact: usize = 0;
export let exactNodes: u32 = 0;
export let folded: usize = 0;
export let foldedNodes: u32 = 0;
/** u32 × literals: 1 + the next equal literal, 0 for none. */
export let chain: usize = 0;
/** u32 × literals: the last literal of the chain that a literal heads. */
let chainEnd: usize = 0;

// @ts-ignore: decorator
@inline export function node(trie: usize, index: u32): usize {
  return trie + <usize>index * NODE;
}

function child(trie: usize, parent: usize, byte: u32): u32 {
  let index = load<u32>(parent, NODE_CHILD);
  while (index != 0 && load<u8>(node(trie, index), NODE_BYTE) != byte) index = load<u32>(node(trie, index), NODE_SIBLING);
  return index;
}

/** Adds one literal to a trie of `nodes` nodes; returns how many there are now. */
function insert(trie: usize, nodes: u32, p: usize, length: u32, lower: bool, literal: u32): u32 {
  let at = trie;
  for (const end = p + length; p < end; p++) {
    const byte = lower ? fold(load<u8>(p)) : <u32>load<u8>(p);
    let next = child(trie, at, byte);
    if (!next) {
      next = nodes++;
      const made = node(trie, next);
      store<u32>(made, load<u32>(at, NODE_CHILD), NODE_SIBLING);
      store<u16>(made, load<u16>(at, NODE_DEPTH) + 1, NODE_DEPTH);
      store<u8>(made, byte, NODE_BYTE);
      store<u32>(at, next, NODE_CHILD);
    }
    at = node(trie, next);
  }
  const first = load<u32>(at, NODE_OUTPUT);
  if (first == 0) {
    store<u32>(at, literal + 1, NODE_OUTPUT);
    store<u32>(chainEnd + (<usize>literal << 2), literal);
  } else {
    const head = chainEnd + (<usize>(first - 1) << 2);
    store<u32>(chain + (<usize>load<u32>(head) << 2), literal + 1);
    store<u32>(head, literal);
  }
  return nodes;
}

/** False when memory is exhausted. */
export function buildTries(spec: usize): bool {
  let exactBytes: usize = 1;
  let foldedBytes: usize = 1;
  let p = spec + 4;
  for (let i: u32 = 0; i < literals; i++) {
    if (isFoldedAt(p)) foldedBytes += lengthAt(p);
    else exactBytes += lengthAt(p);
    p += 8 + lengthAt(p);
  }
  exact = allocZero(exactBytes * NODE);
  folded = allocZero(foldedBytes * NODE);
  chain = allocZero(<usize>literals << 2);
  chainEnd = allocZero(<usize>literals << 2);
  if (!exact || !folded || !chain || !chainEnd) return false;
  exactNodes = foldedNodes = 1;
  p = spec + 4;
  for (let i: u32 = 0; i < literals; i++) {
    const length = lengthAt(p);
    if (isFoldedAt(p)) foldedNodes = insert(folded, foldedNodes, p + 8, length, true, i);
    else exactNodes = insert(exact, exactNodes, p + 8, length, false, i);
    p += 8 + length;
  }
  return true;
}

export function freeTries(): void {
  release(exact);
  release(folded);
  release(chain);
  release(chainEnd);
  exact = folded = chain = chainEnd = 0;
}
