/** Where the bytes of a decoded stream come from. */
import type { Place } from './candidate.js';
import type { Stream } from './stream.js';

/** The flow's byte that the byte of a stream at `offset` comes from. */
export function originOf(of: Stream, offset: number): number {
  let at = offset;
  for (let stream = of; stream.parent !== undefined; stream = stream.parent) at = stream.map.position(at);
  return at;
}

/** The flow's bytes that `[start, end)` of a stream comes from, as pairs of begin and end. */
export function spansOf(of: Stream, start: number, end: number): number[] {
  let list = [start, end];
  for (let stream = of; stream.parent !== undefined; stream = stream.parent) {
    const next: number[] = [];
    for (let i = 0; i < list.length; i += 2) stream.map.spans(list[i]!, list[i + 1]!, next);
    list = next;
  }
  return list;
}

/** From where to where in a stream's parent `[from, to)` comes from; `undefined` if from nowhere. */
function inParent({ map }: Stream, from: number, to: number): [number, number] | undefined {
  const spans: number[] = [];
  map.spans(from, to, spans);
  return spans.length === 0 ? undefined : [spans[0]!, spans[spans.length - 1]!];
}

/** Where `[start, end)` lies in the stream that it belongs to: see `Candidate`. */
export function placeOf(of: Stream, start: number, end: number): Place {
  let [from, to] = [start, end];
  let stream = of;
  for (; stream.isText && stream.parent !== undefined; stream = stream.parent) {
    const origin = inParent(stream, from, to);
    if (origin === undefined) break;
    [from, to] = origin;
  }
  return { stream, from, to };
}

/**
 * How `[start, end)` of a stream was decoded. A JSON text in which nothing was undone there does not count, nor a body that stands in the
 * flow in one piece and is not compressed.
 */
export function viewOf(of: Stream, start: number, end: number): string {
  let { view } = of;
  let [from, to] = [start, end];
  let isText = true;
  for (let stream = of; stream.parent !== undefined; stream = stream.parent) {
    const origin = inParent(stream, from, to);
    if (origin === undefined) break;
    const isSame = origin[1] - origin[0] === to - from;
    isText &&= isSame || stream.isText;
    if (isSame && (stream.isJsonText || (stream.isCopy && isText))) view = without(view, stream);
    [from, to] = origin;
  }
  return view;
}

/** The view, had this stream been left as it was. */
function without(view: string, { view: own, parent }: Stream): string {
  const before = parent!.view;
  if (view === own) return before;
  const behind = view.slice(own.length + 1);
  return before === 'raw' ? behind : `${before}/${behind}`;
}
