export { CaptureError, type CaptureErrorCode } from './errors.js';
export type { FeedEvent, FeedLog } from './events.js';
export { createEbpfFeed, type EbpfFeedOptions } from './feed.js';
