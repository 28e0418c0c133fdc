import type { ChunkHandler } from '../feed.js';
import type { Policy } from '../policy/types.js';
import type { Chunk, ChunkMeta, FlowKey, Verdict } from '../types.js';
import type { Allowlist } from './allowlist.js';
import type { ChunkBatch } from './batch.js';
import { SensorCounters } from './counters.js';
import type { SensorOptions } from './options.js';

/** Scans chunks of flows, remembers what straddles them, and reports what it finds to sinks. */
export class Sensor implements ChunkHandler {
  /** Live numbers; they only grow. */
  readonly counters: Readonly<SensorCounters> = new SensorCounters();

  private constructor(readonly options: SensorOptions) {}

  /** @throws OptionError, EngineError */
  static async create(options: SensorOptions): Promise<Sensor> {
    return new Sensor(options);
  }

  /** @throws ChunkError the chunk is malformed; nothing was scanned */
  handleChunk(_chunk: Chunk): Verdict {
    throw new Error('to come');
  }

  /** The same, with facts that are copied into the alert. They win over `chunk.meta`. */
  handleChunkWithMeta(_chunk: Chunk, _meta: ChunkMeta): Verdict {
    throw new Error('to come');
  }

  /** One verdict per chunk, in order. Malformed chunks are counted and get the clean verdict. */
  handleChunks(_chunks: readonly Chunk[]): readonly Verdict[] {
    throw new Error('to come');
  }

  get batch(): ChunkBatch {
    throw new Error('to come');
  }

  /** Scans the first `count` rows of `batch`. */
  handleBatch(_count: number): void {
    throw new Error('to come');
  }

  /** Scans with another policy from the next chunk on. @throws EngineError the old policy stays in force */
  setPolicy(_policy: Policy): void {
    throw new Error('to come');
  }

  get policy(): Policy {
    return this.options.policy;
  }

  /** Whose alerts are not reported, from the next chunk on; `undefined`: nobody is left out. */
  setAllowlist(_allowlist: Allowlist | undefined): void {
    throw new Error('to come');
  }

  endFlow(_flow: FlowKey): void {
    throw new Error('to come');
  }

  endProcess(_pid: number): void {
    throw new Error('to come');
  }

  /** Flows (per direction) remembered now. */
  get flowCount(): number {
    return 0;
  }

  /** Frees the engine's memory. Idempotent; any later call throws `SENSOR_CLOSED`. */
  close(): void {}
}
