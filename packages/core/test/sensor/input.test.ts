/** What is given to a sensor: options, chunks, calls after the end. */
import { ChunkError, DEFAULT_POLICY, definePolicy, OptionError, PolicyError, Sensor } from '@spectral/core';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { chunk, encode, literals, type Recorded, record } from './support.js';

const open: Recorded[] = [];
async function start(policy = literals('needle')): Promise<Recorded> {
  const recorded = await record({ policy });
  open.push(recorded);
  return recorded;
}
afterEach(() => {
  for (const { sensor } of open.splice(0)) sensor.close();
});

describe('options', () => {
  test.each<[string, unknown]>([
    ['policy', undefined],
    ['policy', null],
    ['sinks', {}],
    ['sinks', [1]],
    ['sinks', [{ alert: 'x' }]],
    ['sensorKind', 'host'],
    ['maxFlows', 0],
    ['maxFlows', 1.5],
    ['flowIdleMs', -1],
    ['dedupeWindowMs', Number.NaN],
    ['alertMaxPerWindow', '5'],
    ['alertMaxPerPidPerWindow', Number.POSITIVE_INFINITY],
    ['alertWindowMs', 0],
    ['redactedPreview', 'no'],
    ['payloadSha256', 1],
    ['enforcement', { mode: 'wipe', bpfBlockingEnabled: true }],
    ['enforcement', { mode: 'observe' }],
    ['enforcement', null],
    ['allowlist', { commPrefixes: ['a'] }],
    ['allowlist', null],
    ['enrich', {}],
    ['clock', 5],
    ['maxFlow', 5],
  ])('a wrong %s is refused by its name: %j', async (name, value) => {
    const wrong = Sensor.create({ policy: DEFAULT_POLICY, [name]: value } as never);
    await expect(wrong).rejects.toThrow(OptionError);
    await expect(wrong).rejects.toMatchObject({ code: 'OPTION_INVALID', option: name });
    await expect(wrong).rejects.toThrow(`option ${name}:`);
  });

  test('a policy that was not checked is checked', async () => {
    const rules = [{ id: 'a', pattern: '', severity: 'low', action: 'observe' }] as const;
    await expect(Sensor.create({ policy: { schemaVersion: 2, rules } })).rejects.toThrow(PolicyError);
    await expect(Sensor.create({ policy: {} as never })).rejects.toThrow(PolicyError);
  });

  test('five lines are enough', async () => {
    const seen: unknown[] = [];
    const sensor = await Sensor.create({ policy: DEFAULT_POLICY, sinks: [{ alert: (alert) => seen.push(alert) }] });
    sensor.handleChunk({ flow: 'a', pid: 1, comm: 'x', data: encode('Details on Project Ethos') });
    expect(seen).toMatchObject([{ rule_id: 'sample-project-ethos', redacted_preview: 'Details on *************' }]);
    sensor.close();
  });
});

function detached(): Uint8Array {
  const data = encode('needle');
  structuredClone(data, { transfer: [data.buffer as ArrayBuffer] });
  return data;
}

describe('chunks', () => {
  test.each<[string, unknown]>([
    ['flow', undefined],
    ['flow', Number.NaN],
    ['flow', {}],
    ['flow', 'x'.repeat(257)],
    ['pid', -1],
    ['pid', 1.5],
    ['pid', '1'],
    ['pid', 2 ** 32],
    ['comm', 5],
    ['direction', 'out'],
    ['data', 'needle'],
    ['data', [1, 2]],
    ['data', new Uint16Array(2)],
    ['data', detached()],
    ['seq', -1],
    ['seq', Number.NaN],
    ['lost', -1],
    ['lost', 0.5],
    ['time', Number.NaN],
    ['meta', 'x'],
  ])('a wrong %s is refused by its name and changes nothing: %j', async (name, value) => {
    const { sensor, alerts, gaps } = await start();
    const wrong = chunk('needle', { [name]: value });
    let thrown: unknown;
    try {
      sensor.handleChunk(wrong as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ChunkError);
    expect(thrown).toMatchObject({ code: 'CHUNK_INVALID', field: name });
    expect((thrown as Error).message).toContain(`chunk.${name}`);
    const verdicts = sensor.handleChunks([chunk('nee'), wrong as never, chunk('dle')]);
    expect(verdicts.map(({ findings }) => findings.length)).toEqual([0, 0, 1]);
    expect(verdicts[1]!.error).toBeInstanceOf(ChunkError);
    expect([alerts.length, gaps.length]).toEqual([1, 0]);
    expect(sensor.counters).toMatchObject({ chunk_errors: 2, chunks: 2 });
  });

  test.each([null, undefined, 5, 'chunk'])('%j is none', async (wrong) => {
    const { sensor } = await start();
    expect(() => sensor.handleChunk(wrong as never)).toThrow('chunk: must be an object');
    if (wrong !== undefined) expect(() => sensor.handleChunkWithMeta(chunk('a'), wrong as never)).toThrow('chunk.meta');
  });

  test.each([null, undefined, 5, {}])('%j is no list of chunks, and the sensor goes on', async (wrong) => {
    const { sensor } = await start();
    expect(() => sensor.handleChunks(wrong as never)).toThrow(ChunkError);
    expect(sensor.handleChunk(chunk('needle')).findings).toHaveLength(1);
  });

  test('a clock that fails to tell the time does not stop the sensor', async () => {
    const sensor = await Sensor.create({ policy: literals('needle'), clock: () => Number.NaN, alertMaxPerWindow: 1 });
    expect(sensor.handleChunk(chunk('needle')).findings).toHaveLength(1);
    sensor.close();
  });

  test('a field that throws when it is read is refused too', async () => {
    const { sensor } = await start();
    const wrong = Object.defineProperty(chunk('a'), 'pid', {
      get() {
        throw new Error('SAMPLE');
      },
    });
    expect(() => sensor.handleChunk(wrong)).toThrow('chunk: has a field that cannot be read');
  });

  test('views into larger buffers, Buffers, empty chunks and shared memory are scanned as they are', async () => {
    const { sensor } = await start();
    const inside = encode('xxneedlexx').subarray(2, 8);
    const shared = new Uint8Array(new SharedArrayBuffer(6));
    shared.set(encode('needle'));
    for (const data of [inside, Buffer.from('needle'), shared]) {
      const verdict = sensor.handleChunk(chunk(data as Uint8Array, { flow: Symbol.length + Math.random() }));
      expect(verdict.findings).toHaveLength(1);
      expect(verdict.redacted).toEqual(encode('******'));
    }
    expect(sensor.handleChunk(chunk('')).findings).toEqual([]);
    expect(Buffer.from('needle').toString()).toBe('needle');
  });

  test('whatever is given, only SpectralErrors come out, and the next chunk is scanned', async () => {
    const { sensor } = await start();
    const value = fc.anything({ withTypedArray: true, withBigInt: true });
    const fields = fc.constantFrom('flow', 'pid', 'comm', 'direction', 'data', 'seq', 'lost', 'time', 'meta');
    fc.assert(
      fc.property(fc.array(fc.tuple(fields, value), { maxLength: 3 }), (replaced) => {
        const given = { ...chunk('..'), ...Object.fromEntries(replaced) };
        try {
          sensor.handleChunk(given as never);
        } catch (error) {
          expect(error).toBeInstanceOf(ChunkError);
        }
        expect(sensor.handleChunk(chunk('needle', { flow: 'check' })).findings).toHaveLength(1);
      }),
      { seed: 31, numRuns: 500 },
    );
  });
});

describe('reload', () => {
  test('a policy that is refused leaves the old one in force', async () => {
    const { sensor } = await start();
    const before = sensor.policy;
    expect(() => sensor.setPolicy({ schemaVersion: 2, rules: [] })).toThrow(PolicyError);
    expect(sensor.policy).toBe(before);
    expect(sensor.handleChunk(chunk('needle')).findings).toHaveLength(1);
    const next = definePolicy([{ id: 'b', pattern: 'hay', severity: 'low', action: 'block' }]);
    sensor.setPolicy(next);
    expect(sensor.policy).toBe(next);
    expect(sensor.handleChunk(chunk('needle hay')).findings).toMatchObject([{ ruleId: 'b' }]);
    expect(sensor.counters).toMatchObject({ policy_reloads: 1, policy_reload_errors: 1 });
  });

  test('again and again does not use up memory', async () => {
    const { sensor } = await start();
    const policies = [literals('a'.repeat(4000), 'b'), literals('c'.repeat(4000))];
    for (let i = 0; i < 20; i++) sensor.setPolicy(policies[i % 2]!);
    const size = sensor.batch.memory.length;
    for (let i = 0; i < 200; i++) sensor.setPolicy(policies[i % 2]!);
    expect(sensor.batch.memory.length).toBe(size);
  });
});

test('a closed sensor says so, and closing twice is harmless', async () => {
  const { sensor } = await start();
  sensor.close();
  sensor.close();
  const calls = [
    () => sensor.handleChunk(chunk('a')),
    () => sensor.handleChunks([]),
    () => sensor.handleBatch(0),
    () => sensor.batch,
    () => sensor.setPolicy(DEFAULT_POLICY),
    () => sensor.setAllowlist(undefined),
    () => sensor.endFlow('a'),
    () => sensor.endProcess(1),
  ];
  for (const call of calls) expect(call).toThrow(expect.objectContaining({ code: 'SENSOR_CLOSED' }));
  open.pop();
});
