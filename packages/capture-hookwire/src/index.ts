export { type HookChunk, HookwireClient } from './client.js';
export { HookwireError, type HookwireErrorCode } from './errors.js';
export { createHookwireFeed, type FeedEvent, type HookwireFeedOptions } from './feed.js';
export {
  encodeFrame,
  encodeHeader,
  FLAG_END,
  FLAG_FLOW,
  FLAG_INGRESS,
  type FrameHeader,
  HEADER_BYTES,
  MAGIC,
  MAX_PAYLOAD_BYTES,
  VERSION,
} from './frame.js';
