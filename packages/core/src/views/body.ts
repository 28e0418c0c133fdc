import type { BodyFields } from './body-fields.js';
import type { ViewHost, ViewSink } from './types.js';

/** A sink for the body of a message, decoded as its fields say; `undefined` if that is not known. `moves`: see `ViewHost`. */
export function openBody(
  host: ViewHost,
  name: string,
  { coding, kind }: BodyFields,
  moves = false,
): ViewSink | undefined {
  return coding === 'unknown' ? undefined : host.open(name, coding ?? kind, moves);
}
