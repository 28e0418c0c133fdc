/**
 * Literals → dense automaton.
 *
 * Case-insensitive literals go into a trie of their own, in lower case. A state of the automaton is a pair (u, v): the
 * longest suffix of the text that is a path in the exact trie, and the same for the folded one. So each literal keeps its
 * own idea of case and the table alone is exact: nobody has to look at the text again.
 *
 * Pairs are found breadth-first by length = max(depth u, depth v). A step from a pair of length L either lengthens u or
 * v to L + 1, or does what the pair's failure state does; the row of the failure state is complete by then, because it
 * is shorter. Without case-insensitive literals v is always the root, and the pairs are the nodes of one trie.
 */
import {
  A_CLASS, A_CLASSES, A_DEPTHS, A_FIRST, A_HEADER, A_LENGTHS, A_LITERALS, A_LONGEST, A_NEXT, A_OUTPUTS, A_SHIFT,
  A_SHORTEST, A_SIZE, A_STATES, A_TABLE, A_WIDTH, MAGIC, OUTPUT_BYTES, VERSION,
} from './automaton';
import { alloc, allocZero, release } from './heap';
import { addChild, child, node, NODE_BYTE, NODE_CHILD, NODE_DEPTH, NODE_OUTPUT, NODE_SIBLING, trieCreate } from './trie';
import { MALFORMED, OUT_OF_MEMORY, setReason } from './status';

export const LONGEST_LITERAL: u32 = 4096;
export const MOST_LITERALS: u32 = 1 << 20;

/** A pair: exact u32 │ folded u32 │ failure u32 │ link u32 │ renumbered u32 │ length u16 │ own u16 */
const PAIR: usize = 24;
const P_EXACT: usize = 0;
const P_FOLDED: usize = 4;
const P_FAIL: usize = 8;
const P_LINK: usize = 12;
const P_NUMBER: usize = 16;
const P_LENGTH: usize = 20;
const P_OWN: usize = 22;

const classOf = memory.data(256);
const touched = memory.data(256);
const viaExact = memory.data(1024);
const viaFolded = memory.data(1024);

// Working memory of one compilation; `finish` gives all of it back.
let exact: usize = 0;
let folded: usize = 0;
let chain: usize = 0;
let lengths: usize = 0;
let pairs: usize = 0;
let pairCapacity: u32 = 0;
let pairCount: u32 = 0;
let table: usize = 0;
let buckets: usize = 0;
let bucketMask: u32 = 0;
let shift: u32 = 0;
let classes: u32 = 0;
let matching: u32 = 0;
let longest: u32 = 0;
let shortest: u32 = 0;

// @ts-ignore: decorator
@inline function pair(index: u32): usize {
  return pairs + <usize>index * PAIR;
}

// @ts-ignore: decorator
@inline export function isLetter(byte: u32): bool {
  return (byte | 32) - 97 < 26;
}

// @ts-ignore: decorator
@inline export function fold(byte: u32): u32 {
  return byte - 65 < 26 ? byte | 32 : byte;
}

function hasLetter(p: usize, length: u32): bool {
  for (let end = p + length; p < end; p++) if (isLetter(load<u8>(p))) return true;
  return false;
}

/** Checks the whole spec and fills in counts; false if it is malformed. */
function check(spec: usize, bytes: usize): bool {
  if (bytes < 4) return false;
  const count = load<u32>(spec);
  if (count == 0 || count > MOST_LITERALS) return false;
  const end = spec + bytes;
  let p = spec + 4;
  longest = 0;
  shortest = LONGEST_LITERAL;
  for (let i: u32 = 0; i < count; i++) {
    if (end - p < 8) return false;
    const length = load<u32>(p);
    if (length == 0 || length > LONGEST_LITERAL || length > <u32>(end - p - 8) || load<u32>(p, 4) > 1) return false;
    longest = max(longest, length);
    shortest = min(shortest, length);
    p += 8 + length;
  }
  return p == end;
}

function insert(trie: usize, nodes: u32, p: usize, length: u32, isFolded: bool, literal: u32): u32 {
  let at: u32 = 0;
  for (const end = p + length; p < end; p++) {
    const byte = isFolded ? fold(load<u8>(p)) : <u32>load<u8>(p);
    let next = child(trie, at, byte);
    if (!next) {
      next = nodes++;
      addChild(trie, at, byte, next);
    }
    at = next;
  }
  const last = node(trie, at);
  const first = load<u32>(last, NODE_OUTPUT);
  if (first == 0) store<u32>(last, literal + 1, NODE_OUTPUT);
  else {
    // Equal literals: behind the first one, so that the order of reports is the order of the list.
    let before = first - 1;
    while (load<u32>(chain + (<usize>before << 2))) before = load<u32>(chain + (<usize>before << 2)) - 1;
    store<u32>(chain + (<usize>before << 2), literal + 1);
  }
  return nodes;
}

function buildTries(spec: usize): bool {
  const count = load<u32>(spec);
  let exactBytes: usize = 1;
  let foldedBytes: usize = 1;
  let p = spec + 4;
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u32>(p);
    if (load<u32>(p, 4) & 1 && hasLetter(p + 8, length)) foldedBytes += length;
    else exactBytes += length;
    p += 8 + length;
  }
  exact = trieCreate(exactBytes);
  folded = trieCreate(foldedBytes);
  chain = allocZero(<usize>count << 2);
  lengths = alloc(<usize>count << 2);
  if (!exact || !folded || !chain || !lengths) return false;
  let exactNodes: u32 = 1;
  let foldedNodes: u32 = 1;
  p = spec + 4;
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u32>(p);
    store<u32>(lengths + (<usize>i << 2), length);
    if (load<u32>(p, 4) & 1 && hasLetter(p + 8, length)) foldedNodes = insert(folded, foldedNodes, p + 8, length, true, i);
    else exactNodes = insert(exact, exactNodes, p + 8, length, false, i);
    p += 8 + length;
  }
  pairCapacity = exactNodes + foldedNodes;
  if (foldedNodes > 1) {
    bucketMask = (1 << (33 - clz(pairCapacity))) - 1;
    buckets = allocZero((<usize>bucketMask + 1) << 2);
    if (!buckets) return false;
  }
  return markClasses(spec);
}

/** Bytes that no literal tells apart share a class; class 0 is that of the bytes in no literal, if there are any. */
function markClasses(spec: usize): bool {
  const inExact = touched; // reused as a bitmap: bit 0 exact, bit 1 folded
  memory.fill(inExact, 0, 256);
  const count = load<u32>(spec);
  let p = spec + 4;
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u32>(p);
    const isFolded = (load<u32>(p, 4) & 1) && hasLetter(p + 8, length);
    for (let q = p + 8; q < p + 8 + length; q++) {
      const byte = <u32>load<u8>(q);
      if (isFolded) store<u8>(inExact + fold(byte), load<u8>(inExact + fold(byte)) | 2);
      else store<u8>(inExact + byte, load<u8>(inExact + byte) | 1);
    }
    p += 8 + length;
  }
  let plain = false;
  for (let byte: u32 = 0; byte < 256; byte++) {
    if (!(load<u8>(inExact + byte) & 1) && !(load<u8>(inExact + fold(byte)) & 2)) plain = true;
  }
  classes = plain ? 1 : 0;
  for (let byte: u32 = 0; byte < 256; byte++) {
    const isExact = load<u8>(inExact + byte) & 1;
    const isFolded = load<u8>(inExact + fold(byte)) & 2;
    if (!isExact && !isFolded) store<u8>(classOf + byte, 0);
    else if (!isExact && fold(byte) != byte) store<u8>(classOf + byte, 0xff); // as its lower case, below
    else store<u8>(classOf + byte, classes++);
  }
  for (let byte: u32 = 65; byte < 91; byte++) {
    if ((load<u8>(inExact + byte) & 1) || !(load<u8>(inExact + (byte | 32)) & 2)) continue;
    // Lower case used exactly too: then upper case is a class apart.
    store<u8>(classOf + byte, load<u8>(inExact + (byte | 32)) & 1 ? classes++ : load<u8>(classOf + (byte | 32)));
  }
  shift = 0;
  while (<u32>1 << shift < classes) shift++;
  memory.fill(touched, 0, 256);
  return true;
}

function roomForPair(): bool {
  if (pairCount < pairCapacity && pairs) return true;
  const capacity = pairs ? pairCapacity * 2 : pairCapacity;
  const row = <usize>4 << shift;
  if (<u64>capacity * row > 0x7f000000) return false;
  const newPairs = alloc(<usize>capacity * PAIR);
  const newTable = alloc(<usize>capacity * row);
  if (!newPairs || !newTable) {
    release(newPairs);
    release(newTable);
    return false;
  }
  if (pairs) {
    memory.copy(newPairs, pairs, <usize>pairCount * PAIR);
    memory.copy(newTable, table, <usize>pairCount * row);
    release(pairs);
    release(table);
  }
  pairs = newPairs;
  table = newTable;
  pairCapacity = capacity;
  return true;
}

// @ts-ignore: decorator
@inline function bucketOf(u: u32, v: u32): u32 {
  return ((u * 0x9e3779b1) ^ (v * 0x85ebca77) ^ (v >> 15)) & bucketMask;
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

/** Number of the pair (u, v), made if need be; u32.MAX_VALUE when memory is exhausted. */
function intern(u: u32, v: u32, length: u32, failure: u32): u32 {
  let slot: usize = 0;
  if (buckets) {
    if (!rehash()) return u32.MAX_VALUE;
    let b = bucketOf(u, v);
    for (;;) {
      slot = buckets + (<usize>b << 2);
      const found = load<u32>(slot);
      if (!found) break;
      if (load<u32>(pair(found - 1), P_EXACT) == u && load<u32>(pair(found - 1), P_FOLDED) == v) return found - 1;
      b = (b + 1) & bucketMask;
    }
  }
  if (!roomForPair()) return u32.MAX_VALUE;
  const index = pairCount++;
  const at = pair(index);
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
  const link = index == 0 ? 0 : load<u16>(failed, P_OWN) ? failure : load<u32>(failed, P_LINK);
  store<u16>(at, own && index != 0 ? 1 : 0, P_OWN);
  store<u32>(at, link, P_LINK);
  if ((own || link != 0) && index != 0) matching++;
  if (slot) store<u32>(slot, index + 1);
  return index;
}

function touch(via: usize, count: i32, byte: u32, to: u32): i32 {
  const cls = <u32>load<u8>(classOf + byte);
  if (!load<u32>(viaExact + (cls << 2)) && !load<u32>(viaFolded + (cls << 2))) {
    store<u8>(touched + count, cls);
    count++;
  }
  store<u32>(via + (cls << 2), to);
  return count;
}

function buildPairs(): bool {
  pairCount = 0;
  matching = 0;
  const row = <usize>4 << shift;
  if (intern(0, 0, 0, 0) == u32.MAX_VALUE) return false;
  memory.fill(table, 0, row);
  memory.fill(viaExact, 0, 1024);
  memory.fill(viaFolded, 0, 1024);
  for (let i: u32 = 0; i < pairCount; i++) {
    const u = load<u32>(pair(i), P_EXACT);
    const v = load<u32>(pair(i), P_FOLDED);
    const length = <u32>load<u16>(pair(i), P_LENGTH);
    const failure = load<u32>(pair(i), P_FAIL);
    if (i) memory.copy(table + <usize>i * row, table + <usize>failure * row, row);
    let count = 0;
    if (load<u16>(node(exact, u), NODE_DEPTH) == length) {
      for (let c = load<u32>(node(exact, u), NODE_CHILD); c; c = load<u32>(node(exact, c), NODE_SIBLING)) {
        count = touch(viaExact, count, load<u8>(node(exact, c), NODE_BYTE), c);
      }
    }
    if (load<u16>(node(folded, v), NODE_DEPTH) == length) {
      for (let c = load<u32>(node(folded, v), NODE_CHILD); c; c = load<u32>(node(folded, c), NODE_SIBLING)) {
        const byte = <u32>load<u8>(node(folded, c), NODE_BYTE);
        count = touch(viaFolded, count, byte, c);
        if (isLetter(byte)) count = touch(viaFolded, count, byte ^ 32, c);
      }
    }
    for (let k = 0; k < count; k++) {
      const cls = <usize>load<u8>(touched + k);
      const otherwise = i ? load<u32>(table + <usize>i * row + (cls << 2)) : 0;
      let a = load<u32>(viaExact + (cls << 2));
      let b = load<u32>(viaFolded + (cls << 2));
      store<u32>(viaExact + (cls << 2), 0);
      store<u32>(viaFolded + (cls << 2), 0);
      if (!a) a = load<u32>(pair(otherwise), P_EXACT);
      if (!b) b = load<u32>(pair(otherwise), P_FOLDED);
      const to = intern(a, b, length + 1, otherwise);
      if (to == u32.MAX_VALUE) return false;
      store<u32>(table + <usize>i * row + (cls << 2), to);
    }
  }
  return true;
}

// @ts-ignore: decorator
@inline function align16(n: usize): usize {
  return (n + 15) & ~15;
}

/** Numbers the states, matching ones last, and writes the block. */
function write(count: u32): usize {
  const first = pairCount - matching;
  let low: u32 = 0;
  let high = first;
  for (let i: u32 = 0; i < pairCount; i++) {
    const at = pair(i);
    const isMatching = load<u16>(at, P_OWN) != 0 || load<u32>(at, P_LINK) != 0;
    store<u32>(at, isMatching ? high++ : low++, P_NUMBER);
  }
  const width: usize = pairCount <= 0x10000 ? 2 : 4;
  const tableAt = A_HEADER;
  const depthsAt = tableAt + align16((<usize>pairCount << shift) * width);
  const outputsAt = depthsAt + align16(<usize>pairCount * 2);
  const nextAt = outputsAt + align16(<usize>matching * OUTPUT_BYTES);
  const lengthsAt = nextAt + align16(<usize>count * 4);
  const size = lengthsAt + align16(<usize>count * 4);
  const a = alloc(size);
  if (!a) return 0;
  memory.fill(a, 0, A_HEADER);
  store<u32>(a, MAGIC);
  store<u32>(a, VERSION, 4);
  store<u32>(a, <u32>size, A_SIZE);
  store<u32>(a, count, A_LITERALS);
  store<u32>(a, pairCount, A_STATES);
  store<u32>(a, first, A_FIRST);
  store<u32>(a, classes, A_CLASSES);
  store<u32>(a, shift, A_SHIFT);
  store<u32>(a, <u32>width, A_WIDTH);
  store<u32>(a, longest, A_LONGEST);
  store<u32>(a, shortest, A_SHORTEST);
  store<u32>(a, <u32>tableAt, A_TABLE);
  store<u32>(a, <u32>depthsAt, A_DEPTHS);
  store<u32>(a, <u32>outputsAt, A_OUTPUTS);
  store<u32>(a, <u32>nextAt, A_NEXT);
  store<u32>(a, <u32>lengthsAt, A_LENGTHS);
  memory.copy(a + A_CLASS, classOf, 256);
  memory.copy(a + nextAt, chain, <usize>count * 4);
  memory.copy(a + lengthsAt, lengths, <usize>count * 4);
  for (let i: u32 = 0; i < pairCount; i++) {
    const at = pair(i);
    const number = load<u32>(at, P_NUMBER);
    const length = load<u16>(at, P_LENGTH);
    store<u16>(a + depthsAt + <usize>number * 2, length);
    const from = table + (<usize>i << shift) * 4;
    const to = a + tableAt + (<usize>number << shift) * width;
    for (let c: usize = 0; c < <usize>1 << shift; c++) {
      const target = c < <usize>classes ? load<u32>(pair(load<u32>(from + c * 4)), P_NUMBER) : 0;
      if (width == 2) store<u16>(to + c * 2, target);
      else store<u32>(to + c * 4, target);
    }
    if (number < first) continue;
    const out = a + outputsAt + <usize>(number - first) * OUTPUT_BYTES;
    const e = node(exact, load<u32>(at, P_EXACT));
    const f = node(folded, load<u32>(at, P_FOLDED));
    store<u32>(out, load<u16>(e, NODE_DEPTH) == length ? load<u32>(e, NODE_OUTPUT) : 0);
    store<u32>(out, load<u16>(f, NODE_DEPTH) == length ? load<u32>(f, NODE_OUTPUT) : 0, 4);
    const link = load<u32>(at, P_LINK);
    store<u32>(out, link ? load<u32>(pair(link), P_NUMBER) : 0, 8);
  }
  return a;
}

function finish(): void {
  release(exact);
  release(folded);
  release(chain);
  release(lengths);
  release(pairs);
  release(table);
  release(buckets);
  exact = folded = chain = lengths = pairs = table = buckets = 0;
}

/**
 * `spec`: count u32, then per literal: length u32, flags u32 (bit 0: ASCII case-insensitive), bytes. Returns the automaton,
 * or 0 with `status.reason` = MALFORMED or OUT_OF_MEMORY.
 */
export function compile(spec: usize, bytes: usize): usize {
  setReason(MALFORMED);
  if (!check(spec, bytes)) return 0;
  setReason(OUT_OF_MEMORY);
  const a = buildTries(spec) && buildPairs() ? write(load<u32>(spec)) : 0;
  finish();
  if (a) setReason(0);
  return a;
}
