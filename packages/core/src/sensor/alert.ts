import type { Alert, BlockVerdict } from '../types.js';
import { enforcedFields } from './enforced.js';
import type { Enforcement } from './options.js';
import type { Report } from './report.js';

/** Version of the fields of `policy_alert`. */
export const ALERT_SCHEMA_VERSION = 1;

/** Most rule ids listed in one alert, strongest first. */
const MAX_RULE_IDS = 256;

export interface AlertFacts {
  readonly sensorKind: Alert['sensor_kind'];
  readonly enforcement: Enforcement;
  readonly bytesNotScanned: number;
  /** What was done about the write; `undefined`: nothing. */
  readonly verdict: BlockVerdict | undefined;
  readonly preview: string | undefined;
  readonly payloadSha256: string | undefined;
}

/** Ids of the rules that matched: highest severity first, then policy order. */
export function ruleIdsOf({ policy, rules }: Report): string[] {
  return policy.sort(rules).map((rule) => policy.rules[rule]!.id);
}

export function buildAlert(report: Report, ruleIds: readonly string[], facts: AlertFacts): Alert {
  const { policy, origin } = report;
  const strongest = policy.rules[report.rules[0]!]!;
  const { mode, bpfBlockingEnabled } = facts.enforcement;
  const alert: Alert = {
    schema_version: ALERT_SCHEMA_VERSION,
    sensor_kind: facts.sensorKind,
    rule_id: strongest.id,
    matched_rule_ids: ruleIds.slice(0, MAX_RULE_IDS),
    severity: strongest.severity,
    action: report.action,
    enforcement_mode: mode,
    bpf_blocking_enabled: bpfBlockingEnabled,
    kernel_wipe_eligible: bpfBlockingEnabled && report.rules.some((rule) => policy.fitsKernel(rule)),
    ...enforcedFields(report, facts.enforcement, facts.verdict),
    comm: origin.comm,
    pid: origin.pid,
    direction: origin.direction,
    match_offset: report.firstStart,
    match_count: report.count,
    bytes_not_scanned: facts.bytesNotScanned,
  };
  if (facts.preview !== undefined) alert.redacted_preview = facts.preview;
  if (facts.payloadSha256 !== undefined) alert.payload_sha256 = facts.payloadSha256;
  if (ruleIds.length > MAX_RULE_IDS) alert.matched_rule_ids_omitted = ruleIds.length - MAX_RULE_IDS;
  for (const meta of origin.meta) addFields(alert, meta);
  return alert;
}

const RESERVED = new Set([
  'redacted_preview',
  'payload_sha256',
  'matched_rule_ids_omitted',
  'block_mode_wanted',
  'block_mode_achieved',
  'block_restraint',
  'bytes_left',
  '__proto__',
]);

/** Adds plain values under names that the alert does not use itself. Earlier ones win. */
export function addFields(alert: Alert, fields: Readonly<Record<string, unknown>> | undefined): void {
  if (fields === undefined) return;
  for (const [name, value] of Object.entries(fields)) {
    if (name in alert || RESERVED.has(name)) continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') alert[name] = value;
  }
}
