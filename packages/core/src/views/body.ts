import type { BodyFields } from './body-fields.js';
import { hasZlibHeader } from './inflated.js';
import type { ViewHost, ViewSink } from './types.js';

/**
 * A sink for the body of a message: what is put into it is decoded as its fields say. `undefined` if that is not known.
 *
 * @param first the first byte of the body
 */
export function openBody(host: ViewHost, name: string, fields: BodyFields, first: number): ViewSink | undefined {
  const { codings, kind } = fields;
  if (codings === undefined) return undefined;
  const [inner, outer] = codings.length < 2 ? [undefined, codings[0]] : codings;
  if (outer === undefined) return host.open(name, kind);
  const compression = outer === 'zlib' && !hasZlibHeader(first) ? 'raw' : outer;
  return host.inflate(compression, host.open(`${name}/${compression}`, inner ?? kind));
}
