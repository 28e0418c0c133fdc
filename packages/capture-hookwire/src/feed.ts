import { createServer, type Server, type Socket } from 'node:net';
import type { ChunkHandler, Feed } from '@spectral/core';
import { type HookAddress, isLoopback, parseAddress } from './address.js';
import { Decoder } from './decoder.js';
import { HookwireError } from './errors.js';
import type { BadHeader } from './frame.js';
import { readInto } from './reader.js';
import { listenPrivately, removeStale } from './unix-socket.js';

/** A thing worth logging: a short stable name, and fields without payload bytes. */
export interface FeedEvent {
  readonly event: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Options of `createHookwireFeed`. */
export interface HookwireFeedOptions {
  /** `unix:PATH` or `tcp:HOST:PORT`; port 0: any free one. */
  readonly address: string;
  /** Whether `tcp:` may listen where other machines reach it. There is no authentication. Default false. */
  readonly allowRemote?: boolean;
  /** Connections at a time; more are closed at once and counted. Default 1024. */
  readonly maxConnections?: number;
  /** Milliseconds without a byte in the middle of a frame after which a connection is closed. Default 30,000. */
  readonly stallMs?: number;
  /** Takes what the feed has to say; default: nobody does. */
  readonly log?: (event: FeedEvent) => void;
}

interface Connection {
  readonly socket: Socket;
  readonly decoder: Decoder;
}

class HookwireFeed implements Feed {
  readonly name = 'hookwire';
  readonly #address: HookAddress;
  readonly #maxConnections: number;
  readonly #stallMs: number;
  readonly #log: (event: FeedEvent) => void;
  readonly #connections = new Set<Connection>();
  readonly #frames = { frames: 0, bytes: 0, flowsEvicted: 0 };
  readonly #bad: Record<BadHeader, number> = { magic: 0, version: 0, flags: 0, length: 0 };
  #accepted = 0;
  #refused = 0;
  #stalled = 0;
  #cutShort = 0;
  #handlerErrors = 0;
  #server: Server | undefined;
  #stopping: Promise<void> | undefined;
  /** Lets go of the signal given to `start`. */
  readonly #stopped = new AbortController();

  constructor({ address, allowRemote = false, maxConnections = 1024, stallMs = 30_000, log }: HookwireFeedOptions) {
    this.#address = parseAddress(address);
    if (this.#address.kind === 'tcp' && !allowRemote && !isLoopback(this.#address.host)) {
      const { host } = this.#address;
      const what = 'anyone who reaches it could send chunks; use 127.0.0.1 or [::1], or allow it on purpose';
      throw new HookwireError('EREMOTE', `${address}: ${host} is not a loopback address: ${what}`);
    }
    this.#maxConnections = checkNumber('maxConnections', maxConnections, 65_536);
    this.#stallMs = checkNumber('stallMs', stallMs, 3_600_000);
    this.#log = log ?? (() => {});
  }

  async start(handler: ChunkHandler, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    signal.addEventListener('abort', () => void this.stop(), { once: true, signal: this.#stopped.signal });
    if (this.#address.kind === 'unix') await removeStale(this.#address.path);
    if (this.#stopping !== undefined) return;
    const server = createServer({ pauseOnConnect: true, noDelay: true });
    this.#server = server;
    server.on('connection', (socket) => this.#accept(socket, handler));
    const bound = await this.#listen(server);
    if (this.#stopping !== undefined) {
      server.close();
      return;
    }
    this.#log({ event: 'hookwire_listening', level: 'info', fields: { address: bound } });
    if (this.#address.kind === 'tcp' && !isLoopback(this.#address.host)) {
      const risk = 'anyone who reaches this address can send chunks; there is no authentication';
      this.#log({ event: 'hookwire_not_loopback', level: 'warn', fields: { address: bound, risk } });
    }
  }

  #listen(server: Server): Promise<string> {
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(this.#address, error)));
      server.once('listening', () => {
        server.removeAllListeners('error');
        // What goes wrong with a listening socket later (out of descriptors) costs a connection, not the sensor.
        server.on('error', () => {});
        const bound = server.address();
        if (bound === null || typeof bound === 'string') resolve(`unix:${bound}`);
        else resolve(`tcp:${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`);
      });
      if (this.#address.kind === 'unix') listenPrivately(server, this.#address.path);
      else server.listen({ host: this.#address.host, port: this.#address.port, exclusive: true });
    });
  }

  #accept(accepted: Socket, handler: ChunkHandler): void {
    if (this.#connections.size >= this.#maxConnections) {
      this.#refused += 1;
      accepted.destroy();
      return;
    }
    this.#accepted += 1;
    const decoder = new Decoder(this.#accepted, handler, this.#frames);
    const socket = readInto(accepted, (bytes) => this.#take(connection, bytes));
    const connection: Connection = { socket, decoder };
    this.#connections.add(connection);
    socket.on('error', () => {}); // its close is all that matters
    socket.setTimeout(this.#stallMs, () => {
      if (!decoder.midFrame) return;
      this.#stalled += 1;
      socket.destroy();
    });
    socket.once('end', () => socket.destroy());
    socket.once('close', () => this.#closed(connection));
    socket.resume();
  }

  #take({ socket, decoder }: Connection, bytes: Buffer): void {
    try {
      if (decoder.push(bytes)) return;
      const reason = decoder.bad!;
      this.#bad[reason] += 1;
      // The first of a kind is news; a sender that tries again and again must not fill the log.
      const level = this.#bad[reason] === 1 ? 'warn' : 'debug';
      this.#log({ event: 'hookwire_bad_header', level, fields: { reason } });
    } catch (error) {
      // The handler failed: the connection goes, the others stay.
      this.#handlerErrors += 1;
      this.#log({ event: 'hookwire_failed', level: 'error', fields: { error: (error as Error).message } });
    }
    socket.destroy();
  }

  #closed(connection: Connection): void {
    this.#connections.delete(connection);
    const { decoder } = connection;
    if (decoder.midFrame && decoder.bad === undefined) this.#cutShort += 1;
    try {
      decoder.end();
    } catch {
      this.#handlerErrors += 1;
    }
  }

  stop(): Promise<void> {
    this.#stopped.abort();
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  async #close(): Promise<void> {
    // What the kernel holds is still read: the senders may have written and left.
    await turnOfTheLoop();
    const gone = [...this.#connections].map(({ socket }) => {
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.destroy();
      return closed;
    });
    if (this.#server?.listening) await new Promise((resolve) => this.#server!.close(resolve));
    await Promise.all(gone);
  }

  counters(): Readonly<Record<string, number>> {
    return {
      frames: this.#frames.frames,
      bytes: this.#frames.bytes,
      flows_evicted: this.#frames.flowsEvicted,
      connections: this.#connections.size,
      connections_accepted: this.#accepted,
      connections_refused: this.#refused,
      connections_stalled: this.#stalled,
      frames_cut_short: this.#cutShort,
      bad_magic: this.#bad.magic,
      bad_version: this.#bad.version,
      bad_flags: this.#bad.flags,
      bad_length: this.#bad.length,
      handler_errors: this.#handlerErrors,
    };
  }
}

/** Lasts until everything that can be read now has been read: from one check phase to the next lies a whole poll phase. */
function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

function checkNumber(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new HookwireError('EOPTION', `${name} must be a whole number from 1 to ${most}, not ${value}`);
}

function bindError(address: HookAddress, { code, message }: NodeJS.ErrnoException): HookwireError {
  const shown = address.kind === 'unix' ? `unix:${address.path}` : `tcp:${address.host}:${address.port}`;
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: 'it is in use; stop who listens there or choose another address',
    // libuv says so of a missing directory, too.
    EACCES:
      address.kind === 'unix'
        ? 'its directory does not exist, or may not be written to'
        : 'not permitted; choose a port from 1024 or run as root',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'the host name cannot be resolved',
  };
  return new HookwireError('EBIND', `cannot listen on ${shown}: ${why[code ?? ''] ?? code ?? message}`);
}

/**
 * The feed of binary frames (see `frame.ts`) that processes send over a unix or TCP socket.
 * @throws HookwireError `EADDRESS`, `EREMOTE`, `EOPTION`
 */
export function createHookwireFeed(options: HookwireFeedOptions): Feed {
  return new HookwireFeed(options);
}
