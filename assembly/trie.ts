/**
 * Trie of literals, the scaffold of the compiler. Nodes are numbered as they are made; node 0 is the root.
 *
 *   node, 16 bytes: first child u32 │ next sibling u32 │ output u32 │ depth u16 │ byte u8 │ 0
 *
 * `output`: 1 + the first literal that ends here, 0 for none.
 */
import { allocZero } from './heap';

export const NODE: usize = 16;
export const NODE_CHILD: usize = 0;
export const NODE_SIBLING: usize = 4;
export const NODE_OUTPUT: usize = 8;
export const NODE_DEPTH: usize = 12;
export const NODE_BYTE: usize = 14;

// @ts-ignore: decorator
@inline export function node(trie: usize, index: u32): usize {
  return trie + <usize>index * NODE;
}

/** Room for `nodes` nodes, the root among them; 0 when memory is exhausted. */
export function trieCreate(nodes: usize): usize {
  return allocZero(nodes * NODE);
}

export function child(trie: usize, parent: u32, byte: u32): u32 {
  let index = load<u32>(node(trie, parent), NODE_CHILD);
  while (index != 0 && load<u8>(node(trie, index), NODE_BYTE) != byte) index = load<u32>(node(trie, index), NODE_SIBLING);
  return index;
}

/** Adds a child that is not there yet, as node number `index`. */
export function addChild(trie: usize, parent: u32, byte: u32, index: u32): void {
  const at = node(trie, parent);
  const made = node(trie, index);
  store<u32>(made, load<u32>(at, NODE_CHILD), NODE_SIBLING);
  store<u16>(made, load<u16>(at, NODE_DEPTH) + 1, NODE_DEPTH);
  store<u8>(made, byte, NODE_BYTE);
  store<u32>(at, index, NODE_CHILD);
}
