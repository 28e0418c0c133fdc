import type { Readable } from 'node:stream';
import { ChunkReader, LineSplitter } from '@spectral/capture-json';
import { ChunkError, type ChunkHandler, type Feed } from '@spectral/core';
import { StdinError } from './errors.js';

/** A thing worth logging: a short stable name, and fields without payload bytes. */
export interface FeedEvent {
  readonly event: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Options of `createStdinFeed`. */
export interface StdinFeedOptions {
  /** Default: standard input of this process. */
  readonly input?: Readable;
  /** Longest line in bytes; longer ones are skipped and counted. Default 2 MiB, at most 64 MiB. */
  readonly maxLineBytes?: number;
  /** Takes what the feed has to say; default: nobody does. */
  readonly log?: (event: FeedEvent) => void;
}

const DEFAULT_LINE = 2 * 2 ** 20;
const LARGEST_LINE = 64 * 2 ** 20;

/** Bad lines that are logged one by one; the others are only counted, and summed up at the end. */
const MAX_REPORTED = 100;

/**
 * One chunk a line, as JSON: see `ChunkDocument`. A bad line is reported with its number and skipped. Lines are scanned as
 * they are read, so a writer that is too fast is held back by its pipe.
 */
class StdinFeed implements Feed {
  readonly name = 'stdin';
  readonly ended: Promise<void>;
  readonly #maxLineBytes: number;
  readonly #log: (event: FeedEvent) => void;
  readonly #given: Readable | undefined;
  #input: Readable | undefined;
  #finish!: () => void;
  #reader: ChunkReader | undefined;
  #over = false;
  /** Lets go of the signal given to `start`. */
  readonly #stopped = new AbortController();
  #bytes = 0;
  #chunks = 0;
  #bad = 0;
  #tooLong = 0;
  readonly #splitter: LineSplitter;

  constructor({ input, maxLineBytes = DEFAULT_LINE, log }: StdinFeedOptions) {
    if (!Number.isInteger(maxLineBytes) || maxLineBytes < 1 || maxLineBytes > LARGEST_LINE) {
      throw new StdinError('EOPTION', `maxLineBytes must be a whole number from 1 to ${LARGEST_LINE}`);
    }
    this.#maxLineBytes = maxLineBytes;
    this.#log = log ?? (() => {});
    this.#given = input;
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#splitter = new LineSplitter(maxLineBytes, {
      line: (bytes, number) => this.#line(bytes, number),
      tooLong: (number) => {
        this.#tooLong += 1;
        this.#report(number, 'line', `is longer than ${maxLineBytes} bytes`);
      },
    });
  }

  async start(handler: ChunkHandler, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#over) return;
    signal.addEventListener('abort', () => void this.stop(), { once: true, signal: this.#stopped.signal });
    this.#reader = new ChunkReader('stdin', handler, this.#maxLineBytes);
    this.#input = this.#given ?? process.stdin;
    this.#input.on('data', this.#read);
    this.#input.once('end', this.#end);
    this.#input.once('error', this.#failed);
    // A stream that was destroyed, or whose end somebody else has read.
    this.#input.once('close', this.#end);
    if (this.#input.destroyed || this.#input.readableEnded) this.#end();
    else this.#log({ event: 'stdin_reading', level: 'info', fields: { max_line_bytes: this.#maxLineBytes } });
  }

  readonly #read = (bytes: Buffer): void => {
    this.#bytes += bytes.length;
    this.#splitter.push(bytes);
  };

  readonly #failed = (error: NodeJS.ErrnoException): void => {
    this.#log({ event: 'stdin_failed', level: 'error', fields: { error: error.code ?? error.message } });
    this.#end();
  };

  readonly #end = (): void => {
    if (this.#over) return;
    this.#over = true;
    this.#splitter.end();
    const { lines, chunks, bad_lines, long_lines } = this.counters() as Record<string, number>;
    this.#log({ event: 'stdin_ended', level: 'info', fields: { lines, chunks, bad_lines, long_lines } });
    this.#finish();
  };

  #line(bytes: Buffer, number: number): void {
    try {
      this.#reader!.read(bytes);
      this.#chunks += 1;
    } catch (error) {
      this.#bad += 1;
      if (!(error instanceof ChunkError)) this.#report(number, '', (error as Error).message);
      else this.#report(number, error.field, error.message.replace(/^chunk[^:]*: /, ''));
    }
  }

  #report(line: number, field: string, error: string): void {
    const level = this.#bad + this.#tooLong <= MAX_REPORTED ? 'warn' : 'debug';
    this.#log({ event: 'stdin_bad_line', level, fields: { line, ...(field !== '' && { field }), error } });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    const input = this.#input;
    if (input === undefined || this.#over) {
      this.#over = true;
      this.#finish();
      return;
    }
    input.off('data', this.#read);
    // Handed to the stream already: scanned too.
    for (let bytes: Buffer | null = input.read(); bytes !== null; bytes = input.read()) this.#read(bytes);
    this.#end();
    input.off('end', this.#end);
    input.off('close', this.#end);
    // Otherwise an open standard input would hold the process.
    input.pause();
    (input as Partial<{ unref(): void }>).unref?.();
  }

  counters(): Readonly<Record<string, number>> {
    return {
      lines: this.#splitter.lines,
      bytes: this.#bytes,
      chunks: this.#chunks,
      bad_lines: this.#bad,
      long_lines: this.#tooLong,
      ended: this.#over ? 1 : 0,
    };
  }
}

/**
 * The feed of chunks as JSON Lines on standard input.
 * @throws StdinError `EOPTION`
 */
export function createStdinFeed(options: StdinFeedOptions = {}): Feed & { readonly ended: Promise<void> } {
  return new StdinFeed(options);
}
