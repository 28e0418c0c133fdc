import type { Direction } from '@spectral/core';

/** Some consecutive bytes of one flow, as JSON. `CHUNK_SCHEMA` says the same to machines. */
export interface ChunkDocument {
  /** Plaintext in base64 (RFC 4648, section 4 or 5; padding may be absent). This or `text`. */
  readonly payload?: string;
  /** Plaintext that is text; scanned as UTF-8. */
  readonly text?: string;
  /** Process id; 0 (default): unknown. */
  readonly pid?: number;
  /** Process name. */
  readonly comm?: string;
  /**
   * Which stream the bytes are a part of. Default: the one of this `pid` and `comm`; a chunk without any of the three stands
   * for itself.
   */
  readonly flow?: string | number;
  /** Default `egress`. */
  readonly direction?: Direction;
  /** Number of the chunk in its flow, +1 each; a jump is reported as a gap. */
  readonly seq?: number;
  /** Bytes known to be missing just before these. */
  readonly lost?: number;
  /** Milliseconds since the epoch; default: now. */
  readonly time?: number;
  /** The flow is over behind these bytes. */
  readonly end?: boolean;
}

/** Longest `flow`, in characters. */
export const MAX_FLOW_CHARACTERS = 128;
/** Longest `comm`, in characters. */
export const MAX_COMM_CHARACTERS = 64;

const count = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

/** JSON Schema (draft 2020-12) of `ChunkDocument`. */
export const CHUNK_SCHEMA = {
  type: 'object',
  description: 'Some consecutive bytes of one flow. Fields not listed here are ignored.',
  properties: {
    payload: {
      type: 'string',
      contentEncoding: 'base64',
      description: 'Plaintext in base64 (RFC 4648, section 4 or 5; padding may be absent)',
    },
    text: { type: 'string', description: 'Instead of payload: plaintext that is text, scanned as UTF-8' },
    pid: { type: 'integer', minimum: 0, maximum: 4294967295, default: 0, description: 'Process id; 0: unknown' },
    comm: { type: 'string', maxLength: MAX_COMM_CHARACTERS, default: '', description: 'Process name' },
    flow: {
      type: ['string', 'integer'],
      maxLength: MAX_FLOW_CHARACTERS,
      description:
        'Which stream the bytes are a part of. Default: the one of this pid and comm; a chunk without any of the three stands for itself',
    },
    direction: { enum: ['egress', 'ingress'], default: 'egress' },
    seq: { ...count, description: 'Number of the chunk in its flow, +1 each; a jump is reported as a gap' },
    lost: { ...count, description: 'Bytes known to be missing just before these' },
    time: { type: 'number', description: 'Milliseconds since the epoch; default: now' },
    end: { type: 'boolean', default: false, description: 'The flow is over behind these bytes' },
  },
  oneOf: [{ required: ['payload'] }, { required: ['text'] }],
} as const;
