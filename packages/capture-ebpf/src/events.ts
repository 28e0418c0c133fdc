/** A thing worth logging. `event` becomes the log line's message, `fields` its fields; no payload bytes ever. */
export interface FeedEvent {
  readonly event: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Takes what the feed has to say. It must not throw. */
export type FeedLog = (event: FeedEvent) => void;
