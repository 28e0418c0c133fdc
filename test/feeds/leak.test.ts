/** Feeds come and go without a trace, and nothing that they say holds what they carry. */
import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { encode, literals, record } from '../../packages/core/test/sensor/support.js';
import { NEVER, WAYS } from './ways.js';

/** Made up: capital letters that occur nowhere else. */
const SECRET = 'QXJZVWKYPQGH';
const recorded = await record({ policy: literals(SECRET) });
afterAll(() => recorded.sensor.close());

describe.each(Object.keys(WAYS))('%s', (name) => {
  it('says nothing of the secrets that it carries, whole or in halves', async () => {
    const { sensor, alerts, gaps } = recorded;
    const way = await WAYS[name]!(sensor);
    await way.send([encode(`x ${SECRET} y`), encode(SECRET.slice(0, 6)), encode(SECRET.slice(6))], 1);
    const counters = way.feed?.counters();
    await way.close();
    const all = JSON.stringify([way.said, counters, alerts, gaps, sensor.counters]);
    for (let at = 0; at + 4 <= SECRET.length; at++) expect(all).not.toContain(SECRET.slice(at, at + 4));
    const base64 = Buffer.from(SECRET).toString('base64');
    expect(all).not.toContain(base64.slice(0, 12));
    expect(alerts.length).toBeGreaterThan(0);
  });

  it('leaves no timer, socket or flow behind', async () => {
    const { sensor } = recorded;
    const resources = () => process.getActiveResourcesInfo().filter((kind) => /Server|Wrap|Timeout/.test(kind)).length;
    const once = async () => {
      const way = await WAYS[name]!(sensor);
      await way.send([encode('some text'), encode('more of it')], 5);
      await way.close();
    };
    await once();
    await settled(resources, 0);
    const before = resources();
    for (let round = 0; round < 20; round++) await once();
    expect(await settled(resources, before)).toBeLessThanOrEqual(before + 2);
    expect(getEventListeners(NEVER, 'abort')).toHaveLength(0);
    if (name === 'hookwire') expect(sensor.flowCount).toBeLessThan(20);
  });
});

/** Closed handles disappear a little later. Returns the lowest number seen within a second. */
async function settled(count: () => number, wanted: number): Promise<number> {
  let least = count();
  for (let tries = 0; tries < 50 && least > wanted; tries++) {
    await sleep(20);
    least = Math.min(least, count());
  }
  return least;
}
