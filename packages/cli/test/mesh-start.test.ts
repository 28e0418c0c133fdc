import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { SpectralError } from '@spectral/core';
import { afterAll, describe, expect, it } from 'vitest';
import { Documents, PushFeed, rule, startMesh } from './support.js';

const documents = new Documents();
afterAll(() => documents.remove());

describe('what stops it from starting', () => {
  async function failure(argv: string[], options: Parameters<typeof startMesh>[1] = {}): Promise<[number, string]> {
    const mesh = startMesh(argv, options);
    const code = await mesh.exit;
    expect(mesh.stdout.text).not.toContain('sensor_active');
    expect(mesh.signals.eventNames()).toEqual([]);
    return [code, mesh.stderr.text];
  }

  it.each<[what: string, contents: string | undefined, says: RegExp]>([
    ['missing', undefined, /^spectral-mesh: flag -policy: cannot read \S+: no such file\n$/],
    ['empty', '', /^spectral-mesh: flag -policy: \S+\.json: .+\n$/],
    ['malformed', '{"rules": [', /^spectral-mesh: flag -policy: \S+\.json: line 1, column 12: .+\n$/],
    ['without rules', '{"schema_version": 2, "rules": []}', /^spectral-mesh: flag -policy: \S+\.json: .*rules.*\n$/],
    [
      'with a bad severity',
      '{"schema_version": 2, "rules": [{"id": "a", "pattern": "abcd", "severity": "loud", "action": "observe"}]}',
      /^spectral-mesh: flag -policy: \S+\.json: .*rules\[0\]\.severity.*\n$/,
    ],
    [
      'with too many rules',
      JSON.stringify({
        schema_version: 2,
        rules: Array.from({ length: 100_001 }, (_, i) => rule(`r${i}`, `pattern ${i}`)),
      }),
      /^spectral-mesh: flag -policy: \S+\.json: .*rules.*\n$/,
    ],
    [
      'with an endless pattern',
      JSON.stringify({ schema_version: 2, rules: [rule('long', 'x'.repeat(2 ** 20))] }),
      /^spectral-mesh: flag -policy: \S+\.json: .*rules\[0\]\.pattern.*\n$/,
    ],
  ])('a policy file that is %s: exit code 3', async (_what, contents, says) => {
    const path = contents === undefined ? join(documents.directory, 'missing.json') : documents.file(contents);
    const feed = new PushFeed();
    const [code, text] = await failure(['-policy', path], { feed });
    expect(code).toBe(3);
    expect(text).toMatch(says);
    expect(text).not.toMatch(/\n\s+at /);
    expect(feed.handler).toBeUndefined();
  });

  it('a bad allowlist file: exit code 3', async () => {
    const [code, text] = await failure(['-allowlist', documents.file('{"comm_prefixes": 5}')]);
    expect([code, text]).toEqual([
      3,
      expect.stringMatching(/^spectral-mesh: flag -allowlist: \S+\.json: .*comm_prefixes.*\n$/),
    ]);
  });

  it('an unknown flag: exit code 2', async () => {
    expect(await failure(['-metric-addr', ':0'])).toEqual([
      2,
      "spectral-mesh: unknown flag -metric-addr; did you mean -metrics-addr? 'spectral-mesh --help' lists them all\n",
    ]);
  });

  it('a port in use: exit code 6, and no probe is attached', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const feed = new PushFeed();
    const [code, text] = await failure(['-metrics-addr', `:${port}`], { feed });
    expect(code).toBe(6);
    expect(text).toContain(`flag -metrics-addr: cannot listen on 127.0.0.1:${port}: the port is in use`);
    expect(feed.handler).toBeUndefined();
    taken.close();
  });

  it.each([
    ['EPRIVILEGE', 4],
    ['ENOBTF', 5],
    ['ELOCKDOWN', 5],
    ['EUNSUPPORTED', 5],
    ['EADDON', 5],
    ['ERINGSIZE', 2],
    ['SOMETHING_ELSE', 1],
  ])('a feed that fails with %s: exit code %d', async (error, expected) => {
    const feed = new PushFeed(() => Promise.reject(new SpectralError(error, 'what is wrong; what to do')));
    expect(await failure([], { feed })).toEqual([expected, 'spectral-mesh: what is wrong; what to do\n']);
    expect(feed.stops).toBe(1);
  });

  it('shows the stack when debugging, and only then', async () => {
    const failing = () =>
      new PushFeed(() => Promise.reject(Object.assign(new Error('no'), { detail: 'R2 min value' })));
    expect((await failure([], { feed: failing() }))[1]).toBe('spectral-mesh: no\n');
    const [, text] = await failure(['-log-level', 'debug'], { feed: failing() });
    expect(text).toMatch(/^spectral-mesh: Error: no\n {4}at [\s\S]*\nR2 min value\n$/);
  });

  it('no cluster for -k8s-enrich: exit code 3; no node: exit code 2', async () => {
    const [code, text] = await failure(['-k8s-enrich'], { env: { NODE_NAME: 'node-1' } });
    expect([code, text]).toEqual([3, expect.stringContaining('flag -k8s-enrich: KUBERNETES_SERVICE_HOST')]);
    expect((await failure(['-k8s-enrich']))[0]).toBe(2);
  });
});
