import type { ChunkMeta, GapReason } from '../types.js';
import type { BatchArea } from './area.js';
import {
  LOST_FAULT,
  LOST_RING_FULL,
  LOST_SENDFILE,
  LOST_TRUNCATED,
  RECORD_BLOCK,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_DATA,
  RECORD_EXIT,
  RECORD_LOST,
} from './batch.js';
import type { SensorCounters } from './counters.js';
import { type FlowTable, ROWS } from './flows.js';
import { Queue } from './queue.js';
import type { Origin } from './report.js';
import type { RowFacts, RowSource, Scanner } from './scanner.js';
import { readVerdict, VERDICT_BYTES } from './verdict.js';

const ROW_WORDS = RECORD_BYTES / 4;
const ROW_DOUBLES = RECORD_BYTES / 8;

// Fields of a row, as drawn in batch.ts: by words of 4 bytes, by doubles of 8, by bytes.
const POINTER = 0;
const LENGTH = 1;
const SLOT = 2;
const KIND = 3;
const PID = 10;
const DETAIL = 11;
const FLOW = 2;
const OFFSET = 3;
const TIME = 4;
const COMM = 48;

const LOST_REASONS: Readonly<Record<number, GapReason>> = {
  [LOST_RING_FULL]: 'ring_full',
  [LOST_FAULT]: 'fault',
  [LOST_TRUNCATED]: 'truncated',
  [LOST_SENDFILE]: 'sendfile',
};

const decoder = new TextDecoder();

/** Takes the rows that a feed wrote straight into the batch area. */
export class BatchRows implements RowSource {
  readonly queue: Queue;
  /** Facts about the rows of this call. */
  meta: ChunkMeta | undefined;
  /** The flow of the latest data row: most rows follow one of the same flow. */
  #lastFlow = Number.NaN;
  #lastSlot = -1;

  constructor(
    readonly area: BatchArea,
    readonly flows: FlowTable,
    readonly scanner: Scanner,
    readonly counters: SensorCounters,
  ) {
    this.queue = new Queue(flows, scanner, this);
  }

  /** Makes data rows wait, carries out the others in order. */
  place(count: number): void {
    const { queue } = this;
    this.#lastFlow = Number.NaN;
    for (let row = 0; row < count; row++) {
      const isData = this.#word(row, KIND) === RECORD_DATA;
      if (isData && this.#isValid(row)) {
        this.#placeData(row);
        queue.to = row + 1;
        continue;
      }
      queue.flush();
      if (isData) this.counters.chunk_errors += 1;
      else this.#carryOut(row);
      queue.skip();
      this.#lastFlow = Number.NaN;
    }
  }

  facts(row: number): RowFacts {
    return { origin: this.#origin(row), time: this.#double(row, TIME), last: true };
  }

  verdict(): void {}

  /** Whether the payload lies in memory, and the offset is one or -1. */
  #isValid(row: number): boolean {
    const end = this.#word(row, POINTER) + this.#word(row, LENGTH);
    const offset = this.#double(row, OFFSET);
    return end <= this.area.memory.bytes.length && (Number.isSafeInteger(offset) || !(offset >= 0));
  }

  #placeData(row: number): void {
    const flow = this.#double(row, FLOW);
    let slot = this.#lastSlot;
    if (flow !== this.#lastFlow) {
      slot = this.flows.find(ROWS, flow);
      if (slot < 0) slot = this.#open(row, flow);
      this.#lastFlow = flow;
      this.#lastSlot = slot;
    }
    this.flows.touch(slot, this.scanner.now);
    const { words } = this.area.memory;
    const word = (this.area.table >>> 2) + row * ROW_WORDS;
    words[word + SLOT] = slot;
    this.counters.chunks += 1;
    this.counters.bytes += words[word + LENGTH]!;
  }

  #open(row: number, flow: number): number {
    return this.flows.open(ROWS, flow, this.#word(row, PID), this.scanner.epoch);
  }

  #carryOut(row: number): void {
    switch (this.#word(row, KIND)) {
      case RECORD_LOST:
        this.#lose(row);
        return;
      case RECORD_CLOSE:
        this.#close(row);
        return;
      case RECORD_BLOCK:
        this.#block(row);
        return;
      case RECORD_EXIT:
        this.flows.closeProcess(this.#word(row, PID));
        return;
      default:
        this.counters.chunk_errors += 1;
    }
  }

  /** Everything below the flow's offset was scanned or counted already, so only what is beyond is new. */
  #lose(row: number): void {
    const flow = this.#double(row, FLOW);
    const length = this.#word(row, LENGTH);
    const reason = LOST_REASONS[this.#word(row, DETAIL)] ?? 'reported';
    let slot = this.flows.find(ROWS, flow);
    if (slot < 0) slot = this.#open(row, flow);
    this.flows.touch(slot, this.scanner.now);
    const here = this.flows.offset(slot);
    const offset = this.#offset(row) ?? here;
    const bytes = offset + length - here;
    if (length === 0) this.#report(row, slot, undefined, reason);
    else if (bytes > 0) this.#report(row, slot, bytes, reason);
  }

  /** Keeps the verdict for the alerts of the write's data, which follow. */
  #block(row: number): void {
    const at = this.#word(row, POINTER);
    const { bytes } = this.area.memory;
    const fits = this.#word(row, LENGTH) >= VERDICT_BYTES && at + VERDICT_BYTES <= bytes.length;
    const verdict = fits ? readVerdict(bytes, at, this.#origin(row), this.#double(row, TIME)) : undefined;
    if (verdict === undefined) {
      this.counters.chunk_errors += 1;
      return;
    }
    const flow = this.#double(row, FLOW);
    let slot = this.flows.find(ROWS, flow);
    if (slot < 0) slot = this.#open(row, flow);
    this.flows.touch(slot, this.scanner.now);
    this.flows.verdicts[slot] = verdict;
    this.scanner.reporter.block(verdict);
  }

  /** What is missing between the last record and the flow's end was lost. */
  #close(row: number): void {
    const flow = this.#double(row, FLOW);
    const end = this.#offset(row);
    let slot = this.flows.find(ROWS, flow);
    if (slot < 0) {
      const known = this.flows.droppedOffset(ROWS, flow) ?? 0;
      if (end === undefined || end <= known) {
        this.flows.end(ROWS, flow);
        return;
      }
      slot = this.#open(row, flow);
    }
    const bytes = end === undefined ? 0 : end - this.flows.offset(slot);
    if (bytes > 0) this.#report(row, slot, bytes, 'ring_full');
    this.flows.close(slot);
  }

  #report(row: number, slot: number, bytes: number | undefined, reason: GapReason): void {
    this.scanner.lose(slot, bytes, reason, this.#origin(row), this.#double(row, TIME));
  }

  #origin(row: number): Origin {
    const at = this.area.table + row * RECORD_BYTES + COMM;
    const field = this.area.memory.bytes.slice(at, at + 16);
    const end = field.indexOf(0);
    const comm = decoder.decode(end < 0 ? field : field.subarray(0, end));
    return { pid: this.#word(row, PID), comm, direction: 'egress', meta: [this.meta] };
  }

  /** `undefined` when the feed does not know it. */
  #offset(row: number): number | undefined {
    const offset = this.#double(row, OFFSET);
    return Number.isSafeInteger(offset) && offset >= 0 ? offset : undefined;
  }

  #word(row: number, field: number): number {
    return this.area.memory.words[(this.area.table >>> 2) + row * ROW_WORDS + field]!;
  }

  #double(row: number, field: number): number {
    return this.area.memory.doubles[(this.area.table >>> 3) + row * ROW_DOUBLES + field]!;
  }
}
