import { Encoded } from './encoded.js';
import { Http1 } from './http1.js';
import { Http2 } from './http2.js';
import { EventStream } from './sse.js';
import type { Protocol, StreamKind, ViewHost } from './types.js';

/** The decoder for a stream of this kind; `undefined` if there is nothing to decode. It puts what it finds into `host`. */
export function openProtocol(kind: StreamKind, host: ViewHost): Protocol | undefined {
  switch (kind) {
    case 'http1':
      return new Http1(host, 'head');
    case 'http1-body':
      return new Http1(host, 'chunk');
    case 'http2':
      return new Http2(host);
    case 'gzip':
    case 'zlib':
    case 'raw':
    case 'br':
    case 'utf16le':
    case 'utf16be':
      return new Encoded(host, kind);
    case 'json':
      return new Encoded(host, 'jsonText');
    case 'form':
      return new Encoded(host, 'form');
    case 'sse':
    case 'ndjson':
      return new EventStream(host);
    default:
      return undefined;
  }
}
