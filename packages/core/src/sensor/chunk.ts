import { ChunkError } from '../errors.js';
import type { Chunk, ChunkMeta } from '../types.js';

const MAX_FLOW_KEY = 256;
const MAX_PID = 0xffff_ffff;

/** Checks a chunk that came from outside. Messages name the field and never hold its content. @throws ChunkError */
export function checkChunk(chunk: Chunk): void {
  if (typeof chunk !== 'object' || chunk === null) throw new ChunkError('', 'must be an object');
  const { flow, pid, comm, direction, data, seq, lost, time, meta } = chunk;
  if (typeof flow === 'string') {
    if (flow.length > MAX_FLOW_KEY) throw new ChunkError('flow', `must be at most ${MAX_FLOW_KEY} characters long`);
  } else if (typeof flow === 'number') {
    if (Number.isNaN(flow)) throw new ChunkError('flow', 'must not be NaN');
  } else if (typeof flow !== 'bigint') {
    throw new ChunkError('flow', 'must be a string, number or bigint');
  }
  if (!isCount(pid) || pid > MAX_PID) throw new ChunkError('pid', 'must be an integer from 0 to 4294967295');
  if (typeof comm !== 'string') throw new ChunkError('comm', 'must be a string');
  if (direction !== undefined && direction !== 'egress' && direction !== 'ingress') {
    throw new ChunkError('direction', 'must be egress or ingress');
  }
  if (!isUint8Array(data)) throw new ChunkError('data', 'must be a Uint8Array');
  if (data.length === 0 && isDetached(data)) throw new ChunkError('data', 'has a detached buffer');
  if (seq !== undefined && !isCount(seq)) throw new ChunkError('seq', 'must be an integer of at least 0');
  if (lost !== undefined && !isCount(lost)) throw new ChunkError('lost', 'must be an integer of at least 0');
  if (time !== undefined && !Number.isFinite(time)) throw new ChunkError('time', 'must be a finite number');
  if (meta !== undefined) checkMeta(meta);
}

/** @throws ChunkError */
export function checkMeta(meta: ChunkMeta): void {
  if (typeof meta !== 'object' || meta === null) throw new ChunkError('meta', 'must be an object');
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Also true for one from another realm. */
function isUint8Array(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]';
}

function isDetached(data: Uint8Array): boolean {
  try {
    new Uint8Array(data.buffer);
    return false;
  } catch {
    return true;
  }
}
