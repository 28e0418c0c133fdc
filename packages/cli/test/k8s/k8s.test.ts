import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type K8s, startK8s } from '../../src/k8s/index.js';
import { type PodObject, PodTable } from '../../src/k8s/pods.js';
import { createLog } from '../../src/log/log.js';
import { ApiServer } from './api-server.js';

const uid = (n: number) => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;
const container = (n: number) => n.toString(16).padStart(64, '0');

function pod(n: number, over: Partial<NonNullable<PodObject['metadata']>> = {}): PodObject {
  return {
    metadata: { name: `pod-${n}`, namespace: 'shop', uid: uid(n), ...over },
    status: { containerStatuses: [{ containerID: `containerd://${container(n)}` }] },
  };
}

const fields = (n: number) => ({ k8s_namespace: 'shop', k8s_pod: `pod-${n}`, k8s_pod_uid: uid(n) });

let server: ApiServer;
let proc: string;
let k8s: K8s | undefined;
let lines: string[];

/** A process in pod `n`, as its cgroup tells. */
function process(pid: number, cgroup: string): void {
  mkdirSync(join(proc, String(pid)), { recursive: true });
  writeFileSync(join(proc, String(pid), 'cgroup'), cgroup);
}

async function start(): Promise<K8s> {
  const log = createLog({ level: 'debug', format: 'json', colour: false, write: (line) => lines.push(line) });
  const backOff = { firstMs: 1, mostMs: 5 };
  k8s = await startK8s({
    node: 'node-1',
    env: server.env,
    procRoot: proc,
    log,
    serviceAccount: server.directory,
    backOff,
  });
  return k8s;
}

const known = (pid: number) => vi.waitFor(() => expect(k8s!.fieldsOf(pid)).not.toEqual({}), { interval: 2 });

beforeEach(async () => {
  server = new ApiServer();
  await server.start();
  proc = mkdtempSync(join(tmpdir(), 'spectral-proc-'));
  for (let n = 1; n <= 9; n++) process(n, `0::/kubepods/burstable/pod${uid(n)}/${container(n)}\n`);
  lines = [];
});

afterEach(async () => {
  await k8s?.stop();
  k8s = undefined;
  await server.close();
  rmSync(proc, { recursive: true });
});

describe('naming of pods', () => {
  it('lists this node’s pods page by page, with the token of the service account', async () => {
    for (let n = 1; n <= 5; n++) server.put(pod(n));
    await start();
    await server.seen('watch', 1);
    for (let n = 1; n <= 5; n++) expect(k8s!.fieldsOf(n)).toEqual(fields(n));
    const lists = server.requests.filter(({ kind }) => kind === 'list');
    expect(lists).toHaveLength(3);
    expect(lists.map(({ query }) => query.continue)).toEqual([undefined, '2', '4']);
    for (const { query, token } of server.requests) {
      expect(query.fieldSelector).toBe('spec.nodeName=node-1');
      expect(token).toBe('made-up-token-1');
    }
    expect(server.requests.at(-1)!.query).toMatchObject({ allowWatchBookmarks: 'true', resourceVersion: '105' });
  });

  it('follows what the watch says', async () => {
    await start();
    await server.seen('watch', 1);
    expect(k8s!.fieldsOf(1)).toEqual({});
    server.put(pod(1));
    await known(1);
    server.put(pod(1, { name: 'renamed' }));
    await vi.waitFor(() => expect(k8s!.fieldsOf(1)).toMatchObject({ k8s_pod: 'renamed' }), { interval: 2 });
    server.remove(uid(1));
    await vi.waitFor(() => expect(k8s!.fieldsOf(1)).toEqual({}), { interval: 2 });
  });

  it('finds a pod by its container where the path names no pod, and a static pod by its hash', async () => {
    const hash = '0123456789abcdef0123456789abcdef';
    server.put(pod(1));
    server.put(pod(2, { annotations: { 'kubernetes.io/config.hash': hash } }));
    process(101, `0::/../cri-containerd-${container(1)}.scope\n`);
    process(102, `0::/kubepods/burstable/pod${hash}/${'f'.repeat(64)}\n`);
    await start();
    await known(101);
    expect(k8s!.fieldsOf(101)).toEqual(fields(1));
    expect(k8s!.fieldsOf(102)).toEqual(fields(2));
  });

  it('adds nothing for processes outside of pods, of unknown pods, and gone ones', async () => {
    process(200, '0::/user.slice\n');
    await start();
    await server.seen('watch', 1);
    for (const pid of [200, 9, 4_000_000]) expect(k8s!.fieldsOf(pid)).toEqual({});
    expect(k8s!.counters).toMatchObject({ enriched: 0, unknown_pods: 1 });
  });

  it('goes on from the last version when a stream ends', async () => {
    server.put(pod(1));
    await start();
    await server.seen('watch', 1);
    server.put(pod(2));
    await known(2);
    server.endWatches();
    server.put(pod(3));
    await known(3);
    expect(server.requests.filter(({ kind }) => kind === 'list')).toHaveLength(1);
    expect(server.requests.at(-1)!.query.resourceVersion).toBe('102');
  });

  it('takes a bookmark for the last version', async () => {
    await start();
    await server.seen('watch', 1);
    server.bookmark();
    await vi.waitFor(() => expect(k8s!.counters.events).toBe(1), { interval: 2 });
    server.endWatches();
    await server.seen('watch', 2);
    expect(server.requests.at(-1)!.query.resourceVersion).toBe('101');
    expect(server.requests.filter(({ kind }) => kind === 'list')).toHaveLength(1);
  });

  it('lists again when its version is too old', async () => {
    server.put(pod(1));
    server.put(pod(2));
    await start();
    await server.seen('watch', 1);
    server.endWatches({ compact: true });
    await server.seen('watch', 3);
    expect(server.requests.map(({ kind }) => kind)).toEqual(['list', 'watch', 'watch', 'list', 'watch']);
    expect(k8s!.fieldsOf(1)).toEqual(fields(1));
  });

  it('forgets pods that went away while it was not watching', async () => {
    server.put(pod(1));
    server.put(pod(2));
    await start();
    await server.seen('watch', 1);
    server.remove(uid(1));
    server.endWatches({ compact: true });
    await server.seen('list', 2);
    await vi.waitFor(() => expect(k8s!.fieldsOf(1)).toEqual({}), { interval: 2 });
    expect(k8s!.fieldsOf(2)).toEqual(fields(2));
  });

  it('survives refusals, hang-ups and nonsense, and says what is wrong without quoting it', async () => {
    server.faults.list.push({ status: 403 }, 'hang-up', { body: 'SAMPLE-SECRET-made-up' }, { status: 500 });
    server.faults.watch.push('hang-up', { body: 'SAMPLE-SECRET-made-up\n' }, { status: 410 });
    server.put(pod(1));
    await start();
    await known(1);
    await server.seen('watch', 4);
    expect(k8s!.counters.api_errors).toBeGreaterThanOrEqual(7);
    const log = lines.join('');
    expect(log).toContain('the API server answered 403; grant the service account \\"list\\" and \\"watch\\" on pods');
    expect(log).not.toContain('SAMPLE');
    expect(log).not.toContain(server.token);
  });

  it('reads the token again for every request, since it is renewed', async () => {
    await start();
    await server.seen('watch', 1);
    server.rotateToken('made-up-token-2');
    server.endWatches();
    await server.seen('watch', 2);
    expect(server.requests.at(-1)!.token).toBe('made-up-token-2');
    server.put(pod(1));
    await known(1);
  });

  it('trusts only the cluster’s own authority', async () => {
    const other = new ApiServer();
    await other.start();
    other.put(pod(1));
    const log = createLog({ level: 'debug', format: 'json', colour: false, write: (line) => lines.push(line) });
    const backOff = { firstMs: 1, mostMs: 5 };
    const { env } = other;
    k8s = await startK8s({ node: 'node-1', env, procRoot: proc, log, serviceAccount: server.directory, backOff });
    await vi.waitFor(() => expect(k8s!.counters.api_errors).toBeGreaterThan(1), { interval: 2 });
    expect(other.requests).toHaveLength(0);
    expect(lines.join('')).toMatch(/certificate|signature/);
    await k8s.stop();
    await other.close();
  });

  it('stops while it waits for the server', async () => {
    await start();
    await server.seen('watch', 1);
    await k8s!.stop();
  });

  it('says at the start what is missing', async () => {
    const log = createLog({ level: 'error', format: 'json', colour: false, write: () => {} });
    const options = { node: 'node-1', procRoot: proc, log };
    await expect(startK8s({ ...options, env: {} })).rejects.toThrow(
      "flag -k8s-enrich: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; it works only inside a cluster's pod",
    );
    await expect(startK8s({ ...options, env: server.env, serviceAccount: '/nowhere' })).rejects.toThrow(
      'flag -k8s-enrich: cannot read the service account in /nowhere (ENOENT); give the pod a serviceAccountName',
    );
  });
});

describe('PodTable', () => {
  it('is bounded, and counts what it has no room for', () => {
    const table = new PodTable();
    for (let n = 0; n < 5_010; n++) table.set(pod(n));
    expect([table.size, table.overflow]).toEqual([5_000, 10]);
    table.delete(uid(0));
    table.set(pod(5_009));
    expect(table.find(uid(5_009))).toEqual(fields(5_009));
  });

  it('ignores objects that are no pods', () => {
    const table = new PodTable();
    for (const object of [{}, { metadata: {} }, { metadata: { uid: uid(1) } }]) table.set(object);
    table.delete('unknown');
    expect(table.size).toBe(0);
  });
});
