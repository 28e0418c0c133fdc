import { createHash, type Hash } from 'node:crypto';
import {
  type Chunk,
  type ChunkBatch,
  type ChunkHandler,
  type ChunkMeta,
  type FlowKey,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_DATA,
  RECORD_EXIT,
  RECORD_LOST,
  type Verdict,
} from '@spectral/core';

const ROWS = 4096;
const DATA_BYTES = 8 * 2 ** 20;
const CLEAN: Verdict = { findings: [], action: 'observe' };

/** A stretch of a flow that was not captured. `reason` 0: a jump of the offset, which nobody announced. */
export interface Missing {
  readonly offset: number;
  readonly bytes: number;
  readonly reason: number;
}

/** What was captured of one flow. */
export interface Captured {
  readonly flow: number;
  readonly pid: number;
  readonly comm: string;
  /** Bytes of the flow so far, captured or not. */
  length: number;
  /** Bytes captured. */
  bytes: number;
  records: number;
  readonly missing: Missing[];
  closed: boolean;
  readonly hash: Hash;
}

/**
 * Stands where the sensor stands, behind a feed, and keeps for each flow a hash of its bytes and what was missing. Takes
 * records from a batch only, as the kernel feed delivers them.
 */
export class Collector implements ChunkHandler {
  readonly flows = new Map<number, Captured>();
  readonly exits: number[] = [];
  /** Rows that break the contract of `ChunkBatch`. */
  readonly violations: string[] = [];
  private readonly memory = new Uint8Array(ROWS * RECORD_BYTES + DATA_BYTES);
  private readonly view = new DataView(this.memory.buffer);
  private wakers: (() => void)[] = [];

  get batch(): ChunkBatch {
    return { memory: this.memory, table: 0, rows: ROWS, data: ROWS * RECORD_BYTES, dataBytes: DATA_BYTES };
  }

  handleBatch(count: number): void {
    if (count > ROWS) this.violations.push(`${count} rows, there is room for ${ROWS}`);
    for (let row = 0; row < count; row++) this.take(row * RECORD_BYTES);
    for (const waker of this.wakers.splice(0)) waker();
  }

  handleChunk(_chunk: Chunk): Verdict {
    this.violations.push('handleChunk was called');
    return CLEAN;
  }

  handleChunkWithMeta(chunk: Chunk, _meta: ChunkMeta): Verdict {
    return this.handleChunk(chunk);
  }

  handleChunks(chunks: readonly Chunk[]): readonly Verdict[] {
    return chunks.map((chunk) => this.handleChunk(chunk));
  }

  endFlow(_flow: FlowKey): void {}

  endProcess(pid: number): void {
    this.exits.push(pid);
  }

  ofProcess(pid: number): Captured[] {
    return [...this.flows.values()].filter((flow) => flow.pid === pid);
  }

  /** Resolves once `condition` holds; it is asked again after every batch. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.wakers.push(resolve));
  }

  private take(at: number): void {
    const { view } = this;
    const data = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    const kind = view.getUint32(at + 12, true);
    const flow = view.getFloat64(at + 16, true);
    const offset = view.getFloat64(at + 24, true);
    const pid = view.getUint32(at + 40, true);
    const detail = view.getUint32(at + 44, true);
    if (kind === RECORD_EXIT) {
      this.exits.push(pid);
      return;
    }
    const captured = this.flowOf(flow, pid, at);
    if (offset < captured.length) this.violations.push(`flow ${flow} goes back from ${captured.length} to ${offset}`);
    if (offset > captured.length) {
      captured.missing.push({ offset: captured.length, bytes: offset - captured.length, reason: 0 });
    }
    captured.length = offset;
    if (kind === RECORD_DATA) {
      if (data < ROWS * RECORD_BYTES || data + length > this.memory.length) this.violations.push(`payload at ${data}`);
      captured.hash.update(this.memory.subarray(data, data + length));
      captured.bytes += length;
      captured.records += 1;
      captured.length += length;
    } else if (kind === RECORD_LOST) {
      captured.missing.push({ offset, bytes: length, reason: detail });
      captured.length += length;
    } else if (kind === RECORD_CLOSE) {
      captured.closed = true;
    } else {
      this.violations.push(`record of kind ${kind}`);
    }
  }

  private flowOf(flow: number, pid: number, at: number): Captured {
    let captured = this.flows.get(flow);
    if (captured === undefined) {
      const comm = Buffer.from(this.memory.subarray(at + 48, at + 64))
        .toString('latin1')
        .replace(/\0.*$/s, '');
      captured = {
        flow,
        pid,
        comm,
        length: 0,
        bytes: 0,
        records: 0,
        missing: [],
        closed: false,
        hash: createHash('sha256'),
      };
      this.flows.set(flow, captured);
    }
    return captured;
  }
}
