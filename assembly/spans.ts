/**
 * Masks spans of a text in place. They may come in any order and overlap; each byte is written once.
 *
 *   spans, 8 bytes each: start i32 │ end i32       what lies outside of the text is cut off
 *
 *   text    a p i = k e y 1 2 3 4 , …         sorted by start, joined where they touch, then filled:
 *                └──────┘                     {4, 8} {6, 11}  ═▶  {4, 11}
 *                    └────────┘
 */

// @ts-ignore: decorator
@inline function startOf(spans: usize, i: u32): i32 {
  return load<i32>(spans + ((<usize>i) << 3));
}

/** Lets the span at `root` sink in the heap of the first `count` spans, the one that begins last on top. */
function sink(spans: usize, root: u32, count: u32): void {
  const span = load<u64>(spans + ((<usize>root) << 3));
  const start = <i32>span;
  while (true) {
    let child: u32 = 2 * root + 1;
    if (child >= count) break;
    if (child + 1 < count && startOf(spans, child + 1) > startOf(spans, child)) child++;
    if (startOf(spans, child) <= start) break;
    store<u64>(spans + ((<usize>root) << 3), load<u64>(spans + ((<usize>child) << 3)));
    root = child;
  }
  store<u64>(spans + ((<usize>root) << 3), span);
}

function isSorted(spans: usize, count: u32): bool {
  for (let i: u32 = 1; i < count; i++) if (startOf(spans, i) < startOf(spans, i - 1)) return false;
  return true;
}

/** Heapsort, by start: it needs no memory and no luck. */
function sort(spans: usize, count: u32): void {
  if (isSorted(spans, count)) return;
  for (let i = count >> 1; i > 0; i--) sink(spans, i - 1, count);
  for (let last = count - 1; last > 0; last--) {
    const top = load<u64>(spans);
    store<u64>(spans, load<u64>(spans + ((<usize>last) << 3)));
    store<u64>(spans + ((<usize>last) << 3), top);
    sink(spans, 0, last);
  }
}

/**
 * Fills the `count` spans of the text `[p, p + length)` with `byte`. Leaves the joined spans at `spans`, sorted, and returns how
 * many they are.
 */
export function maskSpans(p: usize, length: u32, spans: usize, count: u32, byte: u32): u32 {
  sort(spans, count);
  let joined: u32 = 0;
  for (let i: u32 = 0; i < count; ) {
    const start = max(startOf(spans, i), 0);
    let end: i32 = start;
    for (; i < count && startOf(spans, i) <= end; i++) end = max(end, load<i32>(spans + ((<usize>i) << 3), 4));
    end = <i32>min<i64>(<i64>end, <i64>length);
    if (end <= start) continue;
    memory.fill(p + start, <u8>byte, end - start);
    store<i32>(spans + ((<usize>joined) << 3), start);
    store<i32>(spans + ((<usize>joined) << 3), end, 4);
    joined++;
  }
  return joined;
}
