export { StdinError, type StdinErrorCode } from './errors.js';
export { createStdinFeed, type FeedEvent, type StdinFeedOptions } from './feed.js';
