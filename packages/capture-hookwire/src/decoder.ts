import type { Chunk, ChunkHandler } from '@spectral/core';
import { type Flow, FlowNames } from './flows.js';
import {
  type BadHeader,
  COMM_BYTES,
  COMM_OFFSET,
  checkHeader,
  FLAG_END,
  FLAG_FLOW,
  FLAG_INGRESS,
  FLOW_BYTES,
  HEADER_BYTES,
  readComm,
} from './frame.js';

/** Copied into alerts. */
const META = { feed: 'hookwire' } as const;

/** Chunks handed over in one call. */
const MAX_BATCH = 1024;

export interface DecoderCounters {
  frames: number;
  bytes: number;
  flowsEvicted: number;
}

/**
 * Turns the bytes of one connection, cut anywhere, into chunks.
 *
 *            36 bytes, FLOW             8 more bytes
 *     HEADER ───────────────▶ FLOW ID ───────────────▶ PLAINTEXT ──▶ HEADER
 *        │ └───────── 36 bytes, no FLOW ──────────────────▲
 *        └── bad header ──▶ (the connection is closed)
 *
 * Plaintext is handed on as it comes: a frame in three reads makes three chunks of one flow. So nothing but an unfinished
 * header (44 bytes) is ever kept, and no byte of plaintext is copied here.
 */
export class Decoder {
  /** Set once a header was bad: there is no telling where the next one begins. */
  bad: BadHeader | undefined;
  readonly #handler: ChunkHandler;
  readonly #counters: DecoderCounters;
  readonly #flows: FlowNames;
  /** An unfinished header, with its flow number if it has one. */
  readonly #head = Buffer.alloc(HEADER_BYTES + FLOW_BYTES);
  #headBytes = 0;
  /** The comm of the last header, as bytes and as text, and its flow if it had no number. */
  readonly #commBytes = Buffer.alloc(COMM_BYTES);
  #comm = '';
  #lastFlow: Flow | undefined;
  /** The frame whose plaintext is on its way. */
  #flow: Flow | undefined;
  #flags = 0;
  #seq: number | undefined;
  #left = 0;
  #chunks: Chunk[] = [];

  constructor(connection: number, handler: ChunkHandler, counters: DecoderCounters) {
    this.#handler = handler;
    this.#counters = counters;
    this.#flows = new FlowNames(connection, (flow) => {
      this.#flush();
      if (this.#lastFlow === flow) this.#lastFlow = undefined;
      counters.flowsEvicted += 1;
      handler.endFlow(flow.key);
    });
  }

  /** Whether a frame has begun and not ended. */
  get midFrame(): boolean {
    return this.#headBytes > 0 || this.#flow !== undefined;
  }

  /**
   * Takes what was read. `bytes` may be overwritten afterwards.
   * @returns false when the connection must be closed: see `bad`
   */
  push(bytes: Buffer): boolean {
    let at = 0;
    while (this.bad === undefined) {
      if (this.#flow !== undefined) {
        const take = Math.min(this.#left, bytes.length - at);
        // An empty frame is a chunk too: its number counts.
        if (take > 0 || this.#left === 0) this.#add(bytes, at, take);
        at += take;
        if (this.#left > 0) break;
        this.#finish();
      }
      const next = this.#readHead(bytes, at);
      if (next < 0) break;
      at = next;
    }
    this.#flush();
    return this.bad === undefined;
  }

  /** The connection is over, and with it its flows. */
  end(): void {
    for (const flow of this.#flows.all()) this.#handler.endFlow(flow.key);
  }

  /** Reads a header that begins at `at`, or goes on there. Returns where the plaintext begins; -1: it is not all there. */
  #readHead(bytes: Buffer, at: number): number {
    let source = bytes;
    let start = at;
    let next = at;
    if (this.#headBytes > 0 || bytes.length - at < HEADER_BYTES + FLOW_BYTES) {
      // Byte for byte into `#head` until it holds all that its flags call for.
      source = this.#head;
      start = 0;
      next = this.#fill(bytes, at, HEADER_BYTES);
      if (this.#headBytes < HEADER_BYTES) return -1;
    }
    this.bad = checkHeader(source, start);
    if (this.bad !== undefined) return -1;
    const withFlow = (source.readUInt16LE(start + 6) & FLAG_FLOW) !== 0;
    const size = withFlow ? HEADER_BYTES + FLOW_BYTES : HEADER_BYTES;
    if (source === this.#head) {
      next = this.#fill(bytes, next, size);
      if (this.#headBytes < size) return -1;
      this.#headBytes = 0;
    } else next = at + size;
    this.#begin(source, start, withFlow);
    return next;
  }

  #fill(bytes: Buffer, at: number, upTo: number): number {
    const take = Math.min(Math.max(upTo - this.#headBytes, 0), bytes.length - at);
    bytes.copy(this.#head, this.#headBytes, at, at + take);
    this.#headBytes += take;
    return at + take;
  }

  #begin(head: Buffer, at: number, withFlow: boolean): void {
    const pid = head.readUInt32LE(at + 8);
    const comm = at + COMM_OFFSET;
    if (head.compare(this.#commBytes, 0, COMM_BYTES, comm, comm + COMM_BYTES) !== 0) {
      head.copy(this.#commBytes, 0, comm, comm + COMM_BYTES);
      this.#comm = readComm(head, at);
    }
    if (withFlow) this.#flow = this.#flows.get(pid, head.readBigUInt64LE(at + HEADER_BYTES));
    else {
      if (this.#lastFlow?.pid !== pid) this.#lastFlow = this.#flows.get(pid, undefined);
      this.#flow = this.#lastFlow;
    }
    this.#flags = head.readUInt16LE(at + 6);
    this.#seq = this.#flow.number(head.readUInt32LE(at + 12));
    this.#left = head.readUInt32LE(at + 16) - (withFlow ? FLOW_BYTES : 0);
    this.#counters.frames += 1;
  }

  #add(bytes: Buffer, at: number, length: number): void {
    const flow = this.#flow!;
    const chunk: Chunk = {
      flow: flow.key,
      pid: flow.pid,
      comm: this.#comm,
      direction: (this.#flags & FLAG_INGRESS) !== 0 ? 'ingress' : 'egress',
      data: bytes.subarray(at, at + length),
      meta: META,
      ...(this.#seq !== undefined && { seq: this.#seq }),
    };
    // Only the first piece of a frame is numbered.
    this.#seq = undefined;
    this.#left -= length;
    this.#counters.bytes += length;
    this.#chunks.push(chunk);
    if (this.#chunks.length === MAX_BATCH) this.#flush();
  }

  #finish(): void {
    const flow = this.#flow!;
    this.#flow = undefined;
    if ((this.#flags & FLAG_END) === 0) return;
    this.#flush();
    this.#flows.end(flow);
    if (this.#lastFlow === flow) this.#lastFlow = undefined;
    this.#handler.endFlow(flow.key);
  }

  #flush(): void {
    if (this.#chunks.length === 0) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#handler.handleChunks(chunks);
  }
}
