import type { Policy } from '../policy/types.js';
import type { Action, Alert, Direction, EnforcementMode, Severity, Sink } from '../types.js';
import type { Validator } from '../validate/index.js';
import type { Allowlist } from './allowlist.js';

/** What `enrich` is told about an alert. No payload bytes. */
export interface AlertContext {
  readonly pid: number;
  readonly comm: string;
  readonly direction: Direction;
  readonly ruleId: string;
  readonly severity: Severity;
  readonly action: Action;
}

/** How block rules are carried out. */
export interface Enforcement {
  readonly mode: EnforcementMode;
  /** True once the kernel side that carries out block rules is loaded. */
  readonly bpfBlockingEnabled: boolean;
}

/** Options of `Sensor.create`. */
export interface SensorOptions {
  readonly policy: Policy;
  readonly sinks?: readonly Sink[];
  /** Default `library`. */
  readonly sensorKind?: Alert['sensor_kind'];
  /** Most flows (per direction) that are remembered at a time; the least used make room. Default 8192. */
  readonly maxFlows?: number;
  /** A flow without a chunk for this long may be dropped. Milliseconds; default 10 minutes. */
  readonly flowIdleMs?: number;
  /**
   * Whether decoded forms of the text are looked at, too: escaped, encoded, compressed, in the frames of protocols. Default: under a
   * policy of format v3.
   */
  readonly views?: boolean;
  /** Validators beside the built-in ones, by the names that rules use. */
  readonly validators?: ReadonlyMap<string, Validator>;
  /** What `brotliDictionary` returns. Bodies in Brotli that use it are not decoded without it, which is reported as a gap. */
  readonly brotliDictionary?: Uint8Array;
  /**
   * What looks like a finding may depend on bytes that have not come. If none come for this long, it is decided without them.
   * Milliseconds; default 250.
   */
  readonly settleMs?: number;
  /** Processes whose alerts are not reported. Default: none. */
  readonly allowlist?: Allowlist;
  /** The same rule of the same process is reported once in this time. Milliseconds; 0 (default): always. */
  readonly dedupeWindowMs?: number;
  /** Most alerts per `alertWindowMs`, over all processes. 0 (default): no cap. */
  readonly alertMaxPerWindow?: number;
  /** Most alerts per `alertWindowMs` of one process. 0 (default): no cap. */
  readonly alertMaxPerPidPerWindow?: number;
  /** Milliseconds; default 60,000. */
  readonly alertWindowMs?: number;
  /** Whether alerts carry `redacted_preview`. Default true. */
  readonly redactedPreview?: boolean;
  /** Whether alerts carry `payload_sha256`. Default false. */
  readonly payloadSha256?: boolean;
  /** How block rules are carried out on this host. Default: observe, no blocking. */
  readonly enforcement?: Enforcement;
  /** Fields to add to an alert. It cannot replace the alert's own fields. Synchronous; a throw is counted. */
  readonly enrich?: (context: AlertContext) => Readonly<Record<string, string | number>>;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: () => number;
}
