import type { Chunk, ChunkMeta, Direction, Verdict } from '../types.js';
import type { BatchArea } from './area.js';
import { RECORD_BYTES, RECORD_DATA } from './batch.js';
import type { SensorCounters } from './counters.js';
import { EGRESS, type FlowTable, INGRESS } from './flows.js';
import { Queue } from './queue.js';
import type { Origin } from './report.js';
import type { RowFacts, RowSource, Scanner } from './scanner.js';

const ROW_WORDS = RECORD_BYTES / 4;
const ROW_DOUBLES = RECORD_BYTES / 8;
/** The engine is not told where a chunk begins: it follows what came before. */
const OFFSET_UNKNOWN = -1;

/** What a chunk without findings gets, always the same object. */
export const CLEAN: Verdict = Object.freeze({ findings: Object.freeze([]), action: 'observe' });

/** Copies chunks into the batch area as rows. A chunk that does not fit is cut into several. */
export class ChunkRows implements RowSource {
  readonly queue: Queue;
  /** Answers to the chunks of the call, by their place in it. */
  verdicts: Verdict[] = [];
  readonly #chunks: (Chunk | undefined)[];
  readonly #metas: (ChunkMeta | undefined)[];
  /** Per row: where in its chunk it begins, and the chunk's place in the call. */
  readonly #pieceStarts: Float64Array;
  readonly #indices: Uint32Array;
  #dataUsed = 0;

  constructor(
    readonly area: BatchArea,
    readonly flows: FlowTable,
    readonly scanner: Scanner,
    readonly counters: SensorCounters,
  ) {
    this.queue = new Queue(flows, scanner, this);
    this.#chunks = new Array(area.rows).fill(undefined);
    this.#metas = new Array(area.rows).fill(undefined);
    this.#pieceStarts = new Float64Array(area.rows);
    this.#indices = new Uint32Array(area.rows);
  }

  /** Makes the rows of a valid chunk wait. `index` is its place in the call. */
  place(chunk: Chunk, meta: ChunkMeta | undefined, index: number): void {
    const { flows, scanner, area } = this;
    const { data, seq } = chunk;
    const space = chunk.direction === 'ingress' ? INGRESS : EGRESS;
    let slot = flows.find(space, chunk.flow);
    if (slot < 0) slot = flows.open(space, chunk.flow, chunk.pid, scanner.epoch);
    if (seq !== undefined || chunk.lost !== undefined) this.#checkOrder(slot, chunk, meta);
    this.counters.chunks += 1;
    this.counters.bytes += data.length;

    let start = 0;
    do {
      if (this.queue.to === area.rows || this.#dataUsed === area.dataBytes) this.#makeRoom();
      // What fits is not cut: whole chunks in the area make for fewer rows.
      if (data.length > area.dataBytes - this.#dataUsed && data.length <= area.dataBytes) this.#makeRoom();
      const length = Math.min(data.length - start, area.dataBytes - this.#dataUsed);
      flows.touch(slot, scanner.now);
      this.#write(slot, start === 0 && length === data.length ? data : data.subarray(start, start + length));
      const row = this.queue.to;
      this.#chunks[row] = chunk;
      this.#metas[row] = meta;
      this.#pieceStarts[row] = start;
      this.#indices[row] = index;
      this.queue.to = row + 1;
      start += length;
    } while (start < data.length);
  }

  facts(row: number): RowFacts {
    const chunk = this.#chunks[row]!;
    const pieceStart = this.#pieceStarts[row]!;
    const { words } = this.area.memory;
    const length = words[(this.area.table >>> 2) + row * ROW_WORDS + 1]!;
    return {
      origin: originOf(chunk, this.#metas[row]),
      time: chunk.time ?? this.scanner.now,
      chunk: { data: chunk.data, pieceStart, index: this.#indices[row]! },
      last: pieceStart + length === chunk.data.length,
    };
  }

  verdict(index: number, verdict: Verdict): void {
    this.verdicts[index] = verdict;
  }

  /** Ends the call: nothing of its chunks is kept. */
  clear(): void {
    // Not `fill`: for the one row of `handleChunk` it costs more than the loop.
    for (let row = 0; row < this.queue.to; row++) {
      this.#chunks[row] = undefined;
      this.#metas[row] = undefined;
    }
    this.queue.clear();
    this.#dataUsed = 0;
  }

  #makeRoom(): void {
    this.queue.flush();
    this.clear();
  }

  #write(slot: number, data: Uint8Array): void {
    const { area } = this;
    const pointer = area.data + this.#dataUsed;
    area.memory.bytes.set(data, pointer);
    this.#dataUsed += data.length;
    const { words, doubles } = area.memory;
    const word = (area.table >>> 2) + this.queue.to * ROW_WORDS;
    words[word] = pointer;
    words[word + 1] = data.length;
    words[word + 2] = slot;
    words[word + 3] = RECORD_DATA;
    doubles[(area.table >>> 3) + this.queue.to * ROW_DOUBLES + 3] = OFFSET_UNKNOWN;
  }

  /** Bytes that the feed knows to be missing, or a jump of the chunk numbers: one gap, not two. */
  #checkOrder(slot: number, chunk: Chunk, meta: ChunkMeta | undefined): void {
    const { seq, lost = 0 } = chunk;
    const last = this.flows.seq[slot]!;
    const jumped = seq !== undefined && seq !== last + 1 && !Number.isNaN(last);
    if (seq !== undefined) this.flows.seq[slot] = seq;
    if (!jumped && lost === 0) return;
    this.queue.flush();
    const reason = lost > 0 ? 'reported' : 'sequence';
    const time = chunk.time ?? this.scanner.now;
    this.scanner.lose(slot, lost > 0 ? lost : undefined, reason, originOf(chunk, meta), time);
  }
}

function originOf(chunk: Chunk, meta: ChunkMeta | undefined): Origin {
  const direction: Direction = chunk.direction ?? 'egress';
  return { pid: chunk.pid, comm: chunk.comm, direction, meta: [meta, chunk.meta] };
}
