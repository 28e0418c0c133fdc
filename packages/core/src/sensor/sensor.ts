import { Detector } from '../detect/detector.js';
import { type EngineExports, loadEngine } from '../engine/wasm.js';
import { ChunkError, SpectralError } from '../errors.js';
import type { ChunkHandler } from '../feed.js';
import { ensurePolicy } from '../policy/check.js';
import { CompiledPolicy } from '../policy/compiled.js';
import type { Policy } from '../policy/types.js';
import type { Chunk, ChunkMeta, FlowKey, Verdict } from '../types.js';
import type { Allowlist } from './allowlist.js';
import { BatchArea } from './area.js';
import type { ChunkBatch } from './batch.js';
import { BatchRows } from './batch-rows.js';
import { checkChunk, checkMeta } from './chunk.js';
import { ChunkRows, CLEAN } from './chunk-rows.js';
import { SensorCounters } from './counters.js';
import { EGRESS, FlowTable, INGRESS } from './flows.js';
import { EngineMemory } from './memory.js';
import type { SensorOptions } from './options.js';
import { Reporter } from './reporter.js';
import { Scanner } from './scanner.js';
import { checkAllowlist, readOptions, type Settings } from './settings.js';

/** Idle flows are looked for in this many slots per call. */
const SWEPT_PER_CALL = 4;

/**
 * Scans chunks of flows, remembers what straddles them, and reports what it finds to sinks.
 *
 *   handleChunk(s) ─▶ ChunkRows ──┐ rows that  ┌─────────┐ findings ┌──────────┐
 *                                 ├───────────▶│ Scanner ├─────────▶│ Reporter ├─▶ sinks
 *   handleBatch ────▶ BatchRows ──┘ wait       └─────────┘ and gaps └──────────┘
 *
 * One sensor is for one thread. Its calls do not overlap: sinks are called when the work of a call is done.
 */
export class Sensor implements ChunkHandler {
  /** Live numbers; they only grow. */
  readonly counters: Readonly<SensorCounters>;

  readonly #counters: SensorCounters;
  /** The options in force since `create`, defaults filled in. */
  readonly options: Settings;
  readonly #engine: EngineExports;
  readonly #area: BatchArea;
  readonly #flows: FlowTable;
  readonly #reporter: Reporter;
  readonly #scanner: Scanner;
  readonly #chunkRows: ChunkRows;
  readonly #batchRows: BatchRows;
  /** The verdict of `handleChunk`, so that it needs no array of its own. */
  readonly #one: [Verdict] = [CLEAN];
  #busy = false;
  #closed = false;

  /**
   * @throws OptionError an option is wrong
   * @throws PolicyError the policy is not valid
   * @throws EngineError the engine cannot be loaded, or has not enough memory
   */
  static async create(options: SensorOptions): Promise<Sensor> {
    const settings = readOptions(options);
    return new Sensor(await loadEngine(), settings);
  }

  private constructor(engine: EngineExports, settings: Settings) {
    const memory = new EngineMemory(engine);
    const counters = new SensorCounters();
    this.counters = counters;
    this.#counters = counters;
    this.options = settings;
    this.#engine = engine;
    this.#area = new BatchArea(engine, memory);
    this.#flows = new FlowTable(engine, memory, settings.maxFlows, counters, () => {
      this.#chunkRows.queue.flush();
      this.#batchRows.queue.flush();
    });
    this.#reporter = new Reporter(settings, counters);
    const policy = new CompiledPolicy(engine, settings.policy);
    const detectorOf = (compiled: CompiledPolicy) => {
      const views = settings.views ?? compiled.policy.schemaVersion === 3;
      if (!views && compiled.policy.schemaVersion !== 3) return undefined;
      return new Detector(engine, memory, compiled, {
        views,
        explain: false,
        ...(settings.validators && { validators: settings.validators }),
        ...(settings.brotliDictionary && { brotliDictionary: settings.brotliDictionary }),
      });
    };
    const { table } = this.#area;
    this.#scanner = new Scanner(engine, memory, this.#flows, table, this.#reporter, counters, policy, detectorOf);
    this.#chunkRows = new ChunkRows(this.#area, this.#flows, this.#scanner, counters);
    this.#batchRows = new BatchRows(this.#area, this.#flows, this.#scanner, counters);
  }

  /**
   * Scans a chunk.
   * @throws ChunkError the chunk is malformed; nothing was scanned
   */
  handleChunk(chunk: Chunk): Verdict {
    return this.#handleOne(chunk, undefined);
  }

  /**
   * The same, with facts that are copied into the alert. They win over `chunk.meta`.
   * @throws ChunkError
   */
  handleChunkWithMeta(chunk: Chunk, meta: ChunkMeta): Verdict {
    return this.#handleOne(chunk, meta);
  }

  /** One verdict per chunk, in order. A malformed chunk is not scanned; its verdict says so in `error`. */
  handleChunks(chunks: readonly Chunk[]): readonly Verdict[] {
    if (!Array.isArray(chunks)) throw new ChunkError('', 'handleChunks takes an array of chunks');
    this.#begin();
    const verdicts: Verdict[] = new Array(chunks.length).fill(CLEAN);
    this.#chunkRows.verdicts = verdicts;
    try {
      for (let index = 0; index < chunks.length; index++) {
        const error = this.#place(chunks[index]!, undefined, index);
        if (error !== undefined) verdicts[index] = { findings: [], action: 'observe', error };
      }
      this.#chunkRows.queue.flush();
    } finally {
      this.#chunkRows.clear();
      this.#end();
    }
    return verdicts;
  }

  /** Where a feed may write rows and payload for `handleBatch`; ask again after every call into the sensor. */
  get batch(): ChunkBatch {
    this.#mustBeOpen();
    return this.#area.view();
  }

  /**
   * Scans the first `count` rows of `batch`, events among them in order. Malformed rows are counted and left out.
   * @param meta facts about where the rows came from, copied into alerts
   * @throws SpectralError `BATCH_INVALID`
   */
  handleBatch(count: number, meta?: ChunkMeta): void {
    if (!Number.isSafeInteger(count) || count < 0 || count > this.#area.rows) {
      throw new SpectralError('BATCH_INVALID', `handleBatch(count): must be an integer from 0 to ${this.#area.rows}`);
    }
    if (meta !== undefined) checkMeta(meta);
    this.#begin();
    this.#batchRows.meta = meta;
    try {
      this.#batchRows.place(count);
      this.#batchRows.queue.flush();
    } finally {
      this.#batchRows.queue.clear();
      this.#end();
    }
  }

  /**
   * Scans with another policy from the next chunk on. Literals that straddle the change are found.
   * @throws PolicyError, EngineError the old policy stays in force
   */
  setPolicy(policy: Policy): void {
    this.#mustBeOpen();
    let compiled: CompiledPolicy;
    try {
      compiled = new CompiledPolicy(this.#engine, ensurePolicy(policy));
    } catch (error) {
      this.#counters.policy_reload_errors += 1;
      throw error;
    }
    this.#scanner.setPolicy(compiled);
    this.#counters.policy_reloads += 1;
  }

  /** The policy in force. */
  get policy(): Policy {
    return this.#scanner.policy.policy;
  }

  /**
   * Whose alerts are not reported, from the next chunk on; `undefined`: nobody is left out.
   * @throws OptionError
   */
  setAllowlist(allowlist: Allowlist | undefined): void {
    this.#mustBeOpen();
    this.#reporter.allowlist = checkAllowlist(allowlist);
  }

  /**
   * Decides what has waited for more bytes of its flow for `settleMs`. Every call does so for some flows; who runs a sensor calls this
   * now and then, for when no more calls come.
   * @param all whether nothing may wait any longer, however short it has
   */
  settle(all = false): void {
    this.#begin();
    if (all) this.#scanner.decideAll();
    this.#end();
  }

  /** The stream is over: decides what waits in it, and drops the state of both directions of a flow given to `handleChunk`. */
  endFlow(flow: FlowKey): void {
    this.#begin();
    this.#flows.end(EGRESS, flow);
    this.#flows.end(INGRESS, flow);
    this.#end();
  }

  /** The process is gone: decides what waits, and drops the state of all its flows. */
  endProcess(pid: number): void {
    this.#begin();
    this.#flows.closeProcess(pid);
    this.#end();
  }

  /** Flows (per direction) remembered now. */
  get flowCount(): number {
    return this.#flows.count;
  }

  /** Decides what waits, and frees the engine's memory. Idempotent; any later call throws `SENSOR_CLOSED`. */
  close(): void {
    if (this.#closed) return;
    this.#mustBeOpen();
    this.settle(true);
    this.#closed = true;
    this.#scanner.free();
    this.#flows.free();
    this.#area.free();
  }

  #handleOne(chunk: Chunk, meta: ChunkMeta | undefined): Verdict {
    this.#begin();
    this.#chunkRows.verdicts = this.#one;
    this.#one[0] = CLEAN;
    try {
      const error = this.#place(chunk, meta, 0);
      if (error !== undefined) throw error;
      this.#chunkRows.queue.flush();
      return this.#one[0];
    } finally {
      this.#chunkRows.clear();
      this.#end();
    }
  }

  /** Returns what is wrong with the chunk, if anything; then it is only counted. */
  #place(chunk: Chunk, meta: ChunkMeta | undefined, index: number): ChunkError | undefined {
    try {
      checkChunk(chunk);
      if (meta !== undefined) checkMeta(meta);
    } catch (error) {
      this.#counters.chunk_errors += 1;
      return error instanceof ChunkError ? error : new ChunkError('', 'has a field that cannot be read');
    }
    this.#chunkRows.place(chunk, meta, index);
    return undefined;
  }

  #begin(): void {
    this.#mustBeOpen();
    const now = this.options.clock();
    this.#scanner.now = Number.isFinite(now) ? now : Date.now();
    this.#busy = true;
  }

  #end(): void {
    this.#scanner.settle(this.#scanner.now - this.options.settleMs);
    this.#flows.dropIdle(SWEPT_PER_CALL, this.#scanner.now - this.options.flowIdleMs);
    this.#busy = false;
    this.#reporter.deliver();
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new SpectralError('SENSOR_CLOSED', 'the sensor is closed; create a new one');
    if (this.#busy) throw new SpectralError('SENSOR_BUSY', 'the sensor was called from within one of its own calls');
  }
}
