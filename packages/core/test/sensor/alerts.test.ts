/** What an alert says, which alerts are left out, and who gets them. */
import { createHash } from 'node:crypto';
import { type Alert, definePolicy, type Rule, Sensor, type SensorOptions, SpectralError } from '@spectral/core';
import { afterEach, describe, expect, test } from 'vitest';
import { chunk, encode, handleRows, literals, type Recorded, record } from './support.js';

const open: Recorded[] = [];
async function start(options: Partial<SensorOptions> & { policy: SensorOptions['policy'] }): Promise<Recorded> {
  const recorded = await record(options);
  open.push(recorded);
  return recorded;
}
afterEach(() => {
  for (const { sensor } of open.splice(0)) sensor.close();
});

const rules: Rule[] = [
  { id: 'low', pattern: 'aa', severity: 'low', action: 'block' },
  { id: 'high-1', pattern: 'bb', severity: 'high', action: 'observe' },
  { id: 'critical', pattern: 'a long pattern of 30 characters', severity: 'critical', action: 'block' },
  { id: 'high-2', pattern: 'cc', severity: 'high', action: 'observe' },
];
const policy = definePolicy(rules);

describe('an alert', () => {
  test('says which feed its rows came from, for that call only', async () => {
    const { sensor, alerts } = await start({ policy });
    handleRows(sensor, [{ flow: 1, data: 'aa' }], { feed: 'ebpf' });
    handleRows(sensor, [{ flow: 1, data: 'bb' }]);
    expect(alerts.map(({ feed }) => feed)).toEqual(['ebpf', undefined]);
  });

  test('has every field, rules by severity and then policy order', async () => {
    const { sensor, alerts } = await start({ policy });
    sensor.handleChunk(chunk('0123456789'));
    sensor.handleChunk(chunk('cc bb aa bb', { pid: 42, comm: 'node', direction: 'egress' }));
    expect(alerts).toEqual([
      {
        schema_version: 1,
        sensor_kind: 'library',
        rule_id: 'high-1',
        matched_rule_ids: ['high-1', 'high-2', 'low'],
        severity: 'high',
        action: 'block',
        enforcement_mode: 'observe',
        bpf_blocking_enabled: false,
        kernel_wipe_eligible: false,
        kernel_wipe_applied: false,
        comm: 'node',
        pid: 42,
        direction: 'egress',
        match_offset: 10,
        match_count: 4,
        bytes_not_scanned: 0,
        redacted_preview: '0123456789** ** ** **',
      },
    ]);
    expect(sensor.counters).toMatchObject({ alerts: 1, findings: 4, block_observe_only: 1 });
  });

  test('tells what the kernel could wipe', async () => {
    const enforcement = { mode: 'redact', bpfBlockingEnabled: true } as const;
    const { sensor, alerts } = await start({ policy, enforcement, sensorKind: 'mesh' });
    sensor.handleChunk(chunk('aa'));
    sensor.handleChunk(chunk(' a long pattern of 30 characters'));
    sensor.handleChunk(chunk('bb'));
    expect(alerts.map((alert) => alert.kernel_wipe_eligible)).toEqual([true, true, false]);
    expect(alerts[0]).toMatchObject({
      enforcement_mode: 'redact',
      bpf_blocking_enabled: true,
      sensor_kind: 'mesh',
      block_mode_wanted: 'redact',
      block_mode_achieved: 'observe',
      bytes_left: 2,
    });
    // Nobody said that anything was done.
    expect(sensor.counters.block_observe_only).toBe(2);
  });

  test('hashes the last 4 KiB of the flow up to the end of the chunk', async () => {
    const { sensor, alerts } = await start({ policy, payloadSha256: true, redactedPreview: false });
    const data = Uint8Array.from({ length: 6000 }, (_, i) => 0x30 + (i % 10));
    const match = encode('bb tail');
    sensor.handleChunk(chunk(data.subarray(0, 10)));
    sensor.handleChunk(chunk(match));
    sensor.handleChunk(chunk(data));
    sensor.handleChunk(chunk(match));
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const before = Buffer.concat([data.subarray(0, 10), match]);
    expect(alerts.map((alert) => alert.payload_sha256)).toEqual([
      sha256(before),
      sha256(Buffer.concat([before, data, match]).subarray(-4096)),
    ]);
    expect(alerts[0]).not.toHaveProperty('redacted_preview');
  });

  test('takes over plain facts, but none under a name of its own', async () => {
    const { sensor, alerts } = await start({
      policy,
      redactedPreview: false,
      enrich: ({ pid, ruleId }) => ({ k8s_pod: `pod-${pid}-${ruleId}`, pid: 666, redacted_preview: 'no' }),
    });
    const meta = { trace: 't1', url: '/a', rule_id: 'no', payload_sha256: 'no', deep: { a: 1 } as never };
    sensor.handleChunkWithMeta(chunk('bb', { meta }), { url: '/b', n: 3 });
    expect(alerts[0]).toMatchObject({
      rule_id: 'high-1',
      pid: 7,
      trace: 't1',
      url: '/b',
      n: 3,
      k8s_pod: 'pod-7-high-1',
    });
    for (const name of ['deep', 'redacted_preview', 'payload_sha256']) expect(alerts[0]).not.toHaveProperty(name);
  });

  test('comes once per chunk, for rows as for chunks', async () => {
    const { sensor, alerts } = await start({ policy });
    sensor.handleChunks([chunk('aa'), chunk('clean'), chunk('bb', { direction: 'ingress' })]);
    handleRows(sensor, [
      { flow: 1, data: 'aa', pid: 3, comm: 'sixteen-bytes-ab' },
      { flow: 1, data: 'clean' },
      { flow: 1, data: 'bb', pid: 4, comm: 'x' },
    ]);
    expect(alerts.map(({ pid, comm, direction, match_offset: at }) => [pid, comm, direction, at])).toEqual([
      [7, 'curl', 'egress', 0],
      [7, 'curl', 'ingress', 0],
      [3, 'sixteen-bytes-ab', 'egress', 0],
      [4, 'x', 'egress', 7],
    ]);
  });

  test('lists at most 256 rules', async () => {
    const many = literals(...Array.from({ length: 300 }, (_, n) => `<${n}>`));
    const { sensor, alerts } = await start({ policy: many });
    sensor.handleChunk(chunk(many.rules.map(({ pattern }) => pattern).join('')));
    expect(alerts[0]!.matched_rule_ids).toHaveLength(256);
    expect(alerts[0]).toMatchObject({ matched_rule_ids_omitted: 44, match_count: 300 });
  });
});

describe('a verdict', () => {
  test('has the findings, the strongest action and a masked copy', async () => {
    const { sensor } = await start({ policy });
    const data = encode('xx bb aa yy');
    const verdict = sensor.handleChunk(chunk(data));
    expect(verdict).toEqual({
      findings: [
        { ruleId: 'high-1', severity: 'high', action: 'observe', start: 3, end: 5 },
        { ruleId: 'low', severity: 'low', action: 'block', start: 6, end: 8 },
      ],
      action: 'block',
      redacted: encode('xx ** ** yy'),
    });
    expect(data).toEqual(encode('xx bb aa yy'));
  });

  test('of a clean chunk is always the same frozen object', async () => {
    const { sensor } = await start({ policy });
    const clean = sensor.handleChunk(chunk('clean'));
    expect(Object.isFrozen(clean)).toBe(true);
    expect(sensor.handleChunks([chunk('a'), chunk('b')])).toEqual([clean, clean]);
    expect(sensor.handleChunk(chunk('bb'))).not.toBe(clean);
    expect(sensor.handleChunk(chunk(' clean'))).toBe(clean);
  });

  test('masks the rest of a token that began in the chunk before', async () => {
    const { sensor, alerts } = await start({ policy: literals('Bearer ') });
    sensor.handleChunk(chunk('Bearer SAMPLE'));
    expect(sensor.handleChunk(chunk('TOKEN next'))).toEqual({
      findings: [],
      action: 'observe',
      redacted: encode('***** next'),
    });
    expect(alerts).toHaveLength(1);
    expect(sensor.handleChunk(chunk('TOKEN')).redacted).toBeUndefined();
  });

  test('is the caller’s: later calls do not change it', async () => {
    const { sensor } = await start({ policy });
    const verdicts = sensor.handleChunks([chunk('bb')]);
    sensor.handleChunk(chunk('clean'));
    expect(verdicts[0]!.findings).toHaveLength(1);
  });
});

describe('left out are', () => {
  test('processes on the allowlist, which may be replaced', async () => {
    const allowlist = { commPrefixes: ['cu'], userAgentPrefixes: [] };
    const { sensor, alerts } = await start({ policy, allowlist });
    expect(sensor.handleChunk(chunk('aa ')).findings).toHaveLength(1);
    sensor.handleChunk(chunk('aa ', { comm: 'node' }));
    sensor.setAllowlist(undefined);
    sensor.handleChunk(chunk('aa '));
    expect(alerts.map(({ comm }) => comm)).toEqual(['node', 'curl']);
    expect(sensor.counters).toMatchObject({ alerts: 2, alerts_allowlisted: 1, findings: 3, block_observe_only: 2 });
    expect(() => sensor.setAllowlist({ commPrefixes: [''], userAgentPrefixes: [] })).toThrow('allowlist');
  });

  test('repeats of a process and rule within the window; what is new is not', async () => {
    const recorded = await start({ policy, dedupeWindowMs: 1000 });
    const { sensor, alerts } = recorded;
    sensor.handleChunk(chunk('aa '));
    sensor.handleChunk(chunk('aa ', { flow: 'other' }));
    sensor.handleChunk(chunk('aa bb'));
    sensor.handleChunk(chunk('bb'));
    sensor.handleChunk(chunk('aa ', { pid: 8 }));
    recorded.time += 999;
    sensor.handleChunk(chunk('aa '));
    recorded.time += 1;
    sensor.handleChunk(chunk('aa '));
    expect(alerts.map(({ pid, matched_rule_ids: ids }) => [pid, ids])).toEqual([
      [7, ['low']],
      [7, ['high-1', 'low']],
      [8, ['low']],
      [7, ['low']],
    ]);
    expect(sensor.counters).toMatchObject({ alerts: 4, alerts_deduplicated: 3 });
  });

  test('what is over the caps, of one process and of all', async () => {
    const recorded = await start({
      policy,
      alertMaxPerWindow: 3,
      alertMaxPerPidPerWindow: 2,
      alertWindowMs: 1000,
      dedupeWindowMs: 10_000,
    });
    const { sensor, alerts } = recorded;
    for (const [pid, text] of [
      [1, 'aa'],
      [1, 'bb'],
      [1, 'cc'],
      [1, 'aa'],
      [2, 'aa'],
      [3, 'aa'],
    ] as const) {
      sensor.handleChunk(chunk(text, { pid }));
    }
    expect(alerts.map(({ pid, rule_id }) => [pid, rule_id])).toEqual([
      [1, 'low'],
      [1, 'high-1'],
      [2, 'low'],
    ]);
    expect(sensor.counters).toMatchObject({ alerts: 3, alerts_rate_limited: 2, alerts_deduplicated: 1 });
    recorded.time += 1000;
    // What a cap kept back was not reported, so it is no repeat.
    sensor.handleChunk(chunk('cc', { pid: 1 }));
    sensor.handleChunk(chunk('aa ', { pid: 3 }));
    expect(sensor.counters).toMatchObject({ alerts: 5, alerts_rate_limited: 2 });
  });
});

describe('sinks', () => {
  test('that throw or reject are counted, and the others still get everything', async () => {
    const alerts: Alert[] = [];
    const { sensor } = await start({
      policy,
      sinks: [
        {
          alert() {
            throw new Error('sink');
          },
          gap() {
            throw new Error('sink');
          },
        },
        { alert: (async () => Promise.reject(new Error('sink'))) as () => void },
        { alert: (alert) => alerts.push(alert) },
        {},
      ],
      enrich() {
        throw new Error('enrich');
      },
    });
    expect(sensor.handleChunk(chunk('aa ', { lost: 1 })).findings).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(alerts).toHaveLength(1);
    expect(sensor.counters).toMatchObject({ sink_errors: 3, enrich_errors: 1, alerts: 1 });
  });

  test('may call the sensor', async () => {
    const seen: string[] = [];
    const sensor: Sensor = await Sensor.create({
      policy,
      sinks: [
        {
          alert: ({ comm }) => {
            seen.push(comm);
            if (comm === 'one') {
              sensor.handleChunk(chunk('bb', { comm: 'two' }));
              sensor.setPolicy(literals('dd'));
            }
            if (comm === 'three') sensor.close();
          },
        },
      ],
    });
    sensor.handleChunk(chunk('aa ', { comm: 'one' }));
    expect(sensor.handleChunk(chunk('aa ')).findings).toEqual([]);
    sensor.handleChunk(chunk('dd', { comm: 'three' }));
    expect(seen).toEqual(['one', 'two', 'three']);
    expect(() => sensor.handleChunk(chunk('dd'))).toThrow(SpectralError);
  });
});
