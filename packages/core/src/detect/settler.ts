import type { Candidate } from './candidate.js';
import { Winners } from './winners.js';

/** Most candidates that wait. Beyond it the oldest are decided without waiting for what might overlap them. */
const MOST_WAITING = 4096;

/**
 * Decides between findings that overlap, once nothing else can come that overlaps them.
 *
 *   order: not generic before generic, validated before not, higher severity, longer, earlier in the policy, less decoded
 *
 * Taken one by one in that order, a finding that overlaps none that was taken is taken. Whether two overlap is asked in the stream that
 * both belong to; of two streams, in the flow's bytes that they come from.
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
    this.#waiting.sort(byStart);
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
        if (twin !== undefined && isTwin(candidate, twin)) lost(candidate, twin);
        else taken(candidate);
      });
      return;
    }
    const { stream } = group[0]!.place;
    const all: Candidate[] = [];
    const parts = group.every(({ place }) => place.stream === stream) ? clusters(group) : slices(group);
    for (const part of parts) {
      const winners = new Winners();
      for (const candidate of part.sort(this.compare)) {
        const rival = winners.rivalOf(candidate);
        if (rival !== undefined) lost(candidate, rival);
        else {
          winners.add(candidate);
          all.push(candidate);
        }
      }
    }
    for (const winner of all.sort(byStart)) taken(winner);
  }
}

function byStart(a: Candidate, b: Candidate): number {
  return a.start - b.start || a.end - b.end || a.rule - b.rule || a.place.from - b.place.from || a.depth - b.depth;
}

/** The same occurrence, seen in two views. */
function isTwin(a: Candidate, b: Candidate): boolean {
  if (a.rule !== b.rule || a.start !== b.start || a.end !== b.end) return false;
  return a.place.stream !== b.place.stream || (a.place.from === b.place.from && a.place.to === b.place.to);
}

/** Candidates of one stream, those together that overlap in it. */
function clusters(group: Candidate[]): Candidate[][] {
  group.sort((a, b) => a.place.from - b.place.from);
  const all: Candidate[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const candidate of group) {
    if (candidate.place.from >= end) all.push([]);
    all[all.length - 1]!.push(candidate);
    end = Math.max(end, candidate.place.to);
  }
  return all;
}

/** Not more at a time than may wait. */
function slices(group: Candidate[]): Candidate[][] {
  const count = Math.ceil(group.length / MOST_WAITING);
  return Array.from({ length: count }, (_, i) => group.slice(i * MOST_WAITING, (i + 1) * MOST_WAITING));
}
