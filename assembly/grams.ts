/**
 * Grams: q consecutive bytes (1 … 8), as one number. Letters are folded if a literal of the stage ignores case.
 *
 * The hash of a gram is the product of its bytes, shifted to the top of 64 bits, and an odd constant; its highest bits are the
 * best ones.
 */
import { levelOf } from './common';
import { rarity, rarityAfter } from './frequency';

export const GOLDEN: u64 = 0x9e3779b97f4a7c15;
export const FOLD_ALL: u64 = 0x2020202020202020;

/** Multiplier of grams of `q` bytes: it also shifts the bytes behind the gram out of the word. */
export function multiplierOf(q: u32): u64 {
  return GOLDEN << <u64>(64 - 8 * q);
}

/** Hash of the gram in the low bytes of `word`. */
// @ts-ignore: decorator
@inline export function hashGram(word: u64, fold: u64, multiplier: u64): u64 {
  return (word | fold) * multiplier;
}

/** Hash of a gram of four bytes. Of this one, lower bits are good as well. */
// @ts-ignore: decorator
@inline export function hashFour(gram: u32, isFolded: bool): u64 {
  return <u64>(isFolded ? gram | 0x20202020 : gram) * GOLDEN;
}

/** Rarity of the bytes `[p, p + q)` in half bits. */
export function rarityOf(p: usize, q: u32): u32 {
  let sum = rarity(load<u8>(p));
  for (let i: usize = 1; i < <usize>q; i++) sum += rarityAfter(load<u8>(p + i - 1), load<u8>(p + i));
  return sum;
}

/** 2^(-halfBits / 2). */
export function probability(halfBits: u32): f32 {
  const power = reinterpret<f32>((127 - min(halfBits >> 1, 126)) << 23);
  return halfBits & 1 ? power * <f32>0.70710678 : power;
}

/** How likely the four bytes at `p` stand at a position of the text, letters folded: as bytes follow each other, or as a part of a word. */
export function likelihoodOfFour(p: usize): f32 {
  const level = levelOf((load<u32>(p) | <u32>FOLD_ALL) * <u32>GOLDEN);
  return probability(rarityOf(p, 4)) + (level ? probability(39 - 3 * level) : 0);
}
