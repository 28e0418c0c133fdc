import type { Outlet } from './outlet.js';

/** Errors after which nobody will ever read us again. */
const CLOSED = new Set(['EPIPE', 'ECONNRESET', 'ENOTCONN', 'EBADF', 'ERR_STREAM_DESTROYED']);

/** A failing device (disk full) is tried again this often. Milliseconds. */
const RETRY_MS = 1_000;

/** Lines that matter less give way first: they may fill this part of the backlog only. */
const MINOR_SHARE = 0.5;

export interface LineWriterCounters {
  lines: number;
  /** Lines that did not fit into the backlog, or that were left in it at the end. */
  dropped: number;
  /** Failed writes, such as on a full disk. The line is kept and tried again. */
  writeErrors: number;
}

/**
 * Writes whole lines to an outlet that may be slow, full or gone. At most `maxBytes` wait in memory; what does not fit
 * is dropped and counted. A line is written entirely or not at all, unless the outlet itself stops within it.
 */
export class LineWriter {
  readonly counters: LineWriterCounters = { lines: 0, dropped: 0, writeErrors: 0 };
  /** Called once when the reader is gone. */
  onClosed: (error: Error) => void = () => {};
  private readonly backlog: Uint8Array[] = [];
  private backlogBytes = 0;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private lastError: NodeJS.ErrnoException | undefined;

  constructor(
    private readonly outlet: Outlet,
    private readonly maxBytes = 4 * 2 ** 20,
  ) {
    outlet.onReady = (error) => {
      if (error === undefined) this.pump();
      else this.end(error);
    };
  }

  /** @param line with its newline. @param minor may be dropped so that other lines find room */
  write(line: string, minor = false): void {
    this.counters.lines++;
    const bytes = Buffer.from(line);
    const room = (minor ? this.maxBytes * MINOR_SHARE : this.maxBytes) - this.backlogBytes;
    if (this.closed || bytes.length > room) {
      this.counters.dropped++;
      return;
    }
    this.backlog.push(bytes);
    this.backlogBytes += bytes.length;
    if (this.backlog.length === 1) this.pump();
  }

  /**
   * Writes what waits, for at most `ms`, then lets go of the outlet.
   * @returns the last write error if lines were lost to it
   */
  async close(ms: number): Promise<NodeJS.ErrnoException | undefined> {
    const deadline = Date.now() + ms;
    this.pump();
    while (!this.closed && this.lastError === undefined && this.backlog.length > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      this.pump();
    }
    await this.outlet.drained(Math.max(0, deadline - Date.now()));
    clearTimeout(this.timer);
    this.closed = true;
    const lost = this.backlog.length;
    this.forget();
    this.outlet.close();
    return lost > 0 ? this.lastError : undefined;
  }

  private pump(): void {
    clearTimeout(this.timer);
    while (!this.closed && this.backlog.length > 0) {
      const bytes = this.backlog[0]!;
      try {
        const taken = this.outlet.write(bytes);
        this.lastError = undefined;
        this.backlogBytes -= taken;
        if (taken < bytes.length) {
          this.backlog[0] = bytes.subarray(taken);
          return;
        }
        this.backlog.shift();
      } catch (error) {
        this.failed(error as NodeJS.ErrnoException);
        return;
      }
    }
  }

  private failed(error: NodeJS.ErrnoException): void {
    if (!CLOSED.has(error.code ?? '')) {
      this.note(error);
      this.timer = setTimeout(() => this.pump(), RETRY_MS);
      this.timer.unref();
      return;
    }
    this.end(error);
  }

  /** The outlet will take nothing any more, whatever the error is called. */
  private end(error: NodeJS.ErrnoException): void {
    this.note(error);
    if (this.closed) return;
    clearTimeout(this.timer);
    this.closed = true;
    this.forget();
    this.onClosed(error);
  }

  private note(error: NodeJS.ErrnoException): void {
    this.counters.writeErrors++;
    this.lastError = error;
  }

  private forget(): void {
    this.counters.dropped += this.backlog.length;
    this.backlog.length = 0;
    this.backlogBytes = 0;
  }
}
