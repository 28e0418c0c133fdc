/**
 * The module's heap. It returns 0 when memory is exhausted (the runtimes that come with the compiler trap instead), keeps
 * free neighbours joined, and so does not grow under endless alloc/release.
 *
 *  block ┌──────────┬──────────┬──────────┬──────────┬─────────────────────┐
 *        │ size | u │ size of  │ next     │ previous │ payload, 16-aligned │
 *        │ bit 0: u │ block    │ free     │ free     │                     │
 *        │ = in use │ before   │ block    │ block    │                     │
 *        └──────────┴──────────┴──────────┴──────────┴─────────────────────┘
 *        0          4          8          12         16
 *
 * Free blocks hang in 32 lists by the power of two below their size. A block "in use" without payload ends the heap.
 */
const HEADER: usize = 16;
const SMALLEST: usize = 32;
/** Behind every payload there are this many bytes of memory, so that whole vectors can be loaded at its end. */
export const SLACK: usize = 64;
const USED: u32 = 1;
/** Memory grows by at least this much: every growth detaches the views that JavaScript holds. */
const GROWTH: usize = 1 << 20;
/** Blocks of one list that are tried before a larger one is split. */
const TRIES: i32 = 16;

const lists = memory.data(32 * 4);
let end: usize = 0;
let used: usize = 0;

// @ts-ignore: decorator
@inline function sizeOf(block: usize): usize {
  return <usize>(load<u32>(block) & ~USED);
}

// @ts-ignore: decorator
@inline function isFree(block: usize): bool {
  return (load<u32>(block) & USED) == 0;
}

function list(size: usize): usize {
  return lists + ((31 - clz(<u32>size)) << 2);
}

function link(block: usize, size: usize): void {
  const head = list(size);
  const first = load<u32>(head);
  store<u32>(block, <u32>size);
  store<u32>(block, first, 8);
  store<u32>(block, 0, 12);
  if (first) store<u32>(first, <u32>block, 12);
  store<u32>(head, <u32>block);
  store<u32>(block + size, <u32>size, 4);
}

function unlink(block: usize): void {
  const next = load<u32>(block, 8);
  const previous = load<u32>(block, 12);
  if (next) store<u32>(next, previous, 12);
  if (previous) store<u32>(previous, next, 8);
  else store<u32>(list(sizeOf(block)), next);
}

/** Makes `[block, block + size)` free and joins it with free neighbours. */
function give(block: usize, size: usize): void {
  const behind = block + size;
  if (isFree(behind)) {
    unlink(behind);
    size += sizeOf(behind);
  }
  const before = load<u32>(block, 4);
  if (before && isFree(block - before)) {
    block -= before;
    unlink(block);
    size += before;
  }
  link(block, size);
}

function closeHeap(at: usize, before: u32): void {
  end = at;
  store<u32>(at, <u32>SLACK | USED);
  store<u32>(at, before, 4);
}

function open(): void {
  const start = (__heap_base + 15) & ~15;
  store<u32>(start, 0, 4);
  const size = ((<usize>memory.size()) << 16) - SLACK - start;
  closeHeap(start + size, <u32>size);
  link(start, size);
}

function grow(size: usize): bool {
  const wanted = <i32>((max(size + SMALLEST, GROWTH) + 0xffff) >> 16);
  const needed = <i32>((size + SMALLEST + 0xffff) >> 16);
  let pages = wanted;
  if (memory.grow(pages) < 0) {
    pages = needed;
    if (memory.grow(pages) < 0) return false;
  }
  const block = end;
  const bytes = (<usize>pages) << 16;
  closeHeap(block + bytes, <u32>bytes);
  give(block, bytes);
  return true;
}

function find(size: usize, tries: i32): usize {
  let head = list(size);
  for (; head < lists + 128; head += 4) {
    let block: usize = load<u32>(head);
    for (let i = 0; block != 0 && i < tries; i++) {
      if (sizeOf(block) >= size) return block;
      block = load<u32>(block, 8);
    }
  }
  return 0;
}

/** `bytes` of memory, aligned to 16, not cleared; 0 when there is no more. */
export function alloc(bytes: usize): usize {
  if (end == 0) open();
  if (bytes > 0x7fff0000) return 0;
  const size = max((bytes + HEADER + 15) & ~15, SMALLEST);
  let block = find(size, TRIES);
  if (!block) {
    if (grow(size)) block = find(size, i32.MAX_VALUE);
    else block = find(size, i32.MAX_VALUE);
    if (!block) return 0;
  }
  unlink(block);
  let have = sizeOf(block);
  if (have - size >= SMALLEST) {
    store<u32>(block + size, <u32>size, 4);
    link(block + size, have - size);
    have = size;
  }
  store<u32>(block, <u32>have | USED);
  store<u32>(block + have, <u32>have, 4);
  used += have;
  return block + HEADER;
}

/** As `alloc`, filled with zero. */
export function allocZero(bytes: usize): usize {
  const p = alloc(bytes);
  if (p) memory.fill(p, 0, bytes);
  return p;
}

/** Gives back what `alloc` returned; 0 is ignored. */
export function release(p: usize): void {
  if (!p) return;
  const block = p - HEADER;
  const size = sizeOf(block);
  used -= size;
  give(block, size);
}

/** Bytes in use, headers included. */
export function heapUsed(): usize {
  return used;
}
