import { afterAll, describe, expect, it } from 'vitest';
import { ACTIVE, Documents, PushFeed, SAMPLE_SECRET, startMesh } from './support.js';

const documents = new Documents();
afterAll(() => documents.remove());

describe('shutdown', () => {
  it('delivers what the feeds still hold', async () => {
    const mesh = startMesh(['-policy', documents.samplePolicy()]);
    await mesh.stdout.has(ACTIVE);
    mesh.feed.buffered = () => mesh.feed.push(SAMPLE_SECRET);
    expect(await mesh.stop()).toBe(0);
    expect(mesh.stdout.lines().map(({ msg }) => msg)).toEqual(['sensor_active', 'policy_alert', 'sensor_stopped']);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ])('does not wait after a second signal: %s', async (signal, code) => {
    const mesh = startMesh([]);
    await mesh.stdout.has(ACTIVE);
    mesh.feed.stop = () => new Promise(() => {});
    mesh.signals.emit('SIGTERM', 'SIGTERM');
    mesh.signals.emit(signal, signal);
    expect(await mesh.exit).toBe(code);
  });

  it('reports a feed that cannot let go, and goes on', async () => {
    const mesh = startMesh([]);
    await mesh.stdout.has(ACTIVE);
    mesh.feed.stop = () => Promise.reject(new Error('stuck'));
    expect(await mesh.stop()).toBe(0);
    expect(mesh.stdout.events('feed_stop_failed')).toMatchObject([{ feed: 'push', error: 'stuck' }]);
    expect(mesh.stdout.lines().at(-1)).toMatchObject({ msg: 'sensor_stopped' });
  });

  it('works while the feeds still start', async () => {
    const feed = new PushFeed(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const mesh = startMesh([], { feed });
    await feed.started;
    expect(await mesh.stop()).toBe(0);
    expect(mesh.stderr.text).toBe('');
    expect(feed.stops).toBe(1);
  });

  it('comes from the caller too', async () => {
    const controller = new AbortController();
    const mesh = startMesh([], { signal: controller.signal });
    await mesh.stdout.has(ACTIVE);
    controller.abort();
    expect(await mesh.exit).toBe(0);
  });
});
