import { type Chunk, ChunkError, type ChunkMeta } from '@spectral/core';
import { MAX_COMM_CHARACTERS, MAX_FLOW_CHARACTERS } from './schema.js';

/** All of a chunk but its bytes, as it came from outside; `undefined` stands for an absent field. */
export type ChunkFields = Readonly<
  Partial<Record<'pid' | 'comm' | 'flow' | 'direction' | 'seq' | 'lost' | 'time' | 'end', unknown>>
>;

export interface FlowOf {
  readonly chunk: Chunk;
  /** Whether its flow is over behind it. */
  readonly end: boolean;
}

/**
 * Makes chunks of one feed. Flows of different feeds never meet: the feed's name is a part of every flow's key, as is
 * whether the flow was named by its sender.
 *
 *     ingest/flow/…          named by the sender
 *     ingest/process/7/curl  pid and comm
 *     ingest/chunk/12        a chunk that stands for itself; over behind it
 */
export class ChunkMaker {
  readonly #meta: ChunkMeta;
  #alone = 0;

  constructor(readonly feed: string) {
    this.#meta = { feed };
  }

  /**
   * Checks the fields. What the sensor checks itself (pid, seq, lost, time, direction) is left to it.
   * @throws ChunkError naming the field
   */
  make(fields: ChunkFields, data: Uint8Array): FlowOf {
    const { pid, comm, flow, direction, seq, lost, time, end } = fields;
    if (pid !== undefined && typeof pid !== 'number') throw new ChunkError('pid', 'must be an integer');
    if (comm !== undefined && (typeof comm !== 'string' || comm.length > MAX_COMM_CHARACTERS)) {
      throw new ChunkError('comm', `must be a string of at most ${MAX_COMM_CHARACTERS} characters`);
    }
    if (end !== undefined && typeof end !== 'boolean') throw new ChunkError('end', 'must be true or false');
    const alone = flow === undefined && pid === undefined && comm === undefined;
    const chunk: Chunk = {
      flow: alone ? `${this.feed}/chunk/${this.#alone++}` : this.#key(flow, pid ?? 0, (comm as string) ?? ''),
      pid: pid ?? 0,
      comm: (comm as string) ?? '',
      data,
      meta: this.#meta,
      ...(direction !== undefined && { direction: direction as 'egress' }),
      ...(seq !== undefined && { seq: seq as number }),
      ...(lost !== undefined && { lost: lost as number }),
      ...(time !== undefined && { time: time as number }),
    };
    return { chunk, end: alone || end === true };
  }

  #key(flow: unknown, pid: number, comm: string): string {
    if (flow === undefined) return `${this.feed}/process/${pid}/${comm}`;
    const isText = typeof flow === 'string' && flow.length <= MAX_FLOW_CHARACTERS;
    if (!isText && !Number.isSafeInteger(flow)) {
      throw new ChunkError('flow', `must be an integer or a string of at most ${MAX_FLOW_CHARACTERS} characters`);
    }
    return `${this.feed}/flow/${flow}`;
  }
}
