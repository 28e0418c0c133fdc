import {
  type Alert,
  type BlockVerdict,
  compileBlockSet,
  definePolicy,
  type EnforcementMode,
  RECORD_BLOCK,
  RECORD_CLOSE,
} from '@spectral/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { handleRows, record } from './support.js';

const policy = definePolicy(
  [
    { id: 'plain', pattern: 'SECRET', severity: 'high', action: 'block' },
    { id: 'tested', literals: ['KEY='], regex: 'KEY=[a-z]+', severity: 'low', action: 'block' },
    { id: 'eager', literals: ['EAGER'], regex: 'EAGER[0-9]+', severity: 'low', action: 'block', blockOn: 'literal' },
    { id: 'seen', pattern: 'SEEN', severity: 'low', action: 'observe' },
  ],
  'policy',
  3,
);
const MODES = ['observe', 'redact', 'deny', 'kill'] as const;

interface Verdict {
  readonly wanted?: EnforcementMode;
  readonly achieved: EnforcementMode;
  readonly restraint?: number;
  readonly writeOffset: number;
  readonly writeLength: number;
}

/** As `spectral_verdict` in bpf/spectral.h. */
function verdictBytes({ wanted = 'kill', achieved, restraint = 0, writeOffset, writeLength }: Verdict): Uint8Array {
  const view = new DataView(new ArrayBuffer(72));
  [MODES.indexOf(wanted), MODES.indexOf(achieved), restraint, 0, 1, 0].forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  [writeOffset, writeLength, writeOffset + 6, 0, writeLength].forEach((long, i) => {
    view.setBigUint64(24 + 8 * i, BigInt(long), true);
  });
  view.setUint32(64, 1, true);
  view.setUint32(68, 6, true);
  return new Uint8Array(view.buffer);
}

async function start(mode: EnforcementMode = 'kill') {
  const verdicts: BlockVerdict[] = [];
  const alerts: Alert[] = [];
  const sink = {
    alert: (alert: Alert) => alerts.push(alert),
    block: (verdict: BlockVerdict) => verdicts.push(verdict),
  };
  const recorded = await record({ policy, enforcement: { mode, bpfBlockingEnabled: true }, sinks: [sink] });
  const { sensor } = recorded;
  /** Lets so much time pass that all is decided. */
  const settle = () => {
    recorded.time += sensor.options.settleMs + 1;
    sensor.settle();
  };
  return { sensor, alerts, verdicts, settle };
}

const block = (verdict: Verdict) => ({ kind: RECORD_BLOCK, flow: 1, data: verdictBytes(verdict) });

describe('a verdict about a write', () => {
  test('is what the alerts of the write say, and of no other', async () => {
    const { sensor, alerts, verdicts, settle } = await start();
    handleRows(sensor, [
      { flow: 1, offset: 0, data: 'SECRET..' },
      block({ achieved: 'kill', writeOffset: 8, writeLength: 16 }),
      { flow: 1, offset: 8, data: 'SECRET..' },
      { flow: 1, offset: 16, data: '..SECRET' },
      { flow: 1, offset: 24, data: 'SECRET..' },
      { flow: 2, offset: 8, data: 'SECRET..' },
    ]);
    settle();
    const said = alerts.map((a) => [a.block_mode_achieved, a.kernel_wipe_applied, a.bytes_left, a.match_offset]);
    expect(said.sort((a, b) => Number(a[3]) - Number(b[3]))).toEqual([
      ['observe', false, 6, 0],
      ['kill', true, 0, 8],
      ['observe', false, 6, 8],
      ['observe', false, 6, 24],
    ]);
    // Both occurrences in the write that was stopped.
    expect(alerts.filter((a) => a.block_mode_achieved === 'kill').map((a) => a.match_count)).toEqual([2]);
    expect(verdicts).toMatchObject([
      { achieved: 'kill', writeOffset: 8, writeLength: 16, matchStart: 8, matchEnd: 14 },
    ]);
    expect(sensor.counters.block_observe_only).toBe(3);
  });

  test.each(['deny', 'kill'] as const)('%s stops whatever matched, less what had left before', async (mode) => {
    const { sensor, alerts } = await start(mode);
    handleRows(sensor, [
      { flow: 1, offset: 0, data: 'SEC' },
      block({ wanted: mode, achieved: mode, writeOffset: 3, writeLength: 20 }),
      { flow: 1, offset: 3, data: 'RET KEY=value SEEN..' },
    ]);
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toMatchObject({ block_mode_wanted: mode, block_mode_achieved: mode, bytes_left: 3 });
  });

  test('redact stops only what the kernel looks for', async () => {
    const { sensor, alerts } = await start('redact');
    handleRows(sensor, [
      block({ wanted: 'redact', achieved: 'redact', writeOffset: 0, writeLength: 16 }),
      { flow: 1, offset: 0, data: 'KEY=value SEEN..' },
      block({ wanted: 'redact', achieved: 'redact', writeOffset: 16, writeLength: 6 }),
      { flow: 1, offset: 16, data: 'SECRET' },
    ]);
    expect(alerts.map((a) => [a.block_mode_achieved, a.kernel_wipe_eligible])).toEqual([
      ['observe', false],
      ['redact', true],
    ]);
    expect(alerts[0]!.bytes_left).toBeGreaterThan(0);
    expect(alerts[1]!.bytes_left).toBe(0);
  });

  test('says why nothing was done', async () => {
    const { sensor, alerts } = await start();
    handleRows(sensor, [
      block({ achieved: 'observe', restraint: 3, writeOffset: 0, writeLength: 6 }),
      { flow: 1, offset: 0, data: 'SECRET' },
    ]);
    expect(alerts).toMatchObject([{ block_mode_achieved: 'observe', block_restraint: 'kill_limit', bytes_left: 6 }]);
  });

  test('is forgotten with its flow', async () => {
    const { sensor, alerts, settle } = await start();
    handleRows(sensor, [
      block({ achieved: 'kill', writeOffset: 0, writeLength: 99 }),
      { kind: RECORD_CLOSE, flow: 1, offset: 0 },
      { flow: 3, offset: 0, data: 'SECRET' },
    ]);
    settle();
    expect(alerts).toMatchObject([{ block_mode_achieved: 'observe' }]);
  });

  test('is refused if it is malformed, whatever it is', async () => {
    const { sensor, verdicts } = await start();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (data) => {
        const before = sensor.counters.chunk_errors + verdicts.length;
        handleRows(sensor, [{ kind: RECORD_BLOCK, flow: 1, data }]);
        expect(sensor.counters.chunk_errors + verdicts.length).toBe(before + 1);
        if (data.length < 72) expect(verdicts).toHaveLength(0);
      }),
    );
  });
});

test('a block set has the literals of rules that nothing else decides', async () => {
  const set = await compileBlockSet(policy);
  expect(set).toMatchObject({ ruleIds: ['plain', 'eager'], observeOnly: ['tested'] });
  expect(set.automaton!.length).toBeGreaterThan(384);
  const none = await compileBlockSet(definePolicy([{ id: 'a', pattern: 'a', severity: 'low', action: 'observe' }]));
  expect(none).toEqual({ ruleIds: [], automaton: undefined, observeOnly: [] });
});
