/** Flows under a policy whose rules have tests: decoded, judged, settled. */
import { createScanner, definePolicy } from '@spectral/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CARD, KEY, pieces, RULES, told } from '../detect/support.js';
import { chunk, encode, literals, record } from './support.js';

const policy = definePolicy(RULES, 'test', 3);
const BODY = JSON.stringify({
  content: `my "password": "hunter22xx", and ${KEY}\nnext ${CARD}; passport\nid-123456. `,
});

describe('findings', () => {
  test('are those of the library in any cut, whoever flows beside', async () => {
    using scanner = await createScanner(policy);
    const bytes = encode(`${BODY} ${'.'.repeat(300)} {"x":"\\u0073${KEY.slice(1)}"}`);
    const wanted = told(scanner.scan(bytes).findings).sort();
    const { sensor } = await record({ policy });
    let flow = 0;
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 10 }), (cuts) => {
        flow += 2;
        const findings = pieces(bytes, cuts).flatMap((data) => {
          sensor.handleChunk(chunk('sk-test- password ', { flow: flow + 1 }));
          return [...sensor.handleChunk(chunk(data, { flow })).findings];
        });
        findings.push(...sensor.handleChunk(chunk('.'.repeat(1000), { flow })).findings);
        expect(told(findings).sort()).toEqual(wanted);
      }),
      { numRuns: 30 },
    );
    sensor.close();
  });

  test('mask the chunk that they lie in', async () => {
    const { sensor } = await record({ policy });
    const { redacted, findings } = sensor.handleChunk(chunk(`a ${KEY} b${'.'.repeat(400)}`));
    expect(told(findings)).toEqual([`key 2-${2 + KEY.length} raw`]);
    expect(new TextDecoder().decode(redacted)).toBe(`a ${'*'.repeat(KEY.length)} b${'.'.repeat(400)}`);
    sensor.close();
  });
});

describe('alerts', () => {
  test('show masked text and name the rule', async () => {
    const { sensor, alerts } = await record({ policy });
    sensor.handleChunk(chunk(`${BODY}${'.'.repeat(400)}`));
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toMatchObject({ rule_id: 'key', matched_rule_ids: ['key', 'card', 'context', 'assignment'] });
    expect(alerts[0]!.redacted_preview).toContain('my \\"password\\"');
    for (const secret of [KEY, CARD, 'hunter22xx']) expect(JSON.stringify(alerts)).not.toContain(secret);
    sensor.close();
  });

  test('come once the end of a secret is known: with more bytes, with the end of the flow, or after a while', async () => {
    const endings: Record<string, (recorded: Awaited<ReturnType<typeof record>>) => void> = {
      'more bytes': ({ sensor }) => void sensor.handleChunk(chunk(` ${'.'.repeat(400)}`)),
      'the end of the flow': ({ sensor }) => sensor.endFlow('f'),
      'the end of the process': ({ sensor }) => sensor.endProcess(7),
      'a gap': ({ sensor }) => void sensor.handleChunk(chunk('x', { lost: 10 })),
      'another policy': ({ sensor }) => sensor.setPolicy(literals('nothing')),
      'a while': (recorded) => {
        recorded.time += 251;
        recorded.sensor.settle();
      },
    };
    for (const [name, ending] of Object.entries(endings)) {
      const recorded = await record({ policy });
      recorded.sensor.handleChunk(chunk(`the key is ${KEY}`));
      recorded.sensor.settle();
      expect(recorded.alerts, name).toHaveLength(0);
      ending(recorded);
      recorded.sensor.settle();
      expect(
        recorded.alerts.map(({ rule_id }) => rule_id),
        name,
      ).toEqual(['key']);
      expect(JSON.stringify(recorded.alerts)).not.toContain(KEY);
      expect(recorded.alerts[0]!.redacted_preview, name).toMatch(/^the key is \*+/);
      recorded.sensor.close();
    }
  });

  test('show nothing of a secret that is not complete', async () => {
    const { sensor, alerts } = await record({ policy });
    sensor.handleChunk(chunk(`password = hunter22xx, card ${CARD} ${'.'.repeat(300)} and ${KEY.slice(0, 30)}`));
    sensor.handleChunk(chunk(`${KEY.slice(30)} .`));
    sensor.endFlow('f');
    for (const secret of [KEY.slice(0, 12), CARD, 'hunter22xx']) expect(JSON.stringify(alerts)).not.toContain(secret);
    expect(alerts).toHaveLength(2);
    sensor.close();
  });
});

test('a secret that straddles a change of the policy is found, once', async () => {
  const { sensor, alerts } = await record({ policy: literals('nothing') });
  sensor.handleChunk(chunk(`a ${KEY.slice(0, 20)}`));
  sensor.setPolicy(policy);
  sensor.handleChunk(chunk(`${KEY.slice(20)} b`));
  sensor.setPolicy(definePolicy(RULES, 'again', 3));
  sensor.handleChunk(chunk('.'.repeat(400)));
  expect(alerts.map(({ rule_id, match_offset }) => [rule_id, match_offset])).toEqual([['key', 2]]);
  sensor.close();
});

test('flows that make room for others are decided first', async () => {
  const { sensor, alerts } = await record({ policy, maxFlows: 4 });
  for (let flow = 0; flow < 40; flow++) sensor.handleChunk(chunk(`key ${KEY}`, { flow, pid: flow + 1 }));
  for (let flow = 0; flow < 40; flow++) sensor.endFlow(flow);
  expect(alerts).toHaveLength(40);
  sensor.close();
});
