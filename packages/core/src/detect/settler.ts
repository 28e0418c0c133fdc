import type { Candidate } from './candidate.js';

/** Most candidates that wait. Beyond it the oldest are decided without waiting for what might overlap them. */
const MOST_WAITING = 4096;

/**
 * Decides between findings that overlap, once nothing else can come that overlaps them.
 *
 *   order: not generic before generic, validated before not, higher severity, longer, earlier in the policy, less decoded
 *
 * Taken one by one in that order, a finding that overlaps none that was taken is taken.
 */
export class Settler {
  #waiting: Candidate[] = [];

  /**
   * @param compare negative if `a` is to be taken before `b`
   * @param exclusive whether findings that overlap exclude each other; if not, only the same span of the same rule does
   */
  constructor(
    readonly compare: (a: Candidate, b: Candidate) => number,
    readonly exclusive: boolean,
  ) {}

  get waiting(): number {
    return this.#waiting.length;
  }

  add(candidate: Candidate): void {
    this.#waiting.push(candidate);
  }

  /** Start of the earliest finding that waits, `Infinity` if none does. */
  get first(): number {
    return this.#waiting.reduce((first, { start }) => Math.min(first, start), Number.POSITIVE_INFINITY);
  }

  /**
   * Takes out what can be decided: groups that overlap and lie before `frontier`, which no later finding begins before.
   * @param taken gets those that won, by start; `lost` the others with the one that they gave way to
   */
  settle(frontier: number, taken: (c: Candidate) => void, lost: (c: Candidate, winner: Candidate) => void): void {
    const { length } = this.#waiting;
    if (length === 0) return;
    this.#waiting.sort((a, b) => a.start - b.start || a.end - b.end || a.rule - b.rule || a.depth - b.depth);
    let from = 0;
    while (from < length) {
      let to = from + 1;
      let end = this.#waiting[from]!.end;
      while (to < length && this.#waiting[to]!.start < end) {
        end = Math.max(end, this.#waiting[to]!.end);
        to += 1;
      }
      if (end > frontier && length - from <= MOST_WAITING) break;
      this.#resolve(this.#waiting.slice(from, to), taken, lost);
      from = to;
    }
    this.#waiting = this.#waiting.slice(from);
  }

  #resolve(group: Candidate[], taken: (c: Candidate) => void, lost: (c: Candidate, winner: Candidate) => void): void {
    if (group.length === 1) {
      taken(group[0]!);
      return;
    }
    if (!this.exclusive) {
      group.forEach((candidate, i) => {
        const twin = group[i - 1];
        const same = twin?.rule === candidate.rule && twin.start === candidate.start && twin.end === candidate.end;
        if (same) lost(candidate, twin);
        else taken(candidate);
      });
      return;
    }
    // By start; none overlaps another.
    const winners: Candidate[] = [];
    for (const candidate of group.sort(this.compare)) {
      const at = after(winners, candidate.start);
      const left = winners[at - 1];
      const right = winners[at];
      if (left !== undefined && left.end > candidate.start) lost(candidate, left);
      else if (right !== undefined && right.start < candidate.end) lost(candidate, right);
      else winners.splice(at, 0, candidate);
    }
    for (const winner of winners) taken(winner);
  }
}

/** Index of the first of `sorted` that starts behind `start`. */
function after(sorted: readonly Candidate[], start: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.start <= start) low = middle + 1;
    else high = middle;
  }
  return low;
}
