import {
  type ChunkBatch,
  type ChunkHandler,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_DATA,
  RECORD_EXIT,
  RECORD_LOST,
  type Verdict,
} from '@spectral/core';

export interface CollectedFlow {
  flow: number;
  pid: number;
  comm: string;
  /** Captured bytes in order. */
  parts: Buffer[];
  /** Offsets at which a record did not continue where the one before ended. */
  jumps: { at: number; missing: number }[];
  lost: { offset: number; bytes: number; reason: number }[];
  next: number;
  closed: boolean;
}

const ROWS = 512;
const DATA_BYTES = 4 << 20;

/** A handler that keeps everything, and lets tests wait for what they expect instead of for time to pass. */
export class Collector implements ChunkHandler {
  readonly flows = new Map<number, CollectedFlow>();
  readonly exits: number[] = [];
  readonly batch: ChunkBatch;
  #waiting: { ready: () => boolean; resolve: () => void }[] = [];

  constructor() {
    const memory = new Uint8Array(ROWS * RECORD_BYTES + DATA_BYTES);
    this.batch = { memory, table: 0, rows: ROWS, data: ROWS * RECORD_BYTES, dataBytes: DATA_BYTES };
  }

  handleBatch(count: number): void {
    const { memory } = this.batch;
    const view = new DataView(memory.buffer);
    for (let row = 0; row < count * RECORD_BYTES; row += RECORD_BYTES) {
      const data = view.getUint32(row, true);
      const length = view.getUint32(row + 4, true);
      const kind = view.getUint32(row + 12, true);
      const id = view.getFloat64(row + 16, true);
      const offset = view.getFloat64(row + 24, true);
      const pid = view.getUint32(row + 40, true);
      const comm = Buffer.from(memory.subarray(row + 48, row + 64))
        .toString()
        .replace(/\0.*$/s, '');
      if (kind === RECORD_EXIT) {
        this.exits.push(pid);
        continue;
      }
      let flow = this.flows.get(id);
      if (!flow) {
        flow = { flow: id, pid, comm, parts: [], jumps: [], lost: [], next: 0, closed: false };
        this.flows.set(id, flow);
      }
      if (offset !== flow.next) flow.jumps.push({ at: flow.next, missing: offset - flow.next });
      flow.next = offset;
      if (kind === RECORD_DATA) {
        flow.parts.push(Buffer.from(memory.subarray(data, data + length)));
        flow.next += length;
      } else if (kind === RECORD_LOST) {
        flow.lost.push({ offset, bytes: length, reason: view.getUint32(row + 44, true) });
        flow.next += length;
      } else if (kind === RECORD_CLOSE) flow.closed = true;
    }
    this.#waiting = this.#waiting.filter(({ ready, resolve }) => !ready() || resolve());
  }

  /** Resolves once `ready` holds; it is asked again after every batch. The test's time limit bounds the wait. */
  until(ready: () => boolean): Promise<void> {
    return ready() ? Promise.resolve() : new Promise((resolve) => this.#waiting.push({ ready, resolve }));
  }

  of(pid: number): CollectedFlow[] {
    return [...this.flows.values()].filter((flow) => flow.pid === pid);
  }

  handleChunk(): Verdict {
    throw new Error('this feed delivers batches');
  }
  handleChunkWithMeta(): Verdict {
    throw new Error('this feed delivers batches');
  }
  handleChunks(): readonly Verdict[] {
    throw new Error('this feed delivers batches');
  }
  endFlow(): void {}
  endProcess(): void {}
}
