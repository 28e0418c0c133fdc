/**
 * Two fixed areas through which results reach JavaScript.
 *
 *   status   reason u32 │ hits u32 │ more u32 │ state u32
 *   hits     4096 × { pattern u32, end i32 }      `end`: exclusive, from the start of the record
 */
export const DONE: u32 = 0;
export const HITS: u32 = 1;
export const GAP: u32 = 2;
export const OTHER_RECORD: u32 = 3;
export const ATTENTION: u32 = 4;
export const OUT_OF_MEMORY: u32 = 5;
export const MALFORMED: u32 = 6;

export const HITS_CAPACITY: u32 = 4096;

export const status = memory.data(16);
export const hits = memory.data(4096 * 8, 16);

export function statusPointer(): usize {
  return status;
}

export function hitsPointer(): usize {
  return hits;
}

// @ts-ignore: decorator
@inline export function setReason(reason: u32): void {
  store<u32>(status, reason);
}

// @ts-ignore: decorator
@inline export function setHits(count: u32, more: u32): void {
  store<u32>(status, count, 4);
  store<u32>(status, more, 8);
}

// @ts-ignore: decorator
@inline export function setState(state: u32): void {
  store<u32>(status, state, 12);
}
