import { PassThrough, Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { createStdinFeed, type FeedEvent, type StdinFeedOptions } from '@spectral/capture-stdin';
import { describe, expect, it } from 'vitest';
import { literals, record } from '../../core/test/sensor/support.js';

/** Made up for these tests. */
const SECRET = 'SAMPLE-SECRET-55d0';
const line = (document: object) => `${JSON.stringify(document)}\n`;
const half = (text: string) => line({ pid: 3, comm: 'app', payload: Buffer.from(text).toString('base64') });

async function start(input: Readable, options: StdinFeedOptions = {}) {
  const recorded = await record({ policy: literals(SECRET) });
  const events: FeedEvent[] = [];
  const feed = createStdinFeed({ input, log: (event) => events.push(event), ...options });
  await feed.start(recorded.sensor, new AbortController().signal);
  const bad = () => events.filter(({ event }) => event === 'stdin_bad_line').map(({ fields }) => fields);
  return { ...recorded, feed, events, bad };
}

describe('standard input', () => {
  it('is read to its end, and summed up', async () => {
    const { feed, alerts, events } = await start(
      Readable.from([half(SECRET.slice(0, 6)), half(SECRET.slice(6))], { objectMode: false }),
    );
    await feed.ended;
    expect(alerts).toMatchObject([{ pid: 3, comm: 'app', feed: 'stdin' }]);
    expect(events.map(({ event }) => event)).toEqual(['stdin_reading', 'stdin_ended']);
    expect(events[1]!.fields).toEqual({ lines: 2, chunks: 2, bad_lines: 0, long_lines: 0 });
    await feed.stop();
    expect(events).toHaveLength(2);
  });

  it('may come byte for byte, and end without a newline', async () => {
    const bytes = Array.from(Buffer.from(`\r\n${line({ text: SECRET }).trim()}`), (byte) => Buffer.of(byte));
    const { feed, alerts } = await start(Readable.from(bytes, { objectMode: false }));
    await feed.ended;
    expect(alerts).toHaveLength(1);
  });

  it('may have bad lines: each is reported with its number, and the others count', async () => {
    const text = `${line({ text: SECRET })}no json: ${SECRET}\n\n${line({ pid: -1, text: SECRET })}${'x'.repeat(500)}\n${line({ text: SECRET })}`;
    const { feed, alerts, bad, events } = await start(Readable.from([Buffer.from(text)]), { maxLineBytes: 200 });
    await feed.ended;
    expect(bad()).toEqual([
      { line: 2, error: 'is not valid JSON' },
      { line: 4, field: 'pid', error: 'must be an integer from 0 to 4294967295' },
      { line: 5, field: 'line', error: 'is longer than 200 bytes' },
    ]);
    expect(alerts).toHaveLength(2);
    expect(JSON.stringify([events, alerts])).not.toContain(SECRET);
    expect(feed.counters()).toMatchObject({ lines: 6, chunks: 2, bad_lines: 2, long_lines: 1 });
  });

  it('may have nothing but bad lines: the log stays short, the count exact', async () => {
    const { feed, events } = await start(Readable.from([Buffer.from('x\n'.repeat(5000))]));
    await feed.ended;
    expect(events.filter(({ level }) => level === 'warn')).toHaveLength(100);
    expect(feed.counters().bad_lines).toBe(5000);
  });

  it('is left alone after stop, which delivers what has arrived', async () => {
    const input = new PassThrough();
    const { feed, alerts, sensor } = await start(input);
    input.write(half(SECRET));
    await feed.stop();
    await feed.ended;
    expect(alerts).toHaveLength(1);
    input.write(half(SECRET));
    await turn();
    expect(sensor.counters.chunks).toBe(1);
    expect([input.listenerCount('data'), input.listenerCount('close')]).toEqual([0, 0]);
  });

  it('holds its writer back rather than keeping what it writes', async () => {
    let made = 0;
    const text = half(' '.repeat(40_000));
    const input = new Readable({
      read() {
        made += 1;
        this.push(made > 500 ? null : text);
      },
    });
    const { feed, sensor } = await start(input);
    let most = 0;
    input.on('data', () => {
      most = Math.max(most, input.readableLength);
    });
    await feed.ended;
    expect(sensor.counters.chunks).toBe(500);
    expect(most).toBeLessThan(4 * text.length);
  });

  it('that breaks is an end', async () => {
    const input = new PassThrough();
    const { feed, events } = await start(input);
    input.destroy(Object.assign(new Error('input/output error'), { code: 'EIO' }));
    await feed.ended;
    expect(events.map(({ event }) => event)).toEqual(['stdin_reading', 'stdin_failed', 'stdin_ended']);
  });

  it.each([0, 1.5, 2 ** 30])('refuses lines of at most %d bytes', (maxLineBytes) => {
    expect(() => createStdinFeed({ maxLineBytes })).toThrow(expect.objectContaining({ code: 'EOPTION' }));
  });
});
