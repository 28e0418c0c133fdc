import type { ChunkBatch } from './sensor/batch.js';
import type { Chunk, ChunkMeta, FlowKey, Verdict } from './types.js';

/** The part of the sensor that a feed may use. */
export interface ChunkHandler {
  /** Scans a chunk. @throws ChunkError it is malformed; nothing was scanned */
  handleChunk(chunk: Chunk): Verdict;
  /** The same, with facts for the alert, which win over `chunk.meta`. @throws ChunkError */
  handleChunkWithMeta(chunk: Chunk, meta: ChunkMeta): Verdict;
  /** One verdict per chunk, in order; that of a malformed chunk says so in `error`. */
  handleChunks(chunks: readonly Chunk[]): readonly Verdict[];
  /** Records that the feed wrote straight into Wasm memory: see `ChunkBatch`. */
  readonly batch: ChunkBatch;
  /** `meta`: facts about where the rows came from, copied into alerts. */
  handleBatch(count: number, meta?: ChunkMeta): void;
  /** The stream is over: its state is dropped. Unknown flows are ignored. */
  endFlow(flow: FlowKey): void;
  /** The process is gone: the state of all its flows is dropped. */
  endProcess(pid: number): void;
}

/** A source of chunks. */
export interface Feed {
  readonly name: string;
  /** Resolves once the feed delivers; rejects with a SpectralError that says what to do. Aborting the signal stops it. */
  start(handler: ChunkHandler, signal: AbortSignal): Promise<void>;
  /** Delivers what is buffered, then lets go of everything. Idempotent. */
  stop(): Promise<void>;
  /** Monotonic counters and gauges, by name in snake_case. */
  counters(): Readonly<Record<string, number>>;
  /** Resolves when the source has no more to give, such as a file at its end. Absent: it never does by itself. */
  readonly ended?: Promise<void>;
}
