import { AFTER_NOTHING, AFTER_OTHER, ASSERT, holds, MATCH, type Program, SAVE, SET, SPLIT } from './program.js';

/** Bits of memory for what has been tried: pairs of an instruction and a position. */
const MOST_PAIRS = 1 << 18;

/** Scratch memory, shared by all expressions. */
const tried = /* @__PURE__ */ new Int32Array(MOST_PAIRS / 32);
let stack = /* @__PURE__ */ new Int32Array(256);

/** Whether `backtrack` takes a text of this length. */
export function mayBacktrack(program: Program, length: number): boolean {
  return program.operations.length * (length + 1) <= MOST_PAIRS;
}

/**
 * Fills `spans` with the groups of the leftmost-first match that begins in [base, to] and is known to end at `found`. Tries the preferred
 * ways first and each pair of an instruction and a position once, so that it takes time linear in the text, and mostly goes straight
 * through. Returns how many instructions were looked at.
 */
export function backtrack(
  program: Program,
  bytes: Uint8Array,
  base: number,
  to: number,
  found: number,
  end: number,
  atStart: boolean,
  spans: Int32Array,
): number {
  const { operations, first, second, accepts, classOf, contextOf, examples, start } = program;
  const classes = examples.length;
  const positions = found - base + 1;
  tried.fill(0, 0, (operations.length * positions + 31) >>> 5);
  let steps = 0;
  // Ways that remain: an instruction and a position, or ~slot and the value to restore.
  let open = 0;
  for (let begin = base; begin <= to; begin++) {
    spans.fill(-1);
    spans[0] = begin;
    let at = begin;
    let instruction = start;
    for (;;) {
      let fails = false;
      const pair = instruction * positions + at - base;
      const bit = 1 << (pair & 31);
      if ((tried[pair >>> 5]! & bit) !== 0) fails = true;
      else {
        tried[pair >>> 5]! |= bit;
        steps++;
        switch (operations[instruction]) {
          case SPLIT:
            if (open + 2 > stack.length) stack = grown(stack);
            stack[open++] = second[instruction]!;
            stack[open++] = at;
            instruction = first[instruction]!;
            break;
          case SAVE: {
            if (open + 2 > stack.length) stack = grown(stack);
            const slot = second[instruction]!;
            stack[open++] = ~slot;
            stack[open++] = spans[slot]!;
            spans[slot] = at;
            instruction = first[instruction]!;
            break;
          }
          case SET:
            fails = at === found || accepts[second[instruction]! * classes + classOf[bytes[at]!]!] === 0;
            at++;
            instruction = first[instruction]!;
            break;
          case ASSERT: {
            const before = at > 0 ? contextOf[bytes[at - 1]!]! : atStart ? AFTER_NOTHING : AFTER_OTHER;
            fails = !holds(second[instruction]!, before, at < end ? bytes[at]! : -1);
            instruction = first[instruction]!;
            break;
          }
          case MATCH:
            spans[1] = at;
            if (at === found) return steps;
            fails = true;
        }
      }
      if (!fails) continue;
      while (open > 0 && stack[open - 2]! < 0) {
        spans[~stack[open - 2]!] = stack[open - 1]!;
        open -= 2;
      }
      if (open === 0) break;
      at = stack[--open]!;
      instruction = stack[--open]!;
    }
  }
  return steps;
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
