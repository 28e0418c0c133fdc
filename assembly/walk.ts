/** Steps of the automaton in its three forms. */
import { A_CLASS, A_EDGES, A_FAIL, A_SHIFT, A_TABLE, A_WIDTH, SPARSE } from './automaton';

/** Where the automaton's sparse form goes from `state` with a byte of class `cls`. */
export function sparseStep(a: usize, state: u32, cls: u32): u32 {
  const firsts = a + load<u32>(a, A_TABLE);
  const edges = a + load<u32>(a, A_EDGES);
  while (state) {
    let edge = edges + ((<usize>load<u32>(firsts + ((<usize>state) << 2))) << 2);
    const end = edges + ((<usize>load<u32>(firsts + ((<usize>state) << 2), 4)) << 2);
    for (; edge < end; edge += 4) if (<u32>load<u8>(edge) == cls) return load<u32>(edge) >> 8;
    state = load<u32>(a + load<u32>(a, A_FAIL) + ((<usize>state) << 2));
  }
  return load<u32>(edges + ((<usize>cls) << 2)) >> 8;
}

/** One step in whatever form the automaton has. */
export function step(a: usize, state: u32, byte: u32): u32 {
  const cls = <u32>load<u8>(a + byte, A_CLASS);
  const width = load<u32>(a, A_WIDTH);
  if (width == SPARSE) return sparseStep(a, state, cls);
  const entry = (<usize>state << load<u32>(a, A_SHIFT)) + cls;
  const table = a + load<u32>(a, A_TABLE);
  return width == 2 ? <u32>load<u16>(table + (entry << 1)) : load<u32>(table + (entry << 2));
}

/** State after the bytes `[p, end)`, outputs ignored. */
export function walk(a: usize, state: u32, p: usize, end: usize): u32 {
  if (load<u32>(a, A_WIDTH) == 2) {
    const table = a + load<u32>(a, A_TABLE);
    const shift = load<u32>(a, A_SHIFT);
    for (; p < end; p++) state = load<u16>(table + (((<usize>state << shift) + load<u8>(a + load<u8>(p), A_CLASS)) << 1));
  } else {
    for (; p < end; p++) state = step(a, state, load<u8>(p));
  }
  return state;
}
