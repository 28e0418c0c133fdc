import type { BodyFields } from './body-fields.js';
import type { ViewHost, ViewSink } from './types.js';

/** "deflate" means zlib (RFC 9110, 8.4.1.2), but some senders leave its header away. No block of theirs begins like one. */
function hasZlibHeader(first: number): boolean {
  return (first & 0x0f) === 8 && first <= 0x78;
}

/**
 * A sink for the body of a message: what is put into it is decoded as its fields say. `undefined` if that is not known.
 *
 * @param first the first byte of the body
 */
export function openBody(host: ViewHost, name: string, fields: BodyFields, first: number): ViewSink | undefined {
  const { codings, kind } = fields;
  if (codings === undefined) return undefined;
  let sink = host.open([name, ...codings].join('+'), kind);
  for (const [index, coding] of codings.entries()) {
    const isOuter = index === codings.length - 1;
    sink = host.inflate(coding === 'zlib' && isOuter && !hasZlibHeader(first) ? 'raw' : coding, sink);
  }
  return sink;
}
