import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ChunkHandler, Feed } from '@spectral/core';
import { isLoopback, type ListenAddress, parseAddress } from './address.js';
import { IngestError } from './errors.js';
import { type RequestLimits, Requests } from './requests.js';

/** A thing worth logging: a short stable name, and fields without payload bytes. */
export interface FeedEvent {
  readonly event: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Options of `createIngestFeed`. */
export interface IngestFeedOptions {
  /** `[HOST]:PORT`; without HOST 127.0.0.1; port 0: any free one. */
  readonly address: string;
  /** What senders must give as `Authorization: Bearer TOKEN`. Needed where other machines reach the address. */
  readonly token?: string | undefined;
  /** Most bytes of one chunk's plaintext. Default 1 MiB, at most 64 MiB. */
  readonly maxChunkBytes?: number;
  /** Most bytes of a body of JSON Lines. Default 64 MiB. */
  readonly maxBatchBytes?: number;
  /** Most bytes of unfinished bodies, over all requests; what is more waits unread. Default 64 MiB. */
  readonly maxBufferedBytes?: number;
  /** Connections at a time; more are closed at once and counted. Default 1024. */
  readonly maxConnections?: number;
  /** Milliseconds in which a request must have arrived. Default 30,000; its header must in a third of it. */
  readonly requestTimeoutMs?: number;
  /** Takes what the feed has to say; default: nobody does. */
  readonly log?: (event: FeedEvent) => void;
}

const MIB = 2 ** 20;
/** Requests that are under way when the feed stops have this long. Milliseconds. */
const STOP_MS = 2_000;
const CHECK_MS = 500;

class IngestFeed implements Feed {
  readonly name = 'ingest';
  readonly #address: ListenAddress;
  readonly #token: string | undefined;
  readonly #limits: RequestLimits;
  readonly #maxConnections: number;
  readonly #timeoutMs: number;
  readonly #log: (event: FeedEvent) => void;
  #requests: Requests | undefined;
  #server: Server | undefined;
  #stopping: Promise<void> | undefined;
  /** Lets go of the signal given to `start`. */
  readonly #stopped = new AbortController();
  #connections = 0;
  #accepted = 0;
  #dropped = 0;
  #timeouts = 0;
  #malformed = 0;

  constructor(options: IngestFeedOptions) {
    const { address, token, log = () => {} } = options;
    this.#address = parseAddress(address);
    if (token === '') throw new IngestError('EOPTION', 'token must not be empty');
    if (token === undefined && !isLoopback(this.#address.host)) {
      const what = 'anyone who reaches it could send chunks; set a token, or use 127.0.0.1 or [::1]';
      throw new IngestError('ENOTOKEN', `${address}: ${this.#address.host} is not a loopback address: ${what}`);
    }
    this.#token = token;
    this.#limits = {
      maxChunkBytes: checkNumber('maxChunkBytes', options.maxChunkBytes ?? MIB, 64 * MIB),
      maxBatchBytes: checkNumber('maxBatchBytes', options.maxBatchBytes ?? 64 * MIB, 1024 * MIB),
      maxBufferedBytes: checkNumber('maxBufferedBytes', options.maxBufferedBytes ?? 64 * MIB, 4096 * MIB),
    };
    this.#maxConnections = checkNumber('maxConnections', options.maxConnections ?? 1024, 65_536);
    this.#timeoutMs = checkNumber('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, 3_600_000);
    this.#log = log;
  }

  async start(handler: ChunkHandler, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    signal.addEventListener('abort', () => void this.stop(), { once: true, signal: this.#stopped.signal });
    const requests = new Requests(handler, this.#token, this.#limits);
    this.#requests = requests;
    const server = createServer({
      maxHeaderSize: 8 * 1024,
      headersTimeout: Math.ceil(this.#timeoutMs / 3),
      requestTimeout: this.#timeoutMs,
      connectionsCheckingInterval: Math.min(CHECK_MS, Math.ceil(this.#timeoutMs / 4)),
      keepAliveTimeout: this.#timeoutMs,
      noDelay: true,
    });
    this.#server = server;
    server.maxConnections = this.#maxConnections;
    server.on('request', (request, response) => requests.handle(request, response));
    server.on('checkContinue', (request, response) =>
      requests.handle(request, response, () => response.writeContinue()),
    );
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#broken(error, socket));
    server.on('drop', () => {
      this.#dropped += 1;
    });
    server.on('connection', (socket) => {
      this.#accepted += 1;
      this.#connections += 1;
      socket.once('close', () => {
        this.#connections -= 1;
      });
    });
    const { address, port, family } = await this.#listen(server);
    if (this.#stopping !== undefined) {
      server.close();
      return;
    }
    const shown = `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    const fields = { address: shown, url: `http://${shown}/v1/ingest/chunk`, token: this.#token !== undefined };
    this.#log({ event: 'ingest_listening', level: 'info', fields });
  }

  /** What arrived is no HTTP, or did not arrive in time. */
  #broken(error: NodeJS.ErrnoException, socket: Duplex): void {
    const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    if (late) this.#timeouts += 1;
    else if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') this.#malformed += 1;
    const status =
      (late && '408 Request Timeout') ||
      (error.code === 'HPE_HEADER_OVERFLOW' && '431 Request Header Fields Too Large') ||
      '400 Bad Request';
    if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    socket.destroy();
  }

  #listen(server: Server): Promise<AddressInfo> {
    const { host, port } = this.#address;
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(host, port, error)));
      server.listen({ host, port, exclusive: true, backlog: 1024 }, () => {
        server.removeAllListeners('error');
        // What goes wrong with a listening socket later (out of descriptors) costs a connection, not the sensor.
        server.on('error', () => {});
        resolve(server.address() as AddressInfo);
      });
    });
  }

  stop(): Promise<void> {
    this.#stopped.abort();
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  async #close(): Promise<void> {
    const server = this.#server;
    if (this.#requests) this.#requests.stopping = true;
    if (!server?.listening) return;
    const timer = setTimeout(() => server.closeAllConnections(), STOP_MS);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    clearTimeout(timer);
  }

  counters(): Readonly<Record<string, number>> {
    const requests = this.#requests;
    const refused = Object.entries(requests?.refused ?? {}).map(([status, n]) => [`refused_${status}`, n] as const);
    return {
      ...requests?.counters,
      ...Object.fromEntries(refused),
      request_timeouts: this.#timeouts,
      requests_malformed: this.#malformed,
      requests_waiting: requests?.budget.waiting ?? 0,
      reserved_bytes: requests?.budget.used ?? 0,
      connections: this.#connections,
      connections_accepted: this.#accepted,
      connections_refused: this.#dropped,
    };
  }
}

function checkNumber(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new IngestError('EOPTION', `${name} must be a whole number from 1 to ${most}, not ${value}`);
}

function bindError(host: string, port: number, { code, message }: NodeJS.ErrnoException): IngestError {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use; choose another',
    EACCES: 'not permitted; choose a port from 1024 or run as root',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'the host name cannot be resolved',
  };
  const shown = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new IngestError('EBIND', `cannot listen on ${shown}: ${why[code ?? ''] ?? code ?? message}`);
}

/**
 * The feed of chunks that local programs post over HTTP: see `OPENAPI`.
 * @throws IngestError `EADDRESS`, `ENOTOKEN`, `EOPTION`
 */
export function createIngestFeed(options: IngestFeedOptions): Feed {
  return new IngestFeed(options);
}
