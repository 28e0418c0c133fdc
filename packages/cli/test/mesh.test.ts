import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ApiServer } from './k8s/api-server.js';
import { ACTIVE, Documents, metricsOf, PushFeed, rule, SAMPLE_SECRET, startMesh } from './support.js';

const documents = new Documents();
afterAll(() => documents.remove());

describe('a running mesh', () => {
  it('says what runs, alerts, and sums up when it stops', async () => {
    const mesh = startMesh(['-policy', documents.samplePolicy(), '-log-payload-sha256']);
    await mesh.stdout.has(ACTIVE);
    mesh.feed.push(`POST / HTTP/1.1\r\n\r\nkey=${SAMPLE_SECRET}&x=1`, { pid: 77, comm: 'client' });
    expect(await mesh.stop()).toBe(0);

    expect(mesh.stdout.events('sensor_active')).toMatchObject([
      { level: 'INFO', version: expect.any(String), git_commit: expect.any(String), build_time: expect.any(String) },
    ]);
    expect(mesh.stdout.events('sensor_active')[0]).toMatchObject({ rules: 1, rules_block: 0, feeds: ['push'] });
    const [alert] = mesh.stdout.events('policy_alert');
    expect(alert).toMatchObject({
      level: 'WARN',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      schema_version: expect.any(Number),
      sensor_kind: 'mesh',
      rule_id: 'sample',
      matched_rule_ids: ['sample'],
      severity: 'high',
      action: 'observe',
      enforcement_mode: 'observe',
      bpf_blocking_enabled: false,
      kernel_wipe_eligible: false,
      kernel_wipe_applied: false,
      comm: 'client',
      pid: 77,
      redacted_preview: expect.stringContaining('*'.repeat(8)),
      payload_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(mesh.stdout.lines().at(-1)).toMatchObject({
      msg: 'sensor_stopped',
      reason: 'SIGTERM',
      chunks: 1,
      alerts: 1,
    });
    expect(mesh.stderr.text).toBe('');
    expect(mesh.feed.stops).toBe(1);
    expect(mesh.signals.eventNames()).toEqual([]);
  });

  it('uses the built-in rules without a policy file', async () => {
    const mesh = startMesh([]);
    await mesh.stdout.has(ACTIVE);
    mesh.feed.push('Details on Project Ethos');
    await mesh.stop();
    expect(mesh.stdout.events('sensor_active')).toMatchObject([{ policy_source: 'builtin' }]);
    expect(mesh.stdout.events('policy_alert')).toHaveLength(1);
  });

  it('leaves the preview out when told', async () => {
    const mesh = startMesh(['-policy', documents.samplePolicy(), '-log-redacted-preview=false']);
    await mesh.stdout.has(ACTIVE);
    mesh.feed.push(SAMPLE_SECRET);
    await mesh.stop();
    const [alert] = mesh.stdout.events('policy_alert');
    expect(alert).not.toHaveProperty('redacted_preview');
    expect(alert).not.toHaveProperty('payload_sha256');
  });

  it('skips allowed processes, repeats and what is over the caps, and counts them', async () => {
    const rules = documents.policy(rule('one', 'ONE-made-up'), rule('two', 'TWO-made-up'));
    const allowlist = documents.file({ comm_prefixes: ['back'] });
    const caps = ['-alert-dedupe-window', '1h', '-alert-max-per-pid-per-window=1', '-alert-window', '1h'];
    const mesh = startMesh(['-policy', rules, '-allowlist', allowlist, '-metrics-addr', ':0', ...caps]);
    const url = await mesh.url();
    await mesh.stdout.has(ACTIVE);
    mesh.feed.push('ONE-made-up', { comm: 'backup', pid: 1, flow: 1 });
    mesh.feed.push('ONE-made-up', { pid: 2, flow: 2 });
    mesh.feed.push('ONE-made-up', { pid: 2, flow: 3 });
    mesh.feed.push('TWO-made-up', { pid: 2, flow: 4 });
    const { value } = await metricsOf(url);
    expect(value('spectral_mesh_ringbuf_events_total')).toBe(4);
    expect(value('spectral_mesh_policy_alerts_total')).toBe(1);
    expect(value('spectral_mesh_policy_alert_allowlisted_total')).toBe(1);
    expect(value('spectral_mesh_policy_alert_dedupe_suppressed_total')).toBe(1);
    expect(value('spectral_mesh_policy_alerts_rate_limited_total')).toBe(1);
    await mesh.stop();
    expect(mesh.stdout.events('policy_alert')).toMatchObject([{ rule_id: 'one', pid: 2 }]);
  });

  it('reports what was not scanned', async () => {
    const mesh = startMesh(['-metrics-addr', ':0']);
    const url = await mesh.url();
    await mesh.stdout.has(ACTIVE);
    mesh.feed.push('before');
    mesh.feed.push('after', { lost: 1_234 });
    const { value } = await metricsOf(url);
    expect(value('spectral_mesh_bytes_not_scanned_total{reason="reported"}')).toBe(1_234);
    expect(value('spectral_mesh_gaps_total{reason="reported"}')).toBe(1);
    await mesh.stop();
    expect(mesh.stdout.events('bytes_not_scanned')).toMatchObject([
      { level: 'WARN', pid: 42, comm: 'client', bytes: 1_234, reason: 'reported', gaps: 1 },
    ]);
    expect(mesh.stdout.events('sensor_stopped')).toMatchObject([{ bytes_not_scanned: 1_234 }]);
  });

  it('serves every metric under its documented name and type', async () => {
    const mesh = startMesh(['-metrics-addr', ':0']);
    mesh.feed.numbers = {
      ringbuf_reserve_drops: 5,
      ringbuf_read_errors: 1,
      uprobe_attach_success: 2,
      uprobe_attach_open_errors: 3,
      uprobe_attach_probe_errors: 4,
    };
    const url = await mesh.url();
    await mesh.stdout.has(ACTIVE);
    const { text, value } = await metricsOf(url);
    const expected: [name: string, type: string, value: number][] = [
      ['ringbuf_events_total', 'counter', 0],
      ['policy_alerts_total', 'counter', 0],
      ['policy_alerts_rate_limited_total', 'counter', 0],
      ['ringbuf_reserve_drops_total', 'gauge', 5],
      ['tls_blocked_writes_kernel_total', 'gauge', 0],
      ['policy_alert_dedupe_suppressed_total', 'counter', 0],
      ['policy_block_match_observe_only_total', 'counter', 0],
      ['bpf_blocking_enabled', 'gauge', 0],
      ['policy_block_rules_configured', 'gauge', 0],
      ['uprobe_attach_success_total', 'counter', 2],
      ['uprobe_attach_open_errors_total', 'counter', 3],
      ['uprobe_attach_probe_errors_total', 'counter', 4],
      ['roll_buffer_pids_pruned_total', 'counter', 0],
      ['ringbuf_read_errors_total', 'counter', 1],
      ['policy_reloads_total', 'counter', 0],
      ['policy_reload_errors_total', 'counter', 0],
      ['flows', 'gauge', 0],
      ['flows_evicted_total', 'counter', 0],
      ['log_lines_dropped_total', 'counter', 0],
      ['ready', 'gauge', 1],
    ];
    for (const [name, type, number] of expected) {
      expect(text, name).toContain(`# TYPE spectral_mesh_${name} ${type}\n`);
      expect(value(`spectral_mesh_${name}`), name).toBe(number);
    }
    expect(value('spectral_mesh_feed_count{feed="push",name="uprobe_attach_success"}')).toBe(2);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(0);
    expect((await metricsOf(url)).value('spectral_mesh_uprobe_attach_success_total')).toBe(2);
    await mesh.stop();
  });

  it('counts block rules that nothing carries out yet', async () => {
    const mesh = startMesh([
      '-policy',
      documents.policy(rule('b', 'BLOCK-made-up', { action: 'block' })),
      '-metrics-addr',
      ':0',
    ]);
    const url = await mesh.url();
    await mesh.stdout.has(ACTIVE);
    mesh.feed.push('BLOCK-made-up');
    const { value } = await metricsOf(url);
    expect(value('spectral_mesh_policy_block_match_observe_only_total')).toBe(1);
    expect(value('spectral_mesh_tls_blocked_writes_kernel_total')).toBe(0);
    await mesh.stop();
  });

  it('is ready while its feeds deliver, and only then', async () => {
    let go!: () => void;
    const feed = new PushFeed(() => new Promise((resolve) => (go = resolve)));
    const mesh = startMesh(['-metrics-addr', ':0'], { feed });
    const url = await mesh.url();
    await feed.started;
    const ready = async () => {
      const response = await fetch(`${url}/readyz`);
      return [response.status, await response.text()];
    };
    expect(await ready()).toEqual([503, 'starting\n']);
    expect(mesh.stdout.text).not.toContain('sensor_active');
    go();
    await mesh.stdout.has(ACTIVE);
    expect(await ready()).toEqual([200, 'ok\n']);
    let stopping: unknown;
    feed.stop = async () => {
      stopping = await ready();
    };
    await mesh.stop();
    expect(stopping).toEqual([503, 'stopping\n']);
  });

  it('warns when others can reach the metrics', async () => {
    const mesh = startMesh(['-metrics-addr', '0.0.0.0:0']);
    await mesh.stdout.has(ACTIVE);
    await mesh.stop();
    expect(mesh.stdout.events('metrics_not_loopback')).toMatchObject([{ level: 'WARN', host: '0.0.0.0' }]);
  });

  it('logs from the wanted level on', async () => {
    const mesh = startMesh(['-log-level', 'warn']);
    await mesh.feed.started;
    await mesh.stdout.has(/^/);
    mesh.feed.push('Project Ethos');
    await mesh.stop();
    expect(mesh.stdout.lines().map(({ level }) => level)).toEqual(['WARN']);
  });

  it('writes for people when told', async () => {
    const mesh = startMesh(['-log-format', 'text']);
    await mesh.stdout.has(/sensor_active.*\n/);
    mesh.feed.push('on Project Ethos');
    await mesh.stop();
    expect(mesh.stdout.text).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}sensor_active /m);
    expect(mesh.stdout.text).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}policy_alert rule_id=/m);
  });
});

describe('-k8s-enrich', () => {
  it('names the pod on the alert', async () => {
    const server = new ApiServer();
    await server.start();
    const uid = '00000000-0000-0000-0000-000000000001';
    server.put({ metadata: { name: 'cart-1', namespace: 'shop', uid } });
    const proc = join(documents.directory, 'proc');
    mkdirSync(join(proc, '77'), { recursive: true });
    symlinkSync('77', join(proc, 'self'));
    writeFileSync(join(proc, '77/cgroup'), `0::/kubepods/pod${uid}\n`);
    const mesh = startMesh(['-policy', documents.samplePolicy(), '-k8s-enrich', '-metrics-addr', ':0'], {
      env: { ...server.env, HOST_PROC: proc },
      k8s: { serviceAccount: server.directory, backOff: { firstMs: 1, mostMs: 5 } },
    });
    const url = await mesh.url();
    await mesh.stdout.has(/"k8s_pods_listed".*\n/);
    await mesh.stdout.has(ACTIVE);
    mesh.feed.push(SAMPLE_SECRET, { pid: 77, flow: 1 });
    mesh.feed.push(SAMPLE_SECRET, { pid: 78, flow: 2 });
    expect((await metricsOf(url)).value('spectral_mesh_k8s_enriched_total')).toBe(1);
    expect(await mesh.stop()).toBe(0);
    const [inside, outside] = mesh.stdout.events('policy_alert');
    expect(inside).toMatchObject({ k8s_namespace: 'shop', k8s_pod: 'cart-1', k8s_pod_uid: uid });
    expect(outside).not.toHaveProperty('k8s_pod');
    await server.close();
  });
});
