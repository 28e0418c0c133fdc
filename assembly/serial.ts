/**
 * The serial form of an automaton: its block as drawn in automaton.ts, little-endian, with `prefilter` 0 and at offset 84 a
 * checksum (FNV-1a over 32-bit words, taken while the checksum is 0). The prefilter is made anew from the literals.
 *
 * A block from outside is believed nothing. After `isSound` every number that a walk follows stays inside of the block, every
 * chain ends, and no state is deeper than the bytes that led to it, so no match begins before the text.
 */
import {
  A_CLASS, A_CLASSES, A_DEPTHS, A_EDGES, A_FAIL, A_FIRST, A_HEADER, A_LENGTHS, A_LITERALS, A_LONGEST, A_NEXT, A_OUTPUTS,
  A_PREFILTER, A_SHIFT, A_SHORTEST, A_SIZE, A_STATES, A_TABLE, A_TEXT_AT, A_TEXTS, A_WIDTH, byteSize, depthOf, FOLDED,
  LENGTH_MASK, lengthOf, lengthWord, MAGIC, OUTPUT_BYTES, SPARSE, VERSION,
} from './automaton';
import { free } from './compile';
import { alloc, release } from './heap';
import { prefilterBuild } from './prefilter';
import { LONGEST_LITERAL, MOST_LITERALS } from './spec';
import { DONE, MALFORMED, OUT_OF_MEMORY, setReason } from './status';

const A_CHECKSUM: usize = 84;
const MOST_STATES: u32 = 1 << 24;

function checksum(a: usize, size: usize): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let i: usize = 0; i < size; i += 4) hash = (hash ^ load<u32>(a + i)) * 0x01000193;
  return hash;
}

/** Writes the serial form, `byteSize(a)` bytes, to `to`. */
export function save(a: usize, to: usize): void {
  const size = <usize>byteSize(a);
  memory.copy(to, a, size);
  store<u32>(to, 0, A_PREFILTER);
  store<u32>(to, 0, A_CHECKSUM);
  store<u32>(to, checksum(to, size), A_CHECKSUM);
}

/** True if `count` items of `bytes` bytes at the offset in header field `field` are inside of the block. */
function holds(a: usize, field: usize, count: u64, bytes: u64): bool {
  const at = <u64>load<u32>(a + field);
  return at >= <u64>A_HEADER && (at & 15) == 0 && at + count * bytes <= <u64>load<u32>(a, A_SIZE);
}

function isHeaderSound(a: usize): bool {
  const literals = load<u32>(a, A_LITERALS);
  const states = load<u32>(a, A_STATES);
  const first = load<u32>(a, A_FIRST);
  const classes = load<u32>(a, A_CLASSES);
  const shift = load<u32>(a, A_SHIFT);
  const width = load<u32>(a, A_WIDTH);
  if (load<u32>(a) != MAGIC || load<u32>(a, 4) != VERSION || load<u32>(a, A_PREFILTER) != 0) return false;
  if (literals == 0 || literals > MOST_LITERALS || states == 0 || states > MOST_STATES) return false;
  if (first == 0 || first > states || classes == 0 || classes > 256 || shift > 8 || <u32>1 << shift < classes) return false;
  if (width != 2 && width != 4 && width != SPARSE) return false;
  for (let byte: usize = 0; byte < 256; byte++) if (load<u8>(a + A_CLASS + byte) >= classes) return false;
  return (
    holds(a, A_TABLE, width == SPARSE ? <u64>states + 1 : <u64>states << shift, width == SPARSE ? 4 : width) &&
    holds(a, A_DEPTHS, states, 2) &&
    holds(a, A_OUTPUTS, states - first, OUTPUT_BYTES) &&
    holds(a, A_NEXT, literals, 4) &&
    holds(a, A_LENGTHS, literals, 4) &&
    holds(a, A_TEXT_AT, literals, 4) &&
    holds(a, A_TEXTS, 8, 1)
  );
}

function areLiteralsSound(a: usize): bool {
  const literals = load<u32>(a, A_LITERALS);
  const textBytes = load<u32>(a, A_SIZE) - load<u32>(a, A_TEXTS) - 8;
  let longest: u32 = 0;
  let shortest: u32 = LONGEST_LITERAL;
  for (let i: u32 = 0; i < literals; i++) {
    const length = lengthOf(a, i);
    if (length == 0 || length > LONGEST_LITERAL || lengthWord(a, i) & ~(FOLDED | LENGTH_MASK)) return false;
    const at = load<u32>(a + load<u32>(a, A_TEXT_AT) + ((<usize>i) << 2));
    if (<u64>at + <u64>length > <u64>textBytes) return false;
    const next = load<u32>(a + load<u32>(a, A_NEXT) + ((<usize>i) << 2));
    // A chain leads upwards, among literals of one length.
    if (next && (next > literals || next - 1 <= i || lengthOf(a, next - 1) != length)) return false;
    longest = max(longest, length);
    shortest = min(shortest, length);
  }
  return longest == load<u32>(a, A_LONGEST) && shortest == load<u32>(a, A_SHORTEST);
}

/** True if a step from a state of depth `from` may lead to `target`. */
// @ts-ignore: decorator
@inline function mayLead(a: usize, from: u32, target: u32): bool {
  return target < load<u32>(a, A_STATES) && depthOf(a, target) <= from + 1;
}

function isTableSound<T>(a: usize): bool {
  const states = load<u32>(a, A_STATES);
  const shift = load<u32>(a, A_SHIFT);
  let at = a + load<u32>(a, A_TABLE);
  for (let s: u32 = 0; s < states; s++) {
    const depth = depthOf(a, s);
    for (const end = at + (sizeof<T>() << shift); at < end; at += sizeof<T>()) {
      if (!mayLead(a, depth, <u32>load<T>(at))) return false;
    }
  }
  return true;
}

function isSparseSound(a: usize): bool {
  const states = load<u32>(a, A_STATES);
  const classes = load<u32>(a, A_CLASSES);
  const firsts = a + load<u32>(a, A_TABLE);
  const edgeCount = load<u32>(firsts + ((<usize>states) << 2));
  if (!holds(a, A_EDGES, edgeCount, 4) || !holds(a, A_FAIL, states, 4)) return false;
  const edges = a + load<u32>(a, A_EDGES);
  if (load<u32>(firsts) != 0 || load<u32>(firsts, 4) != classes) return false;
  for (let s: u32 = 0; s < states; s++) {
    const from = load<u32>(firsts + ((<usize>s) << 2));
    const to = load<u32>(firsts + ((<usize>s) << 2), 4);
    const depth = depthOf(a, s);
    if (from > to || to > edgeCount) return false;
    for (let e = from; e < to; e++) if (!mayLead(a, depth, load<u32>(edges + ((<usize>e) << 2)) >> 8)) return false;
    // Failure states are shorter, so that asking them ends at the root.
    const fail = load<u32>(a + load<u32>(a, A_FAIL) + ((<usize>s) << 2));
    if (s != 0 && (fail >= states || depthOf(a, fail) >= depth)) return false;
  }
  return true;
}

/** True if literal number `head` - 1, if there is one, is as long as the state is deep. */
// @ts-ignore: decorator
@inline function endsAt(a: usize, head: u32, depth: u32): bool {
  return head == 0 || (head <= load<u32>(a, A_LITERALS) && lengthOf(a, head - 1) == depth);
}

function areStatesSound(a: usize): bool {
  const states = load<u32>(a, A_STATES);
  const first = load<u32>(a, A_FIRST);
  if (depthOf(a, 0) != 0) return false;
  for (let s: u32 = 0; s < states; s++) if (depthOf(a, s) > load<u32>(a, A_LONGEST)) return false;
  for (let s = first; s < states; s++) {
    const out = a + load<u32>(a, A_OUTPUTS) + <usize>(s - first) * OUTPUT_BYTES;
    const depth = depthOf(a, s);
    const link = load<u32>(out, 8);
    if (!endsAt(a, load<u32>(out), depth) || !endsAt(a, load<u32>(out, 4), depth)) return false;
    // Links lead to ever shorter states.
    if (link && (link < first || link >= states || depthOf(a, link) >= depth)) return false;
  }
  return true;
}

function isSound(a: usize): bool {
  if (!isHeaderSound(a) || !areLiteralsSound(a) || !areStatesSound(a)) return false;
  const width = load<u32>(a, A_WIDTH);
  return width == SPARSE ? isSparseSound(a) : width == 2 ? isTableSound<u16>(a) : isTableSound<u32>(a);
}

/** The automaton whose serial form is at `[from, from + bytes)`; 0 with `status.reason` = MALFORMED or OUT_OF_MEMORY. */
export function restore(from: usize, bytes: usize): usize {
  setReason(MALFORMED);
  if (bytes < A_HEADER || bytes & 15 || load<u32>(from, A_SIZE) != <u32>bytes) return 0;
  const a = alloc(bytes);
  if (!a) {
    setReason(OUT_OF_MEMORY);
    return 0;
  }
  memory.copy(a, from, bytes);
  const sum = load<u32>(a, A_CHECKSUM);
  store<u32>(a, 0, A_CHECKSUM);
  if (sum != checksum(a, bytes) || !isSound(a)) {
    release(a);
    return 0;
  }
  if (!prefilterBuild(a)) {
    setReason(OUT_OF_MEMORY);
    free(a);
    return 0;
  }
  setReason(DONE);
  return a;
}
