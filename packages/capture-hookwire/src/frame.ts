import { HookwireError } from './errors.js';

/**
 * One frame: a header of 36 bytes and the payload. All numbers are little-endian.
 *
 *   byte  0        4     6     8        12       16       20                              36
 *        ┌────────┬─────┬─────┬────────┬────────┬────────┬───────────────────────────────┐
 *        │ magic  │ ver │flags│ pid    │ seq    │ length │ comm, 16 bytes, NUL-padded    │
 *        │ "SPHW" │ u16 │ u16 │ u32    │ u32    │ u32    │ UTF-8                         │
 *        └────────┴─────┴─────┴────────┴────────┴────────┴───────────────────────────────┘
 *     36 ┌────────────────────────────┬──────────────────────────────────────────────────┐
 *        │ flow u64, if flag FLOW     │ plaintext, to the end of the payload             │
 *        └────────────────────────────┴──────────────────────────────────────────────────┘
 *
 *   stream = *frame
 *   length   bytes behind the header, the flow number included: 0 to 131,072
 *   seq      number of the frame in its flow: 1, 2, 3 …, and 0 behind 4,294,967,295. A jump is reported as a gap of unknown
 *            size. A sender that does not number its frames leaves it 0.
 *   flow     which of the process's streams (TLS connections) this is a part of. Without the flag: its only one. Flows of
 *            different connections to the socket never meet.
 *   flags    1 INGRESS  bytes that come back, rather than leave
 *            2 END      the flow is over behind this frame
 *            4 FLOW     the payload begins with a flow number
 *            all others must be 0
 */
export const HEADER_BYTES = 36;
/** Longest payload of a frame, in bytes. */
export const MAX_PAYLOAD_BYTES = 128 * 1024;
export const FLOW_BYTES = 8;
/** The bytes `SPHW`. */
export const MAGIC = 0x57485053;
/** The only version of this format so far. */
export const VERSION = 1;

/** Flag: bytes that come back, rather than leave. */
export const FLAG_INGRESS = 1;
/** Flag: the flow is over behind this frame. */
export const FLAG_END = 2;
/** Flag: the payload begins with a flow number. */
export const FLAG_FLOW = 4;
const KNOWN_FLAGS = FLAG_INGRESS | FLAG_END | FLAG_FLOW;

export const COMM_OFFSET = 20;
export const COMM_BYTES = 16;

/** What stands in a frame's header beside its length. */
export interface FrameHeader {
  /** 0 to 2^32 - 1; 0 when unknown. */
  readonly pid: number;
  /** Process name; at most 16 bytes of UTF-8, the rest is cut off. */
  readonly comm: string;
  /** 0 to 2^32 - 1; 0: not numbered. */
  readonly seq?: number;
  /** Flags other than FLOW, which `flow` stands for. */
  readonly flags?: number;
  /** 0 to 2^64 - 1. */
  readonly flow?: bigint | undefined;
}

/** Why a connection is closed. */
export type BadHeader = 'magic' | 'version' | 'flags' | 'length';

/** What is wrong with the header at `at`, if anything. */
export function checkHeader(bytes: Buffer, at: number): BadHeader | undefined {
  if (bytes.readUInt32LE(at) !== MAGIC) return 'magic';
  if (bytes.readUInt16LE(at + 4) !== VERSION) return 'version';
  const flags = bytes.readUInt16LE(at + 6);
  if ((flags & ~KNOWN_FLAGS) !== 0) return 'flags';
  const length = bytes.readUInt32LE(at + 16);
  return length > MAX_PAYLOAD_BYTES || ((flags & FLAG_FLOW) !== 0 && length < FLOW_BYTES) ? 'length' : undefined;
}

/** The name in a header. Bytes that are no UTF-8 become U+FFFD. */
export function readComm(bytes: Buffer, at: number): string {
  const start = at + COMM_OFFSET;
  const field = bytes.subarray(start, start + COMM_BYTES);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? COMM_BYTES : end);
}

/**
 * The header of a frame whose plaintext has `bytes` bytes; send it right before them. 36 bytes, or 44 with a flow number.
 * @throws HookwireError `EFRAME` a field does not fit
 */
export function encodeHeader({ pid, comm, seq = 0, flags = 0, flow }: FrameHeader, bytes: number): Buffer {
  const flowBytes = flow === undefined ? 0 : FLOW_BYTES;
  checkField('pid', pid, 0xffff_ffff);
  checkField('seq', seq, 0xffff_ffff);
  checkField('plaintext length', bytes, MAX_PAYLOAD_BYTES - flowBytes);
  if ((flags & ~(FLAG_INGRESS | FLAG_END)) !== 0) throw new HookwireError('EFRAME', 'flags: INGRESS and END only');
  if (flow !== undefined && (flow < 0n || flow >= 1n << 64n)) {
    throw new HookwireError('EFRAME', 'flow: must be from 0 to 2^64 - 1');
  }
  const header = Buffer.alloc(HEADER_BYTES + flowBytes);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(flow === undefined ? flags : flags | FLAG_FLOW, 6);
  header.writeUInt32LE(pid, 8);
  header.writeUInt32LE(seq, 12);
  header.writeUInt32LE(flowBytes + bytes, 16);
  // Whole characters only, and none of them NUL.
  header.write(comm.split('\0', 1)[0]!, COMM_OFFSET, COMM_BYTES, 'utf8');
  if (flow !== undefined) header.writeBigUInt64LE(flow, HEADER_BYTES);
  return header;
}

/**
 * One frame in one piece; `encodeHeader` saves the copy.
 * @throws HookwireError `EFRAME`
 */
export function encodeFrame(header: FrameHeader, plaintext: Uint8Array): Buffer {
  return Buffer.concat([encodeHeader(header, plaintext.length), plaintext]);
}

function checkField(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new HookwireError('EFRAME', `${name}: must be an integer from 0 to ${most}`);
  }
}
