/** Writes the automaton, drawn in automaton.ts, from the pairs. */
import {
  A_CLASS, A_CLASSES, A_DEPTHS, A_EDGES, A_FAIL, A_FIRST, A_HEADER, A_LENGTHS, A_LITERALS, A_LONGEST, A_NEXT, A_OUTPUTS,
  A_SHIFT, A_SHORTEST, A_SIZE, A_STATES, A_TABLE, A_TEXT_AT, A_TEXTS, A_WIDTH, FOLDED, MAGIC, OUTPUT_BYTES, SPARSE, VERSION,
} from './automaton';
import { align16, fold } from './bytes';
import { classes, classOf, shift } from './classes';
import { alloc } from './heap';
import {
  edgeAt, edgeCount, isMatching, matching, P_EDGES, P_EXACT, P_FAIL, P_FIRST_EDGE, P_FOLDED, P_LENGTH, P_LINK, P_NUMBER, pair,
  pairCount, pairStep,
} from './pairs';
import { isFoldedAt, lengthAt, literals, longest, shortest, textBytes } from './spec';
import { chain, exact, folded, node, NODE_DEPTH, NODE_OUTPUT } from './trie';

/** Above this many bytes a table is not worth its memory, and the sparse form is written. */
export const DENSE_LIMIT: usize = 16 << 20;

let size: usize = 0;

/** Room for one part; returns its offset. */
function place(bytes: usize): u32 {
  const at = size;
  size += align16(bytes);
  return <u32>at;
}

/** Matching states get the highest numbers, so that one comparison tells them. */
function numberPairs(): void {
  let low: u32 = 0;
  let high = pairCount - matching;
  for (let i: u32 = 0; i < pairCount; i++) store<u32>(pair(i), isMatching(pair(i)) ? high++ : low++, P_NUMBER);
}

// @ts-ignore: decorator
@inline function numberOf(index: u32): u32 {
  return load<u32>(pair(index), P_NUMBER);
}

/** Row by row: that of the failure state, which is shorter and so already there, with the state's own edges on top. */
function writeTable<T>(table: usize): void {
  const row = sizeof<T>() << shift;
  memory.fill(table, 0, row);
  for (let i: u32 = 0; i < pairCount; i++) {
    const at = pair(i);
    const to = table + <usize>load<u32>(at, P_NUMBER) * row;
    if (i) memory.copy(to, table + <usize>numberOf(load<u32>(at, P_FAIL)) * row, row);
    let edge = edgeAt(load<u32>(at, P_FIRST_EDGE));
    for (let n = load<u16>(at, P_EDGES); n; n--, edge += 8) {
      store<T>(to + <usize>load<u32>(edge, 4) * sizeof<T>(), <T>numberOf(load<u32>(edge)));
    }
  }
}

function writeSparse(firsts: usize, edges: usize, fails: usize): void {
  // Sizes first, at their state's number; then a running sum.
  store<u32>(firsts, 0);
  for (let i: u32 = 0; i < pairCount; i++) {
    const at = pair(i);
    store<u32>(firsts + ((<usize>load<u32>(at, P_NUMBER)) << 2), i ? <u32>load<u16>(at, P_EDGES) : classes, 4);
    store<u32>(fails + ((<usize>load<u32>(at, P_NUMBER)) << 2), numberOf(load<u32>(at, P_FAIL)));
  }
  for (let s: usize = 0; s < <usize>pairCount; s++) {
    store<u32>(firsts + (s << 2), load<u32>(firsts + (s << 2)) + load<u32>(firsts + (s << 2), 4), 4);
  }
  for (let cls: u32 = 0; cls < classes; cls++) store<u32>(edges + (cls << 2), (numberOf(pairStep(0, cls)) << 8) | cls);
  for (let i: u32 = 1; i < pairCount; i++) {
    const at = pair(i);
    let to = edges + ((<usize>load<u32>(firsts + ((<usize>load<u32>(at, P_NUMBER)) << 2))) << 2);
    let edge = edgeAt(load<u32>(at, P_FIRST_EDGE));
    for (let n = load<u16>(at, P_EDGES); n; n--, edge += 8, to += 4) {
      store<u32>(to, (numberOf(load<u32>(edge)) << 8) | load<u32>(edge, 4));
    }
  }
}

function writeOutputs(depths: usize, outputs: usize): void {
  const first = pairCount - matching;
  for (let i: u32 = 0; i < pairCount; i++) {
    const at = pair(i);
    const number = load<u32>(at, P_NUMBER);
    const length = load<u16>(at, P_LENGTH);
    store<u16>(depths + ((<usize>number) << 1), length);
    if (number < first) continue;
    const out = outputs + <usize>(number - first) * OUTPUT_BYTES;
    const e = node(exact, load<u32>(at, P_EXACT));
    const f = node(folded, load<u32>(at, P_FOLDED));
    store<u32>(out, load<u16>(e, NODE_DEPTH) == length ? load<u32>(e, NODE_OUTPUT) : 0);
    store<u32>(out, load<u16>(f, NODE_DEPTH) == length ? load<u32>(f, NODE_OUTPUT) : 0, 4);
    const link = load<u32>(at, P_LINK);
    store<u32>(out, link ? numberOf(link) : 0, 8);
  }
}

function writeTexts(spec: usize, texts: usize, lengths: usize, textAt: usize): void {
  let p = spec + 4;
  let at: usize = 0;
  for (let i: usize = 0; i < <usize>literals; i++) {
    const length = lengthAt(p);
    const lower = isFoldedAt(p);
    store<u32>(lengths + (i << 2), lower ? length | FOLDED : length);
    store<u32>(textAt + (i << 2), <u32>at);
    for (let k: usize = 0; k < <usize>length; k++) {
      const byte = <u32>load<u8>(p + 8 + k);
      store<u8>(texts + at + k, lower ? fold(byte) : byte);
    }
    at += length;
    p += 8 + length;
  }
}

/** The automaton, or 0 when memory is exhausted. */
export function emit(spec: usize): usize {
  numberPairs();
  let width: usize = pairCount <= 0x10000 ? 2 : 4;
  const states: usize = pairCount;
  if ((states << shift) * width > DENSE_LIMIT) width = SPARSE;
  size = A_HEADER;
  const table = place(width == SPARSE ? (states + 1) << 2 : (states << shift) * width);
  const depths = place(states << 1);
  const outputs = place(<usize>matching * OUTPUT_BYTES);
  const next = place(<usize>literals << 2);
  const lengths = place(<usize>literals << 2);
  const textAt = place(<usize>literals << 2);
  // Whole words are loaded from texts: the last one must not reach past the block.
  const texts = place(textBytes + 8);
  const fails = width == SPARSE ? place(states << 2) : 0;
  const edges = width == SPARSE ? place(<usize>(edgeCount + classes) << 2) : 0;
  const a = alloc(size);
  if (!a) return 0;
  memory.fill(a, 0, A_HEADER);
  store<u32>(a, MAGIC);
  store<u32>(a, VERSION, 4);
  store<u32>(a, <u32>size, A_SIZE);
  store<u32>(a, literals, A_LITERALS);
  store<u32>(a, pairCount, A_STATES);
  store<u32>(a, pairCount - matching, A_FIRST);
  store<u32>(a, classes, A_CLASSES);
  store<u32>(a, shift, A_SHIFT);
  store<u32>(a, <u32>width, A_WIDTH);
  store<u32>(a, longest, A_LONGEST);
  store<u32>(a, shortest, A_SHORTEST);
  store<u32>(a, table, A_TABLE);
  store<u32>(a, depths, A_DEPTHS);
  store<u32>(a, outputs, A_OUTPUTS);
  store<u32>(a, next, A_NEXT);
  store<u32>(a, texts, A_TEXTS);
  store<u32>(a, lengths, A_LENGTHS);
  store<u32>(a, textAt, A_TEXT_AT);
  store<u32>(a, fails, A_FAIL);
  store<u32>(a, edges, A_EDGES);
  memory.copy(a + A_CLASS, classOf, 256);
  memory.copy(a + next, chain, <usize>literals << 2);
  memory.fill(a + texts + textBytes, 0, 8);
  if (width == 2) writeTable<u16>(a + table);
  else if (width == 4) writeTable<u32>(a + table);
  else writeSparse(a + table, a + edges, a + fails);
  writeOutputs(a + depths, a + outputs);
  writeTexts(spec, a + texts, a + lengths, a + textAt);
  return a;
}
