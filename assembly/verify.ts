/**
 * Gram → the literals that may stand around it, compared with the text.
 *
 *   index, 32 bytes: q u32 │ shift u32 │ heads u32 │ entries u32 │ fold u64 │ drop u64
 *   heads            u32 × (buckets + 1): first entry of each bucket, by the highest bits of the gram's hash
 *   entry, 32 bytes: tag u32 │ literal u32 │ before u16 │ length u16 │ 0 u32 │ head u64 │ mask u64
 *
 * `tag` is the upper half of the hash. `before`: bytes of the literal in front of the gram. `head` and `mask`: its first
 * eight bytes and which bits of them must agree: not the case bit of letters that ignore case, nothing past its end.
 */
import { FOLDED, lengthOf, lengthWord, textOf } from './automaton';
import { isLetter } from './bytes';
import { FOLD_ALL, hashGram } from './grams';
import { alloc, allocZero, release } from './heap';

export const INDEX: usize = 32;
const I_SHIFT: usize = 4;
const I_HEADS: usize = 8;
const I_ENTRIES: usize = 12;
const I_FOLD: usize = 16;
const I_DROP: usize = 24;

export const ENTRY: usize = 32;
export const E_LITERAL: usize = 4;
export const E_BEFORE: usize = 8;
export const E_LENGTH: usize = 10;
const E_HEAD: usize = 16;
const E_MASK: usize = 24;

// @ts-ignore: decorator
@inline function indexHash(index: usize, p: usize): u64 {
  return hashGram(load<u64>(p), load<u64>(index, I_FOLD), load<u64>(index, I_DROP));
}

/**
 * Fills `index` with `count` pairs { literal u32, before u16, 0 u16 } at `list`, grams of `q` bytes. False when memory is
 * exhausted; `indexFree` is right then, too.
 */
export function indexBuild(index: usize, a: usize, list: usize, count: u32, q: u32, fold: bool): bool {
  const bits: u32 = min(max(32 - clz(count), 4), 20);
  store<u32>(index, q);
  store<u32>(index, 64 - bits, I_SHIFT);
  store<u64>(index, fold ? FOLD_ALL : 0, I_FOLD);
  store<u64>(index, 64 - 8 * q, I_DROP);
  const buckets = <usize>1 << bits;
  const heads = allocZero((buckets + 2) << 2);
  const entries = alloc(<usize>count * ENTRY);
  store<u32>(index, <u32>heads, I_HEADS);
  store<u32>(index, <u32>entries, I_ENTRIES);
  if (!heads || !entries) return false;
  // heads[b + 2] counts, then heads[b + 1] is where the next entry of bucket b goes, and ends as the first of b + 1.
  for (let pass = 0; pass < 2; pass++) {
    for (let i: u32 = 0; i < count; i++) {
      const pair = list + ((<usize>i) << 3);
      const literal = load<u32>(pair);
      const before = load<u16>(pair, 4);
      const hash = indexHash(index, textOf(a, literal) + before);
      const bucket = heads + (<usize>(hash >> (64 - bits)) << 2);
      if (pass == 0) store<u32>(bucket, load<u32>(bucket, 8) + 1, 8);
      else {
        const at = load<u32>(bucket, 4);
        store<u32>(bucket, at + 1, 4);
        writeEntry(entries + <usize>at * ENTRY, a, literal, before, hash);
      }
    }
    if (pass) break;
    for (let b: usize = 0; b <= buckets; b++) {
      const head = heads + (b << 2);
      store<u32>(head, load<u32>(head) + load<u32>(head, 4), 4);
    }
  }
  return true;
}

function writeEntry(entry: usize, a: usize, literal: u32, before: u16, hash: u64): void {
  const length = lengthOf(a, literal);
  const text = textOf(a, literal);
  let mask: u64 = length >= 8 ? u64.MAX_VALUE : ((<u64>1) << (8 * length)) - 1;
  if (lengthWord(a, literal) & FOLDED) {
    for (let i: u32 = 0; i < min(length, 8); i++) if (isLetter(load<u8>(text + i))) mask &= ~((<u64>0x20) << (8 * i));
  }
  store<u32>(entry, <u32>(hash >> 32));
  store<u32>(entry, literal, E_LITERAL);
  store<u16>(entry, before, E_BEFORE);
  store<u16>(entry, length, E_LENGTH);
  store<u32>(entry, 0, 12);
  store<u64>(entry, load<u64>(text), E_HEAD);
  store<u64>(entry, mask, E_MASK);
}

export function indexFree(index: usize): void {
  release(load<u32>(index, I_HEADS));
  release(load<u32>(index, I_ENTRIES));
}

/** First entry of the gram at `p`; `lastEntry` is then the end of its bucket. */
// @ts-ignore: decorator
@inline export function firstEntry(index: usize, hash: u64): usize {
  const bucket = <usize>load<u32>(index, I_HEADS) + ((<usize>(hash >> <u64>load<u32>(index, I_SHIFT))) << 2);
  tag = <u32>(hash >> 32);
  const entries: usize = load<u32>(index, I_ENTRIES);
  lastEntry = entries + <usize>load<u32>(bucket, 4) * ENTRY;
  return entries + <usize>load<u32>(bucket) * ENTRY;
}

export let lastEntry: usize = 0;
export let tag: u32 = 0;

// @ts-ignore: decorator
@inline export function gramAt(index: usize, p: usize): u64 {
  return indexHash(index, p);
}

/** True if the entry's literal stands at `start`, which is inside of the text as a whole. */
// @ts-ignore: decorator
@inline export function standsAt(a: usize, entry: usize, start: usize): bool {
  if ((load<u64>(start) ^ load<u64>(entry, E_HEAD)) & load<u64>(entry, E_MASK)) return false;
  return load<u16>(entry, E_LENGTH) <= 8 || restStandsAt(a, load<u32>(entry, E_LITERAL), start);
}

function restStandsAt(a: usize, literal: u32, start: usize): bool {
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
  let i: usize = 8;
  for (; i + 8 <= length; i += 8) if (load<u64>(start + i) != load<u64>(text + i)) return false;
  return load<u64>(start + length - 8) == load<u64>(text + length - 8);
}
