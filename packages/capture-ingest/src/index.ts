export {
  type IngestChunk,
  IngestClient,
  type IngestClientOptions,
  IngestRefused,
  type IngestResult,
} from './client.js';
export { IngestError, type IngestErrorCode } from './errors.js';
export { createIngestFeed, type FeedEvent, type IngestFeedOptions } from './feed.js';
export { FIELD_HEADERS } from './headers.js';
export { OPENAPI } from './openapi.js';
