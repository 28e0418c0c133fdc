/** The same bytes give the same findings whichever way they come, however they are cut. */
import type { Chunk, ChunkHandler, Finding, Sensor, Verdict } from '@spectral/core';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { cut, encode, literals, occurrences, record, sortFindings } from '../../packages/core/test/sensor/support.js';
import { WAYS, type Way } from './ways.js';

const policy = literals('Bearer ', 'SAMPLE-SECRET', 'TeTe', 'e', '\u00e9\u4e16');

/** The sensor, and what it finds. */
function watch(sensor: Sensor): { handler: ChunkHandler; findings: Finding[] } {
  const findings: Finding[] = [];
  const keep = (verdict: Verdict) => {
    findings.push(...verdict.findings);
    return verdict;
  };
  const handler = {
    handleChunk: (chunk: Chunk) => keep(sensor.handleChunk(chunk)),
    handleChunks: (chunks: readonly Chunk[]) => sensor.handleChunks(chunks).map(keep),
    endFlow: (flow: string) => sensor.endFlow(flow),
  } as unknown as ChunkHandler;
  return { handler, findings };
}

const open: Way[] = [];
afterEach(async () => {
  for (const way of open.splice(0)) await way.close();
});

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'Bearer ',
        'SAMPLE-SECRET',
        'TeTe',
        'TeTeTe',
        '\u00e9\u4e16',
        '"\\\n',
        '{"payload":"QUJD"}',
        '\0',
      ),
      fc.string({ maxLength: 20 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => encode(parts.join('')));

describe.each(Object.keys(WAYS))('through %s', (name) => {
  it('random bytes at random cuts', async () => {
    const { sensor, alerts } = await record({ policy });
    const { handler, findings } = watch(sensor);
    const way = await WAYS[name]!(handler);
    open.push(way);
    let flow = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(text, fc.uint8Array({ maxLength: 300 })),
        fc.array(fc.nat(400), { maxLength: 6 }),
        async (data, at) => {
          flow += 1;
          findings.length = 0;
          await way.send(cut(data, at), flow);
          expect(sortFindings(findings)).toEqual(occurrences(policy, data));
        },
      ),
      { seed: 9, numRuns: 60 },
    );
    expect(alerts.length).toBeGreaterThan(10);
    expect(new Set(alerts.map(({ feed }) => feed))).toEqual(new Set([way.feed?.name]));
    expect(sensor.counters.gaps + sensor.counters.chunk_errors).toBe(0);
  });

  it('a long text in pieces of 64 KiB, with secrets across their borders', async () => {
    const { sensor } = await record({ policy });
    const { handler, findings } = watch(sensor);
    const way = await WAYS[name]!(handler);
    open.push(way);
    const data = new Uint8Array(1_000_000).fill(0x20);
    for (let border = 65_536; border < data.length; border += 65_536) data.set(encode('SAMPLE-SECRET'), border - 7);
    await way.send(
      cut(
        data,
        Array.from({ length: 15 }, (_, n) => (n + 1) * 65_536),
      ),
      1,
    );
    expect(sortFindings(findings).map(({ ruleId, start }) => [ruleId, start])).toEqual(
      Array.from({ length: 15 }, (_, n) => ['r1', (n + 1) * 65_536 - 7]),
    );
  });
});

it('halves of a secret in flows of the same name, each through another feed, are never put together', async () => {
  const { sensor, alerts } = await record({ policy: literals('SAMPLE-SECRET') });
  const ways: Way[] = [];
  for (const name of ['ingest, JSON', 'stdin', 'hookwire', 'the library']) ways.push(await WAYS[name]!(sensor));
  open.push(...ways);
  const [first, second] = [encode('SAMPLE-'), encode('SECRET')];
  for (const way of ways) {
    for (const other of ways) {
      if (other === way) continue;
      const flow = 1 + ways.indexOf(way) * 10 + ways.indexOf(other);
      await way.send([first], flow);
      await other.send([second], flow);
    }
  }
  expect(alerts).toEqual([]);
  for (const way of ways) await way.send([first, second], 1000);
  expect(alerts.map(({ feed }) => feed)).toEqual(['ingest', 'stdin', 'hookwire', undefined]);
});
