import { isRecord, type Report, rejectUnknownFields } from './problems.js';

/**
 * Readers turn a value of a document into a checked, frozen one. What is wrong goes to `report`, with its place; the result is
 * `undefined` then. Messages never repeat the value, which may be a misplaced secret.
 */
export type Reader<T> = (value: unknown, place: string, report: Report) => T | undefined;

type Checks = Readonly<Record<string, Reader<unknown>>>;
type Checked<R> = R extends Reader<infer T> ? T : never;
type RecordOf<F extends Checks> = { readonly [K in keyof F]?: Checked<F[K]> };

/** A string of 1 to `most` UTF-16 code units, each of which is half of a valid pair if it is half of one at all. */
/* @__NO_SIDE_EFFECTS__ */
export function text(most: number, shape?: RegExp, words?: string): Reader<string> {
  return (value, place, report) => {
    if (typeof value !== 'string') return report.add(place, 'must be a string');
    if (value === '') return report.add(place, 'is empty');
    if (value.length > most) return report.add(place, `is longer than ${most} characters`);
    if (shape !== undefined && !shape.test(value)) return report.add(place, `must be ${words}`);
    if (/\p{Surrogate}/u.test(value)) return report.add(place, HALF_A_PAIR);
    return value;
  };
}

export const HALF_A_PAIR = 'has half of a surrogate pair, which no text in UTF-8 can hold';

/* @__NO_SIDE_EFFECTS__ */
export function number(least: number, most: number, kind: 'whole number' | 'number'): Reader<number> {
  return (value, place, report) => {
    const fits = typeof value === 'number' && value >= least && value <= most;
    if (fits && (kind === 'number' || Number.isInteger(value))) return value;
    return report.add(place, `must be a ${kind} from ${least} to ${most}`);
  };
}

export const boolean: Reader<boolean> = (value, place, report) =>
  typeof value === 'boolean' ? value : report.add(place, 'must be true or false');

/* @__NO_SIDE_EFFECTS__ */
export function oneOf<T extends string>(choices: readonly T[]): Reader<T> {
  return (value, place, report) => {
    const found = choices.find((choice) => choice === value);
    return found ?? report.add(place, `must be one of ${choices.join(', ')}`);
  };
}

/** An array without repetitions. `same` tells what of an item must differ; default: the item itself. */
/* @__NO_SIDE_EFFECTS__ */
export function list<T>(
  item: Reader<T>,
  least: number,
  most: number,
  same?: (item: T) => unknown,
): Reader<readonly T[]> {
  return (value, place, report) => {
    if (!Array.isArray(value)) return report.add(place, 'must be an array');
    if (value.length < least) return report.add(place, least === 1 ? 'is empty' : `needs at least ${least} items`);
    if (value.length > most) return report.add(place, `has ${value.length} items, at most ${most} are allowed`);
    const seen = new Map<unknown, number>();
    const items: T[] = [];
    for (const [index, given] of value.entries()) {
      const at = `${place}[${index}]`;
      const read = item(given, at, report);
      if (read === undefined) continue;
      const key = same === undefined ? read : same(read);
      const first = seen.get(key);
      if (first !== undefined) report.add(at, `is the same as ${place}[${first}]`);
      else seen.set(key, index);
      items.push(read);
    }
    return Object.freeze(items);
  };
}

/** An object with these fields and no others; those in `needed` must be there. */
/* @__NO_SIDE_EFFECTS__ */
export function record<F extends Checks>(fields: F, needed: readonly (keyof F & string)[] = []): Reader<RecordOf<F>> {
  const known = Object.keys(fields);
  return (value, place, report) => {
    if (!isRecord(value)) return report.add(place, 'must be an object');
    rejectUnknownFields(report, place, value, known);
    for (const name of needed) if (value[name] === undefined) report.add(`${place}.${name}`, 'is missing');
    const read = known
      .filter((name) => value[name] !== undefined)
      .map((name) => [name, fields[name]!(value[name], `${place}.${name}`, report)]);
    return Object.freeze(Object.fromEntries(read)) as RecordOf<F>;
  };
}

/** Words of a fixed set are read in any case. */
export function lower(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}
