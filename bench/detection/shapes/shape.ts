import type { Random } from '../random.js';

/**
 * A kind of value that must be found. `shape`: the value tells what it is. `context`: only what stands beside it does; then it
 * is shown in assignments to `name` alone.
 */
export interface Shape {
  readonly id: string;
  readonly family: string;
  readonly kind: 'secret' | 'pii';
  readonly by: 'shape' | 'context';
  /** What programs call it, as an environment variable. */
  readonly name: string;
  readonly make: (random: Random) => string;
  /** Texts around it in place of the usual ones; `@` stands for the value. */
  readonly around?: readonly string[];
}

type Row = readonly [id: string, name: string, template: string | ((random: Random) => string), ...around: string[]];

const shapesOf = (by: Shape['by'], kind: Shape['kind'], family: string, rows: readonly Row[]): Shape[] =>
  rows.map(([id, name, template, ...around]) => ({
    id,
    family,
    kind,
    by,
    name,
    make: typeof template === 'string' ? (random) => random.fill(template) : template,
    ...(around.length > 0 && { around }),
  }));

export const secrets = (family: string, rows: readonly Row[]) => shapesOf('shape', 'secret', family, rows);
export const namedSecrets = (family: string, rows: readonly Row[]) => shapesOf('context', 'secret', family, rows);
export const personal = (family: string, rows: readonly Row[]) => shapesOf('shape', 'pii', family, rows);
export const namedPersonal = (family: string, rows: readonly Row[]) => shapesOf('context', 'pii', family, rows);
