import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** Where bytes of log lines end up. Never blocks on a reader that does not read. */
export interface Outlet {
  /**
   * Takes a prefix of `bytes`, possibly none.
   * @returns number of bytes taken; fewer than given means: try again when `onReady` fires
   * @throws NodeJS.ErrnoException the write failed; what was not taken may be tried again
   */
  write(bytes: Uint8Array): number;
  /** Called when there may be room again, and with an error when the outlet breaks on its own. */
  onReady: (error?: NodeJS.ErrnoException) => void;
  /** Resolves when all that was taken has left the process, or after `ms`. */
  drained(ms: number): Promise<void>;
  close(): void;
}

const RETRY_MS = 20;

/**
 * A file descriptor written synchronously: files, terminals, pipes. A terminal (^S) or a pipe whose reader pauses would
 * block the sensor, so these are opened anew without blocking: an open file of our own, since the flag of the
 * inherited one is shared with other processes.
 */
export class DescriptorOutlet implements Outlet {
  onReady: (error?: NodeJS.ErrnoException) => void = () => {};
  private readonly owned: boolean;
  private readonly fd: number;
  private readonly device: boolean;
  private timer: NodeJS.Timeout | undefined;

  constructor(inherited: number) {
    const kind = fstatSync(inherited);
    let fd = inherited;
    this.device = kind.isCharacterDevice();
    if (kind.isFIFO() || this.device) {
      try {
        fd = openSync(`/proc/self/fd/${inherited}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
      } catch {
        // Not ours to open (a terminal of another user): the inherited descriptor still works.
      }
    }
    this.fd = fd;
    this.owned = fd !== inherited;
  }

  write(bytes: Uint8Array): number {
    try {
      const taken = writeSync(this.fd, bytes);
      if (taken < bytes.length) this.retry();
      return taken;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EINTR' || code === 'EAGAIN' || code === 'EBUSY') {
        this.retry();
        return 0;
      }
      // What a terminal answers once it has hung up.
      if (code === 'EIO' && this.device) throw Object.assign(error as Error, { code: 'EPIPE' });
      throw error;
    }
  }

  async drained(): Promise<void> {}

  close(): void {
    clearTimeout(this.timer);
    if (this.owned) closeSync(this.fd);
  }

  private retry(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.onReady(), RETRY_MS);
    this.timer.unref();
  }
}

/** A stream: sockets, and whatever a caller passes instead of standard output. */
export class StreamOutlet implements Outlet {
  onReady: (error?: NodeJS.ErrnoException) => void = () => {};
  private full = false;
  private broken = false;

  constructor(private readonly stream: Writable) {
    stream.on('drain', this.drain);
    stream.on('error', this.fail);
    stream.on('close', this.gone);
  }

  write(bytes: Uint8Array): number {
    if (this.broken || this.full) return 0;
    this.full = !this.stream.write(bytes);
    return bytes.length;
  }

  drained(ms: number): Promise<void> {
    if (this.broken || this.stream.writableLength === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      // An empty write is called back once everything before it has left.
      this.stream.write('', done);
    });
  }

  close(): void {
    this.stream.off('drain', this.drain);
    this.stream.off('close', this.gone);
    // The error listener stays: a late EPIPE of a stream without one would end the process.
  }

  private readonly drain = (): void => {
    this.full = false;
    this.onReady();
  };

  private readonly fail = (error: NodeJS.ErrnoException): void => {
    if (this.broken) return;
    this.broken = true;
    this.onReady(error);
  };

  private readonly gone = (): void => this.fail(Object.assign(new Error('stream closed'), { code: 'EPIPE' }));
}

/** The outlet for a stream: by its descriptor where that can be written without blocking, else through the stream. */
export function outletOf(stream: Writable & { readonly fd?: number }): Outlet {
  const { fd } = stream;
  return fd === undefined || fstatSync(fd).isSocket() ? new StreamOutlet(stream) : new DescriptorOutlet(fd);
}
