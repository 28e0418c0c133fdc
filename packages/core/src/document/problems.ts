import { MAX_PROBLEMS, type Problem } from '../errors.js';

/** Takes what is wrong with a place of a document. */
export interface Report {
  add(path: string, message: string): undefined;
}

/** Collects all that is wrong with a document, so that its author can mend it in one go. */
export class Problems implements Report {
  readonly list: Problem[] = [];
  /** Found beyond the first `MAX_PROBLEMS`; counted, not kept. */
  more = 0;

  add(path: string, message: string): undefined {
    if (this.list.length < MAX_PROBLEMS) this.list.push({ path, message });
    else this.more += 1;
    return undefined;
  }

  get any(): boolean {
    return this.list.length > 0;
  }
}

/** A JSON object, as opposed to an array, `null` or a scalar. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reports every field of `value` that is not in `known`, with the known one that was probably meant. */
export function rejectUnknownFields(
  problems: Report,
  path: string,
  value: Record<string, unknown>,
  known: readonly string[],
): void {
  for (const field of Object.keys(value)) {
    if (known.includes(field)) continue;
    // A name that does not look like one may be a misplaced secret: it is not repeated.
    const shown = /^[A-Za-z_$][\w$-]{0,31}$/.test(field) ? `"${field}"` : 'with an unusual name';
    const meant = closest(field, known);
    const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean "${meant}"?`;
    problems.add(path, `unknown field ${shown}; ${hint}`);
  }
}

/** The first of `known` that `name` is probably a misspelling of. */
export function closest(name: string, known: readonly string[]): string | undefined {
  return known.find((other) => distance(other, name) <= 2);
}

/** Levenshtein distance, ignoring case; names longer than 32 letters are never close. */
function distance(a: string, b: string): number {
  if (a.length > 32 || b.length > 32) return Number.POSITIVE_INFINITY;
  const x = a.toLowerCase();
  const y = b.toLowerCase();
  let row = Array.from({ length: y.length + 1 }, (_, j) => j);
  for (let i = 1; i <= x.length; i++) {
    const next = [i];
    for (let j = 1; j <= y.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (x[i - 1] === y[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[y.length]!;
}
