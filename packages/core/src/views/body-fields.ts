import type { Compression, StreamKind } from './types.js';

/** Content codings (RFC 9110, 8.4.1). */
const CODINGS: ReadonlyMap<string, Compression> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'zlib'],
  ['br', 'br'],
]);

const LINES_OF_JSON = /^application\/(x-ndjson|ndjson|jsonl|x-jsonlines|json-lines|stream\+json)\b/;

/** What the fields of a message say about its body, be they sent by HTTP/1 or HTTP/2. */
export class BodyFields {
  /** The last that was applied; what is below it, tells itself. */
  coding: Compression | 'unknown' | undefined;
  kind: StreamKind | undefined;

  reset(): void {
    this.coding = this.kind = undefined;
  }

  /** @param name in lower case */
  set(name: string, value: string): void {
    if (name === 'content-encoding') this.add(value.split(','));
    else if (name === 'content-type') {
      const type = value.trim().toLowerCase();
      if (type.startsWith('text/event-stream')) this.kind = 'sse';
      else if (type.startsWith('application/x-www-form-urlencoded')) this.kind = 'form';
      else if (LINES_OF_JSON.test(type)) this.kind = 'ndjson';
    }
  }

  /** Codings that are applied to what there is. */
  add(names: readonly string[]): void {
    for (const name of names.map((coding) => coding.trim().toLowerCase())) {
      if (name !== '' && name !== 'identity') this.coding = CODINGS.get(name) ?? 'unknown';
    }
  }
}
