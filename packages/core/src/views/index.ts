/** Decoders of protocols: they split a flow into the streams that it carries. */
export { openProtocol } from './open.js';
export { FLOW_KINDS, SNIFF_BYTES, sniff } from './sniff.js';
export { Sniffed } from './sniffed.js';
export type { Compression, Protocol, StreamKind, ViewHost, ViewSink } from './types.js';
