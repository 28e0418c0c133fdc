/** Bytes that no literal tells apart share a class; class 0 is that of the bytes in no literal, if there are any. */
import { fold } from './bytes';
import { isFoldedAt, lengthAt, literals } from './spec';

export const classOf = memory.data(256);
const uses = memory.data(256);
const EXACT: u8 = 1;
const FOLDED: u8 = 2;

export let classes: u32 = 0;
/** log2 of the length of a row with room for every class. */
export let shift: u32 = 0;

function markUses(spec: usize): void {
  memory.fill(uses, 0, 256);
  let p = spec + 4;
  for (let i: u32 = 0; i < literals; i++) {
    const folded = isFoldedAt(p);
    const length = lengthAt(p);
    for (let q = p + 8; q < p + 8 + length; q++) {
      const at = uses + (folded ? fold(load<u8>(q)) : <u32>load<u8>(q));
      store<u8>(at, load<u8>(at) | (folded ? FOLDED : EXACT));
    }
    p += 8 + length;
  }
}

export function findClasses(spec: usize): void {
  markUses(spec);
  classes = 0;
  for (let byte: u32 = 0; byte < 256; byte++) {
    if (!(load<u8>(uses + byte) & EXACT) && !(load<u8>(uses + fold(byte)) & FOLDED)) {
      store<u8>(classOf + byte, 0);
      classes = 1;
    }
  }
  for (let byte: u32 = 0; byte < 256; byte++) {
    const isUpper = fold(byte) != byte;
    if (load<u8>(uses + byte) & EXACT || (!isUpper && load<u8>(uses + byte) & FOLDED)) store<u8>(classOf + byte, classes++);
  }
  // Upper case that only case-insensitive literals use: as its lower case, unless that is told apart by exact ones.
  for (let byte: u32 = 65; byte < 91; byte++) {
    const lower = byte | 32;
    if (load<u8>(uses + byte) & EXACT || !(load<u8>(uses + lower) & FOLDED)) continue;
    store<u8>(classOf + byte, load<u8>(uses + lower) & EXACT ? classes++ : load<u8>(classOf + lower));
  }
  shift = 0;
  while (<u32>1 << shift < classes) shift++;
}
