/** What the sensor's tests share: a sensor that records its reports, a writer of batch rows, a naive matcher. */
import {
  type Alert,
  type ChunkMeta,
  definePolicy,
  type Finding,
  type Gap,
  type Policy,
  RECORD_BYTES,
  RECORD_DATA,
  Sensor,
  type SensorOptions,
} from '@spectral/core';

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
export const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export interface Recorded {
  readonly sensor: Sensor;
  readonly alerts: Alert[];
  readonly gaps: Gap[];
  /** The sensor's clock, in milliseconds. */
  time: number;
}

export async function record(options: Partial<SensorOptions> & { policy: Policy }): Promise<Recorded> {
  const alerts: Alert[] = [];
  const gaps: Gap[] = [];
  const sink = { alert: (alert: Alert) => alerts.push(alert), gap: (gap: Gap) => gaps.push(gap) };
  const recorded: { time: number } = { time: 1_000_000 };
  const sensor = await Sensor.create({ clock: () => recorded.time, sinks: [sink], ...options });
  return Object.assign(recorded, { sensor, alerts, gaps });
}

/** A policy of literals, the n-th with id `rn`. */
export function literals(...patterns: string[]): Policy {
  return definePolicy(patterns.map((pattern, n) => ({ id: `r${n}`, pattern, severity: 'high', action: 'observe' })));
}

export function chunk(data: string | Uint8Array, more: Record<string, unknown> = {}) {
  return { flow: 'f', pid: 7, comm: 'curl', data: typeof data === 'string' ? encode(data) : data, ...more };
}

/** All occurrences of the policy's literals in a whole flow, in the order in which the sensor reports them. */
export function occurrences(policy: Policy, text: Uint8Array): Finding[] {
  const found: (Finding & { order: number })[] = [];
  policy.rules.forEach(({ id, pattern, severity, action, ignoreCase }, order) => {
    const fold = (byte: number) => (ignoreCase && byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte);
    const literal = encode(pattern!).map(fold);
    for (let start = 0; start + literal.length <= text.length; start++) {
      if (literal.every((byte, i) => byte === fold(text[start + i]!))) {
        found.push({ ruleId: id, severity, action, start, end: start + literal.length, order });
      }
    }
  });
  return sortFindings(found).map(({ ruleId, severity, action, start, end }) => ({
    ruleId,
    severity,
    action,
    start,
    end,
  }));
}

export function sortFindings<T extends Finding>(findings: readonly T[]): T[] {
  const key = ({ end, start, ruleId }: Finding) => [end, start, ruleId] as const;
  return [...findings].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x[0] - y[0] || x[1] - y[1] || (x[2] < y[2] ? -1 : x[2] > y[2] ? 1 : 0);
  });
}

/** Cuts at the given places, which are taken modulo the length. */
export function cut(data: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (data.length + 1)))].sort((a, b) => a - b);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const to of [...at, data.length]) {
    pieces.push(data.subarray(from, to));
    from = to;
  }
  return pieces;
}

export interface Row {
  readonly kind?: number;
  readonly flow: number;
  readonly data?: Uint8Array | string;
  /** For rows without data. */
  readonly length?: number;
  readonly offset?: number;
  readonly pid?: number;
  readonly comm?: string;
  readonly time?: number;
  readonly detail?: number;
}

/** Writes rows as a native feed does, and hands them over. */
export function handleRows(sensor: Sensor, rows: readonly Row[], meta?: ChunkMeta): void {
  const { memory, table, data: area } = sensor.batch;
  const view = new DataView(memory.buffer);
  let at = area;
  rows.forEach((row, index) => {
    const r = table + index * RECORD_BYTES;
    const data = typeof row.data === 'string' ? encode(row.data) : row.data;
    if (data) memory.set(data, at);
    view.setUint32(r, at, true);
    view.setUint32(r + 4, data?.length ?? row.length ?? 0, true);
    view.setUint32(r + 8, 0xffff_ffff, true);
    view.setUint32(r + 12, row.kind ?? RECORD_DATA, true);
    view.setFloat64(r + 16, row.flow, true);
    view.setFloat64(r + 24, row.offset ?? -1, true);
    view.setFloat64(r + 32, row.time ?? 5, true);
    view.setUint32(r + 40, row.pid ?? 7, true);
    view.setUint32(r + 44, row.detail ?? 0, true);
    memory.fill(0, r + 48, r + 64);
    memory.set(encode(row.comm ?? 'curl').subarray(0, 16), r + 48);
    at += data?.length ?? 0;
  });
  sensor.handleBatch(rows.length, meta);
}
