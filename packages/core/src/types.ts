import type { SpectralError } from './errors.js';

/** What a feed hands to the sensor, and what the sensor hands back. Shared by every feed and sink. */

/** Identity of one TLS connection (or other ordered byte stream). Never a bare PID: two connections of a process differ. */
export type FlowKey = string | number | bigint;

/** `egress`: leaves the host (`SSL_write`). `ingress`: comes back. The two directions of a flow are matched apart. */
export type Direction = 'egress' | 'ingress';

/** Facts about where a chunk came from, copied into alerts. No payload bytes. */
export type ChunkMeta = Readonly<Record<string, string | number | boolean>>;

/** Some consecutive bytes of one flow. */
export interface Chunk {
  readonly flow: FlowKey;
  /** Process id in the host's PID namespace; 0 when unknown. */
  readonly pid: number;
  /** Process name, at most 15 bytes on Linux. */
  readonly comm: string;
  /** Default `egress`. */
  readonly direction?: Direction;
  /** Plaintext. Read during the call only; never kept, never changed. */
  readonly data: Uint8Array;
  /** Per-flow chunk number, +1 each. A jump is a gap of unknown size. */
  readonly seq?: number;
  /** Bytes known to be missing just before `data`. */
  readonly lost?: number;
  /** Milliseconds since the epoch; default: now. */
  readonly time?: number;
  readonly meta?: ChunkMeta;
}

/** How bad it is when a rule's pattern leaves, weakest first. */
export type Severity = 'low' | 'medium' | 'high' | 'critical';
/** What a rule asks for when it matches: only a report, or that the bytes do not leave. */
export type Action = 'observe' | 'block';

/** One occurrence of one rule. Offsets are bytes from the start of the flow and independent of chunk borders. */
export interface Finding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly action: Action;
  /** Inclusive, in bytes since the flow began. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** How it was decoded: `raw`, or decoders joined by `/`. Absent where only raw text is looked at. */
  readonly view?: string;
}

/** The answer to one chunk. A clean chunk always gets the same frozen object. */
export interface Verdict {
  /** By start, then end, then rule. */
  readonly findings: readonly Finding[];
  /** Strongest action wanted by any finding; `observe` when there is none. */
  readonly action: Action;
  /** Copy of the chunk with every finding masked, same length; `undefined` when there is nothing to mask. */
  readonly redacted?: Uint8Array;
  /** Findings beyond those listed: a verdict lists at most 1,024. */
  readonly omitted?: number;
  /** The chunk was malformed and was not scanned. Only from `handleChunks`; `handleChunk` throws it. */
  readonly error?: SpectralError;
}

/**
 * Why bytes were not scanned. `ring_full`: a feed's records skip them, for want of room on the way. `sequence`: chunk numbers
 * skip. `reported`: a chunk's `lost`. `flood`: more matches than a chunk may have. `undecoded`: compressed, and damaged, too much, or
 * not to be decompressed here.
 */
export type GapReason =
  | 'ring_full'
  | 'fault'
  | 'truncated'
  | 'sendfile'
  | 'sequence'
  | 'reported'
  | 'flood'
  | 'undecoded';

/** Bytes of a flow that nobody looked at. The flow's matcher starts afresh behind them. */
export interface Gap {
  readonly pid: number;
  readonly comm: string;
  /** Offset in the flow where the gap begins, in bytes. */
  readonly offset: number;
  /** Length in bytes; `undefined` when the feed cannot know it. */
  readonly bytes: number | undefined;
  readonly reason: GapReason;
  readonly time: number;
}

/** How block rules are carried out on this host. */
export type EnforcementMode = 'observe' | 'redact' | 'deny' | 'kill';

/**
 * Why less was done than wanted. `dry_run`: as asked. `exempt`: a process that is never touched. `kill_limit`: more kills than
 * are allowed in this time. `failed`: the system refused.
 */
export type BlockRestraint = 'none' | 'dry_run' | 'exempt' | 'kill_limit' | 'failed';

/** What was done about one write that holds a literal of a block rule. Offsets are bytes from the start of the flow. */
export interface BlockVerdict {
  readonly pid: number;
  readonly comm: string;
  readonly time: number;
  readonly wanted: EnforcementMode;
  readonly achieved: EnforcementMode;
  readonly restraint: BlockRestraint;
  /** errno, 0 for none. */
  readonly error: number;
  /** Which block set was in force, and which literal of it was found first. */
  readonly set: number;
  readonly literal: number;
  readonly writeOffset: number;
  readonly writeLength: number;
  /** Of the first match: it may have begun in an earlier write. */
  readonly matchStart: number;
  readonly matchEnd: number;
  /** Bytes of the matches that left in clear, in this write or before. */
  readonly bytesLeft: number;
  /** Bytes of this write that were kept from leaving. */
  readonly bytesStopped: number;
  /** Matches that were dealt with; 0: none is known, the write could not be read to its end. */
  readonly matches: number;
}

/** `policy_alert`, field for field as it is logged. Holds no plaintext of a match. */
export interface Alert {
  schema_version: number;
  sensor_kind: 'mesh' | 'edge' | 'library';
  /** Highest severity first, then order in the policy. */
  rule_id: string;
  matched_rule_ids: string[];
  severity: Severity;
  action: Action;
  enforcement_mode: EnforcementMode;
  bpf_blocking_enabled: boolean;
  /** A rule that matched is one that the kernel carries out here. */
  kernel_wipe_eligible: boolean;
  /** The bytes of this occurrence were kept from leaving, as far as they lay in its last write. */
  kernel_wipe_applied: boolean;
  /** What was wanted and achieved for this occurrence, and how many of its bytes left. Only of block rules, where blocking is on. */
  block_mode_wanted?: EnforcementMode;
  block_mode_achieved?: EnforcementMode;
  block_restraint?: BlockRestraint;
  bytes_left?: number;
  comm: string;
  pid: number;
  direction: Direction;
  /** Offset of the first match from the start of the flow, and number of matches in this chunk. */
  match_offset: number;
  match_count: number;
  /** Bytes of this flow lost before this alert, so that a reader knows what was not scanned. */
  bytes_not_scanned: number;
  /** Text around the first match; matches and the tokens they introduce are `*`, control bytes are `.`. */
  redacted_preview?: string;
  /** SHA-256 (hex) of the flow's last ≤ 4 KiB up to and including this chunk. Only on request. */
  payload_sha256?: string;
  [meta: string]: unknown;
}

/** Receives what the sensor reports. A sink that throws is counted and does not stop the sensor. */
export interface Sink {
  /** Something was found and is not suppressed. */
  alert?(alert: Alert): void;
  /** Bytes were not scanned. */
  gap?(gap: Gap): void;
  /** A write held a literal that blocks. Its alert, which follows, may be suppressed; this is not. */
  block?(verdict: BlockVerdict): void;
}
