import { AFTER_NOTHING, AFTER_OTHER, ASSERT, holds, MATCH, type Program, SAVE, SET, SPLIT } from './program.js';

/** The threads that wait at one position, the preferred first: where each is in the program, and its capture slots. */
class Threads {
  at = new Int32Array(0);
  slots = new Int32Array(0);
  length = 0;
  matched = false;

  reserve(instructions: number, width: number): void {
    if (this.at.length < instructions) this.at = new Int32Array(instructions * 2);
    if (this.slots.length < instructions * width) this.slots = new Int32Array(instructions * width * 2);
  }
}

/** Scratch memory, shared by all expressions. */
const even = /* @__PURE__ */ new Threads();
const odd = /* @__PURE__ */ new Threads();
let seen = new Int32Array(0);
let stack = new Int32Array(0);
let generation = 0;

/**
 * Fills `spans` with the groups of the leftmost-first match that begins in [base, to] and is known to end at `found`, by
 * simulating all threads of the program side by side (Pike's VM). Returns how many instructions were looked at.
 */
export function capture(
  program: Program,
  bytes: Uint8Array,
  base: number,
  to: number,
  found: number,
  end: number,
  atStart: boolean,
  spans: Int32Array,
): number {
  const { operations, first, second, accepts, classOf, contextOf, examples } = program;
  const width = spans.length;
  reserve(operations.length, width);
  let steps = 0;
  let matched = false;
  let current = odd;
  for (let at = base; ; at++) {
    const following = current === odd ? even : odd;
    following.length = 0;
    following.matched = false;
    generation++;
    const before = at > 0 ? contextOf[bytes[at - 1]!]! : atStart ? AFTER_NOTHING : AFTER_OTHER;
    const next = at < end ? bytes[at]! : -1;
    if (at > base) {
      const byteClass = classOf[bytes[at - 1]!]!;
      for (let thread = 0; thread < current.length && !following.matched; thread++) {
        const instruction = current.at[thread]!;
        steps++;
        if (operations[instruction] !== SET) continue;
        if (accepts[second[instruction]! * examples.length + byteClass] === 0) continue;
        for (let slot = 0; slot < width; slot++) spans[slot] = current.slots[thread * width + slot]!;
        steps += advance(program, following, first[instruction]!, at, before, next, spans);
      }
    }
    if (!matched && !following.matched && at <= to) {
      spans.fill(-1);
      spans[0] = at;
      steps += advance(program, following, program.start, at, before, next, spans);
    }
    matched ||= following.matched;
    current = following;
    if (at === found) break;
  }
  // The match that ends at `found` is the last one, and nothing behind it is kept.
  const slots = (current.length - 1) * width;
  for (let slot = 0; slot < width; slot++) spans[slot] = current.slots[slots + slot]!;
  spans[1] = found;
  return steps;
}

function reserve(instructions: number, width: number): void {
  even.reserve(instructions, width);
  odd.reserve(instructions, width);
  if (seen.length < instructions) {
    seen = new Int32Array(instructions * 2);
    generation = 0;
  }
  // At most one entry and one slot to restore (two words) for each instruction.
  if (stack.length < instructions * 4) stack = new Int32Array(instructions * 8);
  if (generation > 0x3fffffff) {
    seen.fill(0);
    generation = 0;
  }
}

/**
 * Follows what needs no byte from `start`, and adds the threads that wait to `following`. The stack holds instructions, and for
 * each slot that was changed on the way the value to restore below ~slot.
 */
function advance(
  program: Program,
  following: Threads,
  start: number,
  at: number,
  before: number,
  next: number,
  slots: Int32Array,
): number {
  const { operations, first, second } = program;
  const width = slots.length;
  let open = 0;
  let steps = 0;
  stack[open++] = start;
  while (open > 0) {
    const instruction = stack[--open]!;
    steps++;
    if (instruction < 0) {
      slots[~instruction] = stack[--open]!;
      continue;
    }
    if (seen[instruction] === generation) continue;
    seen[instruction] = generation;
    switch (operations[instruction]) {
      case SPLIT:
        stack[open++] = second[instruction]!;
        stack[open++] = first[instruction]!;
        break;
      case SAVE:
        stack[open++] = slots[second[instruction]!]!;
        stack[open++] = ~second[instruction]!;
        slots[second[instruction]!] = at;
        stack[open++] = first[instruction]!;
        break;
      case ASSERT:
        if (holds(second[instruction]!, before, next)) stack[open++] = first[instruction]!;
        break;
      default: {
        const thread = following.length++;
        following.at[thread] = instruction;
        for (let slot = 0; slot < width; slot++) following.slots[thread * width + slot] = slots[slot]!;
        if (operations[instruction] === MATCH) {
          following.matched = true;
          return steps;
        }
      }
    }
  }
  return steps;
}
