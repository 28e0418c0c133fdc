export { BLOCK_MODES, type BlockMode, type BlockOptions } from './blocking.js';
export { CaptureError, type CaptureErrorCode } from './errors.js';
export type { FeedEvent, FeedLog } from './events.js';
export { createEbpfFeed, type EbpfFeed, type EbpfFeedOptions } from './feed.js';
