/**
 * The states of the automaton.
 *
 * Case-insensitive literals have a trie of their own, in lower case. A state is a pair (u, v): the longest suffix of the
 * text that is a path in the exact trie, and the same for the folded one. So each literal keeps its own idea of case and
 * the states alone are exact: nobody has to look at the text again.
 *
 * Pairs are found breadth-first by length = max(depth u, depth v). A step from a pair of length L either lengthens u or
 * v to L + 1 (an edge), or does what the pair's failure state does. The failure state is shorter, so its steps are known
 * by then. Without case-insensitive literals v is always the root, and the pairs are the nodes of one trie.
 *
 *   pair, 32 bytes: exact u32 │ folded u32 │ failure u32 │ link u32 │ number u32 │ first edge u32 │ edges u16 │ length u16
 *                   │ own u32 (1: literals end here that are as long as the pair)
 *   edge, 8 bytes:  pair u32 │ class u32
 */
import { isLetter } from './bytes';
import { classOf } from './classes';
import { alloc, allocZero, release } from './heap';
import { exact, exactNodes, folded, foldedNodes, node, NODE_BYTE, NODE_CHILD, NODE_DEPTH, NODE_OUTPUT, NODE_SIBLING } from './trie';

const PAIR: usize = 32;
export const P_EXACT: usize = 0;
export const P_FOLDED: usize = 4;
export const P_FAIL: usize = 8;
export const P_LINK: usize = 12;
export const P_NUMBER: usize = 16;
export const P_FIRST_EDGE: usize = 20;
export const P_EDGES: usize = 24;
export const P_LENGTH: usize = 26;
export const P_OWN: usize = 28;

const NONE: u32 = u32.MAX_VALUE;
/** As many as the 24 bits of a sparse edge can number. */
const MOST_PAIRS: u32 = 1 << 24;

const touched = memory.data(256);
const viaExact = memory.data(1024);
const viaFolded = memory.data(1024);
const rootStep = memory.data(1024);

let pairs: usize = 0;
let capacity: u32 = 0;
let edges: usize = 0;
let edgeCapacity: u32 = 0;
let buckets: usize = 0;
let bucketMask: u32 = 0;
export let pairCount: u32 = 0;
export let edgeCount: u32 = 0;
/** Pairs in which at least one literal ends. */
export let matching: u32 = 0;

// @ts-ignore: decorator
@inline export function pair(index: u32): usize {
  return pairs + <usize>index * PAIR;
}

// @ts-ignore: decorator
@inline export function edgeAt(index: u32): usize {
  return edges + ((<usize>index) << 3);
}

export function isMatching(at: usize): bool {
  return load<u32>(at, P_OWN) != 0 || load<u32>(at, P_LINK) != 0;
}

/** `bytes` at `old` moved to a block of `size`; 0, and `old` untouched, when memory is exhausted. */
function enlarge(old: usize, bytes: usize, size: usize): usize {
  const block = alloc(size);
  if (!block) return 0;
  memory.copy(block, old, bytes);
  release(old);
  return block;
}

function rehash(): bool {
  if (pairCount * 2 <= bucketMask) return true;
  const mask = bucketMask * 2 + 1;
  const bigger = allocZero((<usize>mask + 1) << 2);
  if (!bigger) return false;
  release(buckets);
  buckets = bigger;
  bucketMask = mask;
  for (let i: u32 = 0; i < pairCount; i++) {
    let b = bucketOf(load<u32>(pair(i), P_EXACT), load<u32>(pair(i), P_FOLDED));
    while (load<u32>(buckets + (<usize>b << 2))) b = (b + 1) & bucketMask;
    store<u32>(buckets + (<usize>b << 2), i + 1);
  }
  return true;
}

// @ts-ignore: decorator
@inline function bucketOf(u: u32, v: u32): u32 {
  const h = (u * 0x9e3779b1) ^ (v * 0x85ebca77);
  return (h ^ (h >> 15)) & bucketMask;
}

/** Number of the pair (u, v), made if need be; NONE when memory is exhausted. */
function intern(u: u32, v: u32, length: u32, failure: u32): u32 {
  let slot: usize = 0;
  if (buckets) {
    if (!rehash()) return NONE;
    let b = bucketOf(u, v);
    for (;;) {
      slot = buckets + (<usize>b << 2);
      const found = load<u32>(slot);
      if (!found) break;
      if (load<u32>(pair(found - 1), P_EXACT) == u && load<u32>(pair(found - 1), P_FOLDED) == v) return found - 1;
      b = (b + 1) & bucketMask;
    }
  }
  if (pairCount == capacity) {
    if (capacity * 2 > MOST_PAIRS) return NONE;
    const bigger = enlarge(pairs, <usize>capacity * PAIR, <usize>capacity * 2 * PAIR);
    if (!bigger) return NONE;
    pairs = bigger;
    capacity *= 2;
  }
  const index = pairCount++;
  const at = pair(index);
  memory.fill(at, 0, PAIR);
  if (slot) store<u32>(slot, index + 1);
  if (index == 0) return 0;
  store<u32>(at, u, P_EXACT);
  store<u32>(at, v, P_FOLDED);
  store<u32>(at, failure, P_FAIL);
  store<u16>(at, length, P_LENGTH);
  const e = node(exact, u);
  const f = node(folded, v);
  const own =
    (load<u16>(e, NODE_DEPTH) == length && load<u32>(e, NODE_OUTPUT) != 0) ||
    (load<u16>(f, NODE_DEPTH) == length && load<u32>(f, NODE_OUTPUT) != 0);
  const failed = pair(failure);
  store<u32>(at, own ? 1 : 0, P_OWN);
  store<u32>(at, load<u32>(failed, P_OWN) ? failure : load<u32>(failed, P_LINK), P_LINK);
  if (isMatching(at)) matching++;
  return index;
}

/** The step from pair `from`, whose edges and whose failure states' edges are complete. */
export function pairStep(from: u32, cls: u32): u32 {
  while (from) {
    const at = pair(from);
    let edge = edgeAt(load<u32>(at, P_FIRST_EDGE));
    for (let n = load<u16>(at, P_EDGES); n; n--, edge += 8) if (load<u32>(edge, 4) == cls) return load<u32>(edge);
    from = load<u32>(at, P_FAIL);
  }
  return load<u32>(rootStep + (cls << 2));
}

function touch(via: usize, count: i32, byte: u32, to: u32): i32 {
  const cls = <u32>load<u8>(classOf + byte);
  if (!load<u32>(viaExact + (cls << 2)) && !load<u32>(viaFolded + (cls << 2))) store<u8>(touched + count++, cls);
  store<u32>(via + (cls << 2), to);
  return count;
}

/** Collects the trie edges that lengthen pair `i` in `touched`, `viaExact` and `viaFolded`. */
function collect(i: u32): i32 {
  const length = load<u16>(pair(i), P_LENGTH);
  const u = node(exact, load<u32>(pair(i), P_EXACT));
  const v = node(folded, load<u32>(pair(i), P_FOLDED));
  let count = 0;
  if (load<u16>(u, NODE_DEPTH) == length) {
    for (let c = load<u32>(u, NODE_CHILD); c; c = load<u32>(node(exact, c), NODE_SIBLING)) {
      count = touch(viaExact, count, load<u8>(node(exact, c), NODE_BYTE), c);
    }
  }
  if (load<u16>(v, NODE_DEPTH) == length) {
    for (let c = load<u32>(v, NODE_CHILD); c; c = load<u32>(node(folded, c), NODE_SIBLING)) {
      const byte = <u32>load<u8>(node(folded, c), NODE_BYTE);
      count = touch(viaFolded, count, byte, c);
      if (isLetter(byte)) count = touch(viaFolded, count, byte ^ 32, c);
    }
  }
  return count;
}

function addEdges(i: u32): bool {
  const count = collect(i);
  if (edgeCount + count > edgeCapacity) {
    const bigger = enlarge(edges, <usize>edgeCount * 8, (<usize>edgeCapacity * 2 + 256) * 8);
    if (!bigger) return false;
    edges = bigger;
    edgeCapacity = edgeCapacity * 2 + 256;
  }
  store<u32>(pair(i), edgeCount, P_FIRST_EDGE);
  const length = <u32>load<u16>(pair(i), P_LENGTH);
  const failure = load<u32>(pair(i), P_FAIL);
  for (let k = 0; k < count; k++) {
    const cls = <u32>load<u8>(touched + k);
    const otherwise = i ? pairStep(failure, cls) : 0;
    let u = load<u32>(viaExact + (cls << 2));
    let v = load<u32>(viaFolded + (cls << 2));
    store<u32>(viaExact + (cls << 2), 0);
    store<u32>(viaFolded + (cls << 2), 0);
    if (!u) u = load<u32>(pair(otherwise), P_EXACT);
    if (!v) v = load<u32>(pair(otherwise), P_FOLDED);
    const to = intern(u, v, length + 1, otherwise);
    if (to == NONE) return false;
    store<u32>(edgeAt(edgeCount), to);
    store<u32>(edgeAt(edgeCount), cls, 4);
    edgeCount++;
    if (!i) store<u32>(rootStep + (cls << 2), to);
  }
  store<u16>(pair(i), count, P_EDGES);
  return true;
}

/** Finds all pairs from the two tries; false when memory is exhausted. */
export function buildPairs(): bool {
  capacity = exactNodes + foldedNodes;
  edgeCapacity = capacity;
  pairCount = edgeCount = matching = 0;
  pairs = alloc(<usize>capacity * PAIR);
  edges = alloc(<usize>edgeCapacity * 8);
  if (!pairs || !edges) return false;
  if (foldedNodes > 1) {
    bucketMask = (1 << (33 - clz(capacity))) - 1;
    buckets = allocZero((<usize>bucketMask + 1) << 2);
    if (!buckets) return false;
  }
  memory.fill(rootStep, 0, 1024);
  memory.fill(viaExact, 0, 1024);
  memory.fill(viaFolded, 0, 1024);
  if (intern(0, 0, 0, 0) == NONE) return false;
  for (let i: u32 = 0; i < pairCount; i++) if (!addEdges(i)) return false;
  return true;
}

export function freePairs(): void {
  release(pairs);
  release(edges);
  release(buckets);
  pairs = edges = buckets = 0;
}
