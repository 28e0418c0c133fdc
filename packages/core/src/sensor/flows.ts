import type { EngineExports } from '../engine/wasm.js';
import { EngineError } from '../errors.js';
import type { BlockVerdict, FlowKey } from '../types.js';
import type { SensorCounters } from './counters.js';
import type { EngineMemory } from './memory.js';

/** Flow keys of different origin never meet: chunks of either direction, and rows of a feed's batch. */
export const EGRESS = 0;
export const INGRESS = 1;
export const ROWS = 2;
const SPACES = [EGRESS, INGRESS, ROWS] as const;
export type Space = (typeof SPACES)[number];

/** Offsets of dropped flows are remembered for this many times as many flows as the table holds, at least for this many. */
const REMEMBERED = 4;
const REMEMBERED_AT_LEAST = 4096;

/** What is kept of a flow that had to make room, so that it can go on. */
interface Dropped {
  readonly offset: number;
  readonly seq: number;
  readonly lost: number;
  readonly masks: readonly number[] | undefined;
}

const SLOT_DOUBLES = 4;
const SLOT_WORDS = 8;
const FLAGS_WORD = 7;
const ATTENTION = 1;

/**
 * Which slot of the engine's flow table belongs to which flow, and what JavaScript knows of it. When all slots are taken, the
 * second-chance clock picks one that was not used since the hand last passed. A dropped flow that comes back goes on at its
 * offset; only what straddled the drop is not seen.
 */
export class FlowTable {
  /** Address of the engine's table. */
  readonly handle: number;
  /** Called before a flow's slot is given up, when no row that uses it waits. */
  leaving: (slot: number) => void = () => {};
  /** Rows written from now on wait to be scanned together; counted up once they are. */
  generation = 1;
  /** Per slot: process, last chunk number (NaN: none yet), bytes not scanned so far. */
  readonly pid: Float64Array;
  readonly seq: Float64Array;
  readonly lost: Float64Array;
  /** Per slot: text before this offset is never shown again; which policy that was decided under. */
  readonly hidden: Float64Array;
  readonly epoch: Uint32Array;
  /** Per slot: masks that go on in the next bytes. */
  readonly masks: (readonly number[] | undefined)[];
  /** Per slot: what was done about the latest write that held a literal that blocks. */
  readonly verdicts: (BlockVerdict | undefined)[];

  readonly #seen: Float64Array;
  readonly #used: Uint8Array;
  readonly #waits: Uint32Array;
  readonly #keys: (FlowKey | undefined)[];
  readonly #space: Uint8Array;
  readonly #slots = SPACES.map(() => new Map<FlowKey, number>());
  readonly #dropped = SPACES.map(() => new Map<FlowKey, Dropped>());
  readonly #flowsOfPid = new Map<number, number>();
  readonly #free: number[];
  #hand: number;
  #sweep = 0;

  /**
   * @param settle scans the rows that wait: called before a slot that one of them uses is given to another flow
   * @throws EngineError `ENGINE_MEMORY`: no memory for so many flows
   */
  constructor(
    readonly engine: EngineExports,
    readonly memory: EngineMemory,
    readonly capacity: number,
    readonly counters: SensorCounters,
    readonly settle: () => void,
  ) {
    this.handle = engine.flowsCreate(capacity);
    if (this.handle === 0) throw new EngineError('ENGINE_MEMORY', `the engine has no memory for ${capacity} flows`);
    this.pid = new Float64Array(capacity);
    this.seq = new Float64Array(capacity);
    this.lost = new Float64Array(capacity);
    this.hidden = new Float64Array(capacity);
    this.epoch = new Uint32Array(capacity);
    this.masks = new Array(capacity).fill(undefined);
    this.verdicts = new Array(capacity).fill(undefined);
    this.#seen = new Float64Array(capacity);
    this.#used = new Uint8Array(capacity);
    this.#waits = new Uint32Array(capacity);
    this.#keys = new Array(capacity).fill(undefined);
    this.#space = new Uint8Array(capacity);
    this.#hand = capacity - 1;
    this.#free = Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
  }

  get count(): number {
    return this.capacity - this.#free.length;
  }

  /** The flow's slot, or -1. */
  find(space: Space, key: FlowKey): number {
    return this.#slots[space]!.get(key) ?? -1;
  }

  /** A row that uses this slot is about to be written. */
  touch(slot: number, now: number): void {
    this.#used[slot] = 1;
    this.#seen[slot] = now;
    this.#waits[slot] = this.generation;
  }

  /** A slot for a flow that has none; another one may have to go. */
  open(space: Space, key: FlowKey, pid: number, epoch: number): number {
    if (this.#free.length === 0) {
      this.#drop(this.#victim());
      this.counters.flows_evicted += 1;
    }
    this.counters.flows_opened += 1;
    const slot = this.#free.pop()!;
    this.#slots[space]!.set(key, slot);
    this.#keys[slot] = key;
    this.#space[slot] = space;
    this.pid[slot] = pid;
    this.#flowsOfPid.set(pid, (this.#flowsOfPid.get(pid) ?? 0) + 1);
    this.seq[slot] = Number.NaN;
    this.lost[slot] = 0;
    this.hidden[slot] = 0;
    this.epoch[slot] = epoch;
    this.masks[slot] = undefined;
    const dropped = this.#dropped[space]!.get(key);
    if (dropped !== undefined) {
      this.#dropped[space]!.delete(key);
      this.engine.flowReset(this.handle, slot, dropped.offset);
      this.seq[slot] = dropped.seq;
      this.lost[slot] = dropped.lost;
      this.setMasks(slot, dropped.masks, false);
    }
    return slot;
  }

  /** Forgets the flow but for what it needs to go on. */
  #drop(slot: number): void {
    if (this.#waits[slot] === this.generation) this.settle();
    this.leaving(slot);
    const dropped = this.#dropped[this.#space[slot]!]!;
    const [seq, lost] = [this.seq[slot]!, this.lost[slot]!];
    dropped.set(this.#keys[slot]!, { offset: this.offset(slot), seq, lost, masks: this.masks[slot] });
    if (dropped.size > Math.max(this.capacity * REMEMBERED, REMEMBERED_AT_LEAST))
      dropped.delete(dropped.keys().next().value!);
    this.#release(slot);
  }

  /** The flow is over. */
  close(slot: number): void {
    if (this.#waits[slot] === this.generation) this.settle();
    this.leaving(slot);
    this.counters.flows_closed += 1;
    this.#release(slot);
  }

  #release(slot: number): void {
    const key = this.#keys[slot]!;
    this.#slots[this.#space[slot]!]!.delete(key);
    this.#keys[slot] = undefined;
    this.masks[slot] = undefined;
    this.verdicts[slot] = undefined;
    this.#waits[slot] = 0;
    this.#used[slot] = 0;
    const pid = this.pid[slot]!;
    const others = this.#flowsOfPid.get(pid)! - 1;
    if (others === 0) this.#flowsOfPid.delete(pid);
    else this.#flowsOfPid.set(pid, others);
    this.engine.flowRelease(this.handle, slot);
    this.#free.push(slot);
  }

  /** The offset at which a dropped flow would go on; `undefined` for an unknown flow. */
  droppedOffset(space: Space, key: FlowKey): number | undefined {
    return this.#dropped[space]!.get(key)?.offset;
  }

  /** The flow is over, wherever it is kept. */
  end(space: Space, key: FlowKey): void {
    const slot = this.find(space, key);
    if (slot >= 0) this.close(slot);
    this.#dropped[space]!.delete(key);
  }

  /** The process is gone, and with it all its flows. */
  closeProcess(pid: number): void {
    this.counters.processes_ended += 1;
    if (!this.#flowsOfPid.has(pid)) return;
    for (let slot = 0; slot < this.capacity; slot++) {
      if (this.#keys[slot] !== undefined && this.pid[slot] === pid) this.close(slot);
    }
  }

  /** Drops flows among the next `count` slots that were not touched since `before`. */
  dropIdle(count: number, before: number): void {
    for (let i = 0; i < count; i++) {
      this.#sweep = this.#sweep + 1 === this.capacity ? 0 : this.#sweep + 1;
      const slot = this.#sweep;
      if (this.#keys[slot] !== undefined && this.#seen[slot]! < before) {
        this.#drop(slot);
        this.counters.flows_idle += 1;
      }
    }
  }

  /** Bytes of the flow so far. */
  offset(slot: number): number {
    return this.memory.doubles[(this.handle >>> 3) + slot * SLOT_DOUBLES]!;
  }

  /** Masks that go on: the flow's next row is then shown to JavaScript in any case. */
  setMasks(slot: number, masks: readonly number[] | undefined, attention: boolean): void {
    this.masks[slot] = masks;
    const flags = (this.handle >>> 2) + slot * SLOT_WORDS + FLAGS_WORD;
    this.memory.words[flags] = masks !== undefined || attention ? ATTENTION : 0;
  }

  free(): void {
    this.engine.flowsFree(this.handle);
  }

  #victim(): number {
    for (;;) {
      this.#hand = this.#hand + 1 === this.capacity ? 0 : this.#hand + 1;
      if (this.#used[this.#hand] === 0) return this.#hand;
      this.#used[this.#hand] = 0;
    }
  }
}
