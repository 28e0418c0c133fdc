/** The same bytes give the same findings, however they are cut, batched or mixed with other flows. */
import { DEFAULT_POLICY, definePolicy, type Finding, Sensor } from '@spectral/core';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { chunk, cut, encode, handleRows, literals, occurrences, record, sortFindings } from './support.js';

const text = (alphabet: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: 0, maxLength });
const places = fc.array(fc.nat(1000), { maxLength: 12 });
const patterns = fc
  .uniqueArray(fc.string({ unit: fc.constantFrom(...'abcAB:= "-'), minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 8,
  })
  .chain((list) => fc.tuple(fc.constant(list), fc.array(fc.boolean(), { minLength: 8, maxLength: 8 })))
  .map(([list, folded]) =>
    definePolicy(
      list.map((pattern, n) => ({
        id: `r${n}`,
        pattern,
        severity: 'low',
        action: 'observe',
        ignoreCase: folded[n]!,
      })),
    ),
  );

// One sensor for all runs: every run uses flows of its own, so leaks between runs would show as well.
let nextFlow = 0;
const sensors: Sensor[] = [];
afterAll(() => {
  for (const sensor of sensors) sensor.close();
});

async function sensorFor(policy = literals('a')): Promise<Sensor> {
  const sensor = await Sensor.create({ policy, maxFlows: 64 });
  sensors.push(sensor);
  return sensor;
}

describe('findings do not depend on the cut', () => {
  test('of one flow, down to single bytes', async () => {
    const sensor = await sensorFor();
    fc.assert(
      fc.property(patterns, text('abcAB:= "-', 60), places, (policy, whole, at) => {
        sensor.setPolicy(policy);
        const data = encode(whole);
        const wanted = occurrences(policy, data);
        for (const pieces of [[data], cut(data, at), [...data].map((_, i) => data.subarray(i, i + 1))]) {
          const flow = nextFlow++;
          const found = pieces.flatMap((piece) => sensor.handleChunk(chunk(piece, { flow })).findings);
          expect(sortFindings(found)).toEqual(wanted);
          sensor.endFlow(flow);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('of several flows and both directions, interleaved in one call', async () => {
    const policy = literals('abc', 'bcab', 'c', 'aaaa');
    const sensor = await sensorFor(policy);
    const flows = fc.array(fc.tuple(text('abc', 40), places, fc.boolean()), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(flows, fc.infiniteStream(fc.nat()), (list, order) => {
        const base = nextFlow;
        nextFlow += list.length;
        const queues = list.map(([whole, at, ingress], n) => ({
          wanted: occurrences(policy, encode(whole)),
          found: [] as Finding[],
          pieces: cut(encode(whole), at).map((piece) =>
            chunk(piece, { flow: base + n, direction: ingress ? 'ingress' : 'egress' }),
          ),
        }));
        const chunks: { queue: (typeof queues)[0]; chunk: ReturnType<typeof chunk> }[] = [];
        for (let left = queues.filter((q) => q.pieces.length > 0); left.length > 0; ) {
          const queue = left[(order.next().value as number) % left.length]!;
          chunks.push({ queue, chunk: queue.pieces.shift()! });
          left = queues.filter((q) => q.pieces.length > 0);
        }
        const verdicts = sensor.handleChunks(chunks.map((c) => c.chunk));
        verdicts.forEach((verdict, i) => {
          chunks[i]!.queue.found.push(...verdict.findings);
        });
        for (const { found, wanted } of queues) expect(sortFindings(found)).toEqual(wanted);
      }),
      { seed: 2, numRuns: 150 },
    );
  });

  test('written as rows of a batch', async () => {
    const policy = literals('abc', 'bcab', 'c', 'aaaa');
    const { sensor, alerts } = await record({ policy });
    fc.assert(
      fc.property(text('abc', 60), places, fc.boolean(), (whole, at, known) => {
        const flow = nextFlow++;
        const data = encode(whole);
        const wanted = occurrences(policy, data);
        alerts.length = 0;
        let offset = 0;
        const rows = cut(data, at).map((piece) => {
          const row = { flow, data: piece, offset: known ? offset : -1 };
          offset += piece.length;
          return row;
        });
        handleRows(sensor, rows);
        expect(alerts.reduce((sum, alert) => sum + alert.match_count, 0)).toBe(wanted.length);
        const first = alerts[0]?.match_offset;
        if (wanted.length > 0) expect(wanted.map(({ start }) => start)).toContain(first);
      }),
      { seed: 3, numRuns: 150 },
    );
    expect(sensor.counters.gaps).toBe(0);
    sensor.close();
  });

  test('when the policy is reloaded in between', async () => {
    const [one, two] = [literals('abca', 'bb'), literals('abca', 'cc')];
    const sensor = await sensorFor(one);
    fc.assert(
      fc.property(text('abc', 60), places, fc.array(fc.boolean(), { maxLength: 14 }), (whole, at, reloads) => {
        const flow = nextFlow++;
        const data = encode(whole);
        const all = [one, two].map((policy) => occurrences(policy, data));
        let [policy, done] = [0, 0];
        cut(data, at).forEach((piece, n) => {
          if (reloads[n]) {
            policy = 1 - policy;
            sensor.setPolicy(policy === 0 ? one : two);
          }
          const found = sensor.handleChunk(chunk(piece, { flow })).findings;
          const end = done + piece.length;
          // The policy in force when the last byte of a match arrives is the one that counts.
          const wanted = all[policy]!.filter((finding) => finding.end > done && finding.end <= end);
          expect(sortFindings(found)).toEqual(wanted);
          done = end;
        });
        sensor.setPolicy(one);
        sensor.endFlow(flow);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  test('of texts long enough for the prefilters', async () => {
    const policy = literals('bearer', 'rare-word', 'sk-', 'a literal that is quite a bit longer than the others', 'zz');
    const sensor = await sensorFor(policy);
    const word = fc.constantFrom(...policy.rules.map(({ pattern }) => pattern), 'bear', 'sk', 'a literal that is', 'z');
    const part = fc.oneof(word, fc.string({ unit: fc.constantFrom(...'abcdefghijklmnop -'), maxLength: 400 }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), fc.array(fc.nat(8000), { maxLength: 10 }), (parts, at) => {
        const data = encode(parts.join(''));
        const wanted = occurrences(policy, data);
        for (const pieces of [[data], cut(data, at)]) {
          const flow = nextFlow++;
          const found = pieces.flatMap((piece) => sensor.handleChunk(chunk(piece, { flow })).findings);
          expect(sortFindings(found)).toEqual(wanted);
          sensor.endFlow(flow);
        }
      }),
      { seed: 5, numRuns: 150 },
    );
  });

  test('of a chunk larger than the whole batch area', async () => {
    const { sensor, alerts } = await record({ policy: literals('needle in hay'), payloadSha256: true });
    const area = sensor.batch.dataBytes;
    const data = new Uint8Array(2 * area + 1000).fill(0x2e);
    const starts = [0, area - 5, 2 * area - 13, 2 * area + 500, data.length - 13];
    for (const start of starts) data.set(encode('needle in hay'), start);
    const { findings, redacted } = sensor.handleChunk(chunk(data));
    expect(findings.map(({ start }) => start)).toEqual(starts);
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toMatchObject({ match_count: starts.length, match_offset: 0 });
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data.slice(-4096)));
    expect(alerts[0]!.payload_sha256).toBe(Buffer.from(digest).toString('hex'));
    // The mask of the second match reaches over the border between two pieces.
    expect(redacted).toHaveLength(data.length);
    for (const start of starts) {
      expect(redacted!.subarray(start, start + 13)).toEqual(new Uint8Array(13).fill(0x2a));
    }
    sensor.close();
  });

  test('and counts every chunk and byte once', async () => {
    const { sensor } = await record({ policy: DEFAULT_POLICY });
    sensor.handleChunks([chunk('abc'), chunk(''), chunk(new Uint8Array(3_000_000))]);
    expect(sensor.counters).toMatchObject({ chunks: 3, bytes: 3_000_003, findings: 0 });
    sensor.close();
  });
});
