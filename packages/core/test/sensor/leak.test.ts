/**
 * No secret in clear in anything that the sensor gives out. Secrets are made up: capital letters, which occur
 * nowhere else in the texts, so that every piece of one that shows up is a leak.
 */
import { definePolicy, type Rule } from '@spectral/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunk, cut, decode, encode, handleRows, literals, record } from './support.js';

const rule = (id: string, pattern: string): Rule => ({ id, pattern, severity: 'high', action: 'block' });

const INTRODUCERS = [
  'BEARERZ ',
  'AUTHZQ:',
  'KEYQZ=',
  'KEYZQ: ',
  'QPREFIX_',
  'NAMED_QZ',
  '-----BEGIN QZ KEY-----',
  'QUIETWORD',
  'Z',
];
const base = INTRODUCERS.map((pattern, n) => rule(`r${n}`, pattern));
const policies = [definePolicy(base), definePolicy([...base, rule('extra', 'other')])] as const;

const filler = fc
  .string({ unit: fc.constantFrom(...'abcdefg .,\r\n"{}:='), minLength: 0, maxLength: 120 })
  .map((s) => ` ${s} `);
const secret = fc.string({ unit: fc.constantFrom(...'GHJKLMNPQRSTVWXY'), minLength: 6, maxLength: 60 });
const separator = (introducer: string): fc.Arbitrary<string> =>
  introducer === 'NAMED_QZ' ? fc.constantFrom('": "', '=', ' = ', "':'", '":"', '\\": \\"') : fc.constant('');

interface Segment {
  readonly text: string;
  readonly hidden: readonly string[];
}

const segment: fc.Arbitrary<Segment> = fc.oneof(
  { weight: 2, arbitrary: filler.map((text) => ({ text, hidden: [] })) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...INTRODUCERS.slice(0, 8)).chain((introducer) =>
      fc.tuple(secret, separator(introducer)).map(([value, between]) => {
        if (introducer === 'QUIETWORD') return { text: `${introducer} `, hidden: [introducer] };
        const end = introducer.startsWith('-----') ? '\n-----END QZ KEY-----\n' : '\n';
        return { text: `${introducer}${between}${value}${end}`, hidden: [introducer, value] };
      }),
    ),
  },
);

/** Every piece of four bytes of every hidden text. */
function pieces(hidden: readonly string[]): Set<string> {
  const all = new Set<string>();
  for (const text of hidden) for (let i = 0; i + 4 <= text.length; i++) all.add(text.slice(i, i + 4));
  return all;
}

function expectNone(output: string, hidden: Set<string>): void {
  for (let i = 0; i + 4 <= output.length; i++) {
    const piece = output.slice(i, i + 4);
    // Nothing of ours but masks consists of these either, save for dashes.
    if (hidden.has(piece) && piece !== '----') expect.fail(`leaked ${JSON.stringify(piece)} in ${output}`);
  }
}

test('of random secrets at random places and cuts, through chunks and rows, with reloads in between', async () => {
  const { sensor, alerts, gaps } = await record({ policy: policies[0] });
  let flow = 0;
  let shown = 0;
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(2000), { maxLength: 12 }),
      fc.array(fc.nat(3), { minLength: 13, maxLength: 13 }),
      (segments, at, ways) => {
        flow += 1;
        alerts.length = 0;
        const whole = encode(segments.map(({ text }) => text).join(''));
        const hidden = pieces(segments.flatMap((s) => s.hidden));
        let offset = 0;
        const onlyRows = ways[0] === 0;
        cut(whole, at).forEach((piece, n) => {
          if (ways[n] === 1) sensor.setPolicy(policies[n % 2]!);
          if (onlyRows) handleRows(sensor, [{ flow, data: piece, offset }]);
          else sensor.handleChunk(chunk(piece, { flow }));
          offset += piece.length;
        });
        sensor.endFlow(flow);
        const output = JSON.stringify([alerts, gaps, sensor.counters]);
        shown += (output.match(/redacted_preview/g) ?? []).length;
        expectNone(output, hidden);
      },
    ),
    { seed: 11, numRuns: 1500 },
  );
  expect(shown).toBeGreaterThan(1000);
  sensor.close();
});

test('nor in what an inline caller passes on, as far as it came in one chunk', async () => {
  const { sensor } = await record({ policy: policies[0] });
  let flow = 0;
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), (segments) => {
      flow += 1;
      const whole = encode(segments.map(({ text }) => text).join(''));
      const { redacted } = sensor.handleChunk(chunk(whole, { flow }));
      expect(redacted === undefined || redacted.length === whole.length).toBe(true);
      expectNone(decode(redacted ?? whole), pieces(segments.flatMap((s) => s.hidden)));
      sensor.endFlow(flow);
    }),
    { seed: 12, numRuns: 500 },
  );
  sensor.close();
});

test('the token goes on behind a gap', async () => {
  const { sensor, alerts } = await record({ policy: literals('Bearer ', 'found') });
  sensor.handleChunk(chunk('Bearer SAMPLEONE'));
  sensor.handleChunk(chunk('SAMPLETWO found it', { lost: 10 }));
  expect(alerts[1]!.redacted_preview).toBe('********* ***** it');
  sensor.close();
});

test('a policy that is loaded in the middle of a token masks the rest of it', async () => {
  const { sensor, alerts } = await record({ policy: literals('found') });
  sensor.handleChunk(chunk('Bearer SAMPLEONE'));
  sensor.setPolicy(literals('Bearer ', 'found'));
  sensor.handleChunk(chunk('SAMPLETWO'));
  sensor.handleChunk(chunk('SAMPLETHREE found it'));
  expect(alerts[0]!.redacted_preview).toBe('*********** ***** it');
  sensor.close();
});

test('text before a match is shown only as far as no earlier match reaches into it', async () => {
  const { sensor, alerts } = await record({ policy: literals('Bearer ', 'found') });
  sensor.handleChunk(chunk('one Bearer SAMPLEONE two '));
  sensor.handleChunk(chunk('three found it'));
  expect(alerts.map((alert) => alert.redacted_preview)).toEqual(['one **************** two ', ' two three ***** it']);
  sensor.close();
});

test('what may be the first half of a literal is masked at the end of a chunk', async () => {
  const { sensor, alerts } = await record({ policy: literals('QUIETWORD', 'found') });
  sensor.handleChunk(chunk('found QUIETWO'));
  sensor.handleChunk(chunk('RD'));
  expect(alerts.map((alert) => alert.redacted_preview)).toEqual(['***** *******', ' *********']);
  sensor.close();
});

test('control bytes, invalid UTF-8 and invisible characters are dots; other text stays readable', async () => {
  const { sensor, alerts } = await record({ policy: literals('found') });
  const data = new Uint8Array([...encode('Пример\u202e\u001b[31m\t'), 0xff, 0xc3, ...encode(' found')]);
  sensor.handleChunk(chunk(data));
  expect(alerts[0]!.redacted_preview).toBe('Пример..[31m... *****');
  sensor.close();
});

test('a preview is at most 256 bytes around the first match', async () => {
  const { sensor, alerts } = await record({ policy: literals('found') });
  sensor.handleChunk(chunk(`${'a'.repeat(500)}`));
  sensor.handleChunk(chunk(`${'b'.repeat(50)}found ${'c'.repeat(500)}`));
  expect(alerts[0]!.redacted_preview).toBe(`${'a'.repeat(46)}${'b'.repeat(50)}***** ${'c'.repeat(154)}`);
  sensor.close();
});

test('the rest of a token is masked even if its flow had to make room in between', async () => {
  const { sensor, alerts } = await record({ policy: literals('Bearer ', 'found'), maxFlows: 1 });
  sensor.handleChunk(chunk('Bearer SAMPLEONE', { seq: 1 }));
  sensor.handleChunk(chunk('clean', { flow: 'other' }));
  sensor.handleChunk(chunk('SAMPLETWO found it', { seq: 2 }));
  expect(alerts[1]!.redacted_preview).toBe('********* ***** it');
  expect(sensor.counters).toMatchObject({ flows_evicted: 2, gaps: 0 });
  sensor.close();
});
