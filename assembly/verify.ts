/**
 * Gram → the literals that may stand around it, compared with the text.
 *
 *   index, 32 bytes: q u32 │ shift u32 │ heads, address │ entries, address │ fold u64 │ multiplier u64
 *   heads            u32 × buckets: address of the first entry of each bucket, by the highest bits of the gram's hash; where there is none,
 *                    of one that is never meant
 *   entry, 48 bytes: tag u32 │ literal u32 │ before u16 │ length u16 │ last u16 │ tail at u16 │ head u64 │ its mask
 *                    u64 │ tail u64 │ its mask u64
 *
 * `tag` is the upper half of the hash. `last`: 1 in the last entry of a bucket. `before`: bytes of the literal in front of the gram.
 * `head` and `tail`: its first eight bytes and eight more, the last ones if they are not far, and which bits of them must agree: not the
 * case bit of letters that ignore case, nothing outside of the literal. Literals of up to 16 bytes are compared by these alone.
 */
import { FOLDED, lengthOf, lengthWord, textOf } from './automaton';
import { isLetter } from './bytes';
import { FOLD_ALL, hashGram, multiplierOf } from './grams';
import { alloc, allocZero, release, SLACK } from './heap';

export const INDEX: usize = 32;
const I_SHIFT: usize = 4;
const I_HEADS: usize = 8;
const I_ENTRIES: usize = 12;
const I_FOLD: usize = 16;
const I_MULTIPLIER: usize = 24;

export const ENTRY: usize = 48;
export const E_LITERAL: usize = 4;
export const E_BEFORE: usize = 8;
export const E_LENGTH: usize = 10;
export const E_LAST: usize = 12;
const E_TAIL_AT: usize = 14;
const E_HEAD: usize = 16;
const E_HEAD_MASK: usize = 24;
const E_TAIL: usize = 32;
const E_TAIL_MASK: usize = 40;
/**
 * Tails end no further behind the beginning of a literal: memory may end `SLACK` bytes behind the text, and filters raise alarms up to 31 bytes
 * behind it.
 */
const FARTHEST: u32 = <u32>SLACK - 32;

/** Hash of the gram at `p`. */
// @ts-ignore: decorator
@inline export function gramAt(index: usize, p: usize): u64 {
  return hashGram(load<u64>(p), load<u64>(index, I_FOLD), load<u64>(index, I_MULTIPLIER));
}

/**
 * Fills `index` with `count` pairs { literal u32, before u16, 0 u16 } at `list`, grams of `q` bytes. False when memory is
 * exhausted; `indexFree` is right then, too.
 */
export function indexBuild(index: usize, a: usize, list: usize, count: u32, q: u32, fold: bool): bool {
  // Small sets get eight heads for every gram, so that most alarms end at an empty bucket.
  const bits: u32 = min(max(35 - clz(count), 6), max(15, 32 - clz(count)));
  store<u32>(index, q);
  store<u32>(index, 64 - bits, I_SHIFT);
  store<u64>(index, fold ? FOLD_ALL : 0, I_FOLD);
  store<u64>(index, multiplierOf(q), I_MULTIPLIER);
  const buckets = <usize>1 << bits;
  const heads = allocZero(buckets << 2);
  const entries = alloc(<usize>(count + 1) * ENTRY);
  store<u32>(index, <u32>heads, I_HEADS);
  store<u32>(index, <u32>entries, I_ENTRIES);
  if (!heads || !entries) return false;
  // Heads count; then each is where the next entry of its bucket goes, from the last one to the first.
  for (let i: u32 = 0; i < count; i++) {
    const head = headOf(heads, bits, pairHash(index, a, list, i));
    store<u32>(head, load<u32>(head) + 1);
  }
  // The entry that is never meant comes first. Its tag is one of a bucket that has entries, so that nobody who has this tag gets to it.
  store<u32>(entries, <u32>(pairHash(index, a, list, 0) >> 32));
  store<u16>(entries, 1, E_LAST);
  let next = entries + ENTRY;
  for (let b: usize = 0; b < buckets; b++) {
    const head = heads + (b << 2);
    const n = load<u32>(head);
    next += <usize>n * ENTRY;
    store<u32>(head, n ? <u32>next : <u32>entries);
    for (let at = next - <usize>n * ENTRY; at < next; at += ENTRY) store<u16>(at, at + ENTRY == next ? 1 : 0, E_LAST);
  }
  for (let i = count; i > 0; i--) {
    const pair = list + ((<usize>(i - 1)) << 3);
    const hash = pairHash(index, a, list, i - 1);
    const head = headOf(heads, bits, hash);
    const entry: usize = <usize>load<u32>(head) - ENTRY;
    store<u32>(head, <u32>entry);
    writeEntry(entry, a, load<u32>(pair), load<u16>(pair, 4), hash);
  }
  return true;
}

// @ts-ignore: decorator
@inline function headOf(heads: usize, bits: u32, hash: u64): usize {
  return heads + ((<usize>(hash >> <u64>(64 - bits))) << 2);
}

function pairHash(index: usize, a: usize, list: usize, i: u32): u64 {
  const pair = list + ((<usize>i) << 3);
  return gramAt(index, textOf(a, load<u32>(pair)) + load<u16>(pair, 4));
}

/** Which bits of the eight bytes of the literal from `from` on must agree. */
function maskOf(a: usize, literal: u32, from: u32): u64 {
  const length = lengthOf(a, literal) - from;
  let mask: u64 = length >= 8 ? u64.MAX_VALUE : ((<u64>1) << (8 * length)) - 1;
  if (lengthWord(a, literal) & FOLDED) {
    const text = textOf(a, literal) + from;
    for (let i: u32 = 0; i < min(length, 8); i++) if (isLetter(load<u8>(text + i))) mask &= ~((<u64>0x20) << (8 * i));
  }
  return mask;
}

function writeEntry(entry: usize, a: usize, literal: u32, before: u16, hash: u64): void {
  const length = lengthOf(a, literal);
  const text = textOf(a, literal);
  const tail = length <= 8 ? 0 : length <= FARTHEST ? length - 8 : 8;
  store<u32>(entry, <u32>(hash >> 32));
  store<u32>(entry, literal, E_LITERAL);
  store<u16>(entry, before, E_BEFORE);
  store<u16>(entry, length, E_LENGTH);
  store<u16>(entry, tail, E_TAIL_AT);
  store<u64>(entry, load<u64>(text), E_HEAD);
  store<u64>(entry, maskOf(a, literal, 0), E_HEAD_MASK);
  store<u64>(entry, load<u64>(text + tail), E_TAIL);
  store<u64>(entry, tail ? maskOf(a, literal, tail) : 0, E_TAIL_MASK);
}

export function indexFree(index: usize): void {
  release(load<u32>(index, I_HEADS));
  release(load<u32>(index, I_ENTRIES));
}

/**
 * Looks up the grams of `index` that begin `back` bytes before the addresses u32 in `[from, to)`, and notes those in a bucket
 * that may have its entry at `list`: { first entry u32, address of the gram u32, tag u32, 0 }. Returns the end of the list. No branch depends
 * on what is found, so that many look-ups wait for memory at the same time.
 */
export function lookUp(index: usize, back: usize, from: usize, to: usize, list: usize): usize {
  const heads: usize = load<u32>(index, I_HEADS);
  const shift = <u64>load<u32>(index, I_SHIFT);
  const fold = load<u64>(index, I_FOLD);
  const multiplier = load<u64>(index, I_MULTIPLIER);
  for (; from < to; from += 4) {
    const p = <usize>load<u32>(from) - back;
    const hash = hashGram(load<u64>(p), fold, multiplier);
    const bucket = heads + ((<usize>(hash >> shift)) << 2);
    const entry: usize = load<u32>(bucket);
    const tag = <u32>(hash >> 32);
    store<u32>(list, <u32>entry);
    store<u32>(list, <u32>p, 4);
    store<u32>(list, tag, 8);
    list += <usize>(u32(load<u32>(entry) == tag) | (load<u16>(entry, E_LAST) ^ 1)) << 4;
  }
  return list;
}

/** Literals of more bytes than these are not compared as a whole by `mayStand`. */
export const COMPARED: usize = 16;

/** 1 if the entry's literal may stand at `at`, around a gram with this tag, in the text `[start, end)`; else 0. */
// @ts-ignore: decorator
@inline export function mayStand(entry: usize, at: usize, tag: u32, start: usize, end: usize): u32 {
  const head = (load<u64>(at) ^ load<u64>(entry, E_HEAD)) & load<u64>(entry, E_HEAD_MASK);
  const tail = (load<u64>(at + load<u16>(entry, E_TAIL_AT)) ^ load<u64>(entry, E_TAIL)) & load<u64>(entry, E_TAIL_MASK);
  const within = u32(at >= start) & u32(at + load<u16>(entry, E_LENGTH) <= end);
  return u32(load<u32>(entry) == tag) & u32((head | tail) == 0) & within;
}

/** True if all of the literal but its first eight bytes stands at `start` */
export function restStandsAt(a: usize, literal: u32, start: usize): bool {
  const word = lengthWord(a, literal);
  const text = textOf(a, literal);
  const length = <usize>lengthOf(a, literal);
  if (word & FOLDED) {
    for (let i: usize = 8; i < length; i++) {
      const want = <u32>load<u8>(text + i);
      const difference = load<u8>(start + i) ^ want;
      if (difference && !(difference == 0x20 && isLetter(want))) return false;
    }
    return true;
  }
  for (let i: usize = 8; i < length - 8; i += 8) if (load<u64>(start + i) != load<u64>(text + i)) return false;
  return load<u64>(start + length - 8) == load<u64>(text + length - 8);
}
