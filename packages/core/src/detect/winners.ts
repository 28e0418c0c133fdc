import type { Candidate } from './candidate.js';

/** Findings before one in another stream that are compared with it. */
const LOOKED_BACK = 64;

/** Findings of which no two overlap, by the stream that they belong to. */
export class Winners {
  /** By their place in the stream; in the flow, none of one stream begins or ends before the one in front of it. */
  readonly #streams = new Map<object, Candidate[]>();

  add(candidate: Candidate): void {
    const { stream, from } = candidate.place;
    const list = this.#streams.get(stream);
    if (list === undefined) this.#streams.set(stream, [candidate]);
    else
      list.splice(
        firstFrom(list, ({ place }) => place.from > from),
        0,
        candidate,
      );
  }

  /** One that the candidate overlaps. */
  rivalOf(candidate: Candidate): Candidate | undefined {
    for (const [stream, list] of this.#streams) {
      const rival = stream === candidate.place.stream ? within(list, candidate) : across(list, candidate);
      if (rival !== undefined) return rival;
    }
    return undefined;
  }
}

function within(list: readonly Candidate[], { place }: Candidate): Candidate | undefined {
  const last = list[firstFrom(list, (winner) => winner.place.from >= place.to) - 1];
  return last !== undefined && last.place.to > place.from ? last : undefined;
}

function across(list: readonly Candidate[], candidate: Candidate): Candidate | undefined {
  const behind = firstFrom(list, ({ start }) => start >= candidate.end);
  for (let i = behind - 1; i >= Math.max(behind - LOOKED_BACK, 0) && list[i]!.end > candidate.start; i--) {
    if (touches(list[i]!.masks, candidate.masks)) return list[i];
  }
  return undefined;
}

/** Do two lists of begins and ends, in ascending order, have a byte in common? */
function touches(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i + 1]! <= b[j]!) i += 2;
    else if (b[j + 1]! <= a[i]!) j += 2;
    else return true;
  }
  return false;
}

/** Index of the first of `list` that is so, where none behind it is not; its length if none is. */
function firstFrom(list: readonly Candidate[], is: (c: Candidate) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (is(list[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
