import type { Feed, GapReason, Sensor } from '@spectral/core';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { BUILD } from './build-info.js';
import type { GapLog } from './log/gaps.js';
import type { LineWriter } from './log/line-writer.js';

/** Where the numbers come from. All of them are counted elsewhere and only read here, when someone asks. */
export interface MetricSources {
  readonly sensor: Sensor;
  readonly feeds: readonly Feed[];
  readonly gaps: GapLog;
  readonly output: LineWriter;
  readonly reload: { readonly reloads: number; readonly errors: number };
  readonly k8s?: { readonly counters: Readonly<Record<string, number>> } | undefined;
  readonly ready: () => boolean;
}

const GAP_REASONS: readonly GapReason[] = [
  'ring_full',
  'fault',
  'truncated',
  'sendfile',
  'sequence',
  'reported',
  'flood',
  'undecoded',
];

/** A sample more often would wake an idle sensor for nothing. */
const EVENT_LOOP_PRECISION_MS = 100;

/** All metrics of the sensor, in a registry of their own. */
export function createMetrics(sources: MetricSources): Registry {
  const { sensor, feeds, gaps, output, reload, k8s } = sources;
  const registry = new Registry();
  const total = (name: string, help: string, read: () => number) => {
    new Counter({
      name: `spectral_mesh_${name}_total`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  const gauge = (name: string, help: string, read: () => number) => {
    new Gauge({
      name: `spectral_mesh_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  const ofFeeds = (name: string) => () => feeds.reduce((sum, feed) => sum + (feed.counters()[name] ?? 0), 0);
  const { counters } = sensor;

  total('ringbuf_events', 'Chunks delivered to the policy engine, from any feed', () => counters.chunks);
  total('policy_alerts', 'Policy matches reported, after allowlist, dedupe and caps', () => counters.alerts);
  total('policy_alerts_rate_limited', 'Matches suppressed by the alert caps', () => counters.alerts_rate_limited);
  total(
    'policy_alert_dedupe_suppressed',
    'Matches suppressed by the dedupe window',
    () => counters.alerts_deduplicated,
  );
  total('policy_alert_allowlisted', 'Matches of processes on the allowlist', () => counters.alerts_allowlisted);
  total(
    'policy_block_match_observe_only',
    'Matches of block rules that nothing carried out',
    () => counters.block_observe_only,
  );
  total('policy_reloads', 'Reloads that took effect', () => reload.reloads);
  total('policy_reload_errors', 'Reloads refused; the old policy stayed', () => reload.errors);

  // Read from the kernel's counters: gauges, as those who already graph these names expect.
  gauge(
    'ringbuf_reserve_drops_total',
    'Records the full ring buffer had no room for',
    ofFeeds('ringbuf_reserve_drops'),
  );
  gauge(
    'tls_blocked_writes_kernel_total',
    'Writes masked, refused or ended by the kernel side',
    ofFeeds('tls_blocked_writes_kernel'),
  );
  gauge('bpf_blocking_enabled', '1 when the kernel side that carries out block rules is loaded', () =>
    sensor.options.enforcement?.bpfBlockingEnabled ? 1 : 0,
  );
  gauge(
    'policy_block_rules_configured',
    'Block rules handed to the kernel side',
    ofFeeds('policy_block_rules_configured'),
  );

  total('ringbuf_read_errors', 'Failed reads of the ring buffer', ofFeeds('ringbuf_read_errors'));
  total('uprobe_attach_success', 'Libraries and executables probed', ofFeeds('uprobe_attach_success'));
  total('uprobe_attach_open_errors', 'Files that could not be opened or read', ofFeeds('uprobe_attach_open_errors'));
  total('uprobe_attach_probe_errors', 'Probes that the kernel refused', ofFeeds('uprobe_attach_probe_errors'));
  total('roll_buffer_pids_pruned', 'Processes whose state was dropped when they ended', () => counters.processes_ended);

  total('scanned_bytes', 'Plaintext bytes scanned', () => counters.bytes);
  total('findings', 'Occurrences of rules', () => counters.findings);
  gauge('flows', 'Flows remembered now, each direction apart', () => sensor.flowCount);
  total('flows_opened', 'Flows that began', () => counters.flows_opened);
  total('flows_evicted', 'Flows dropped because the table was full', () => counters.flows_evicted);
  total('flows_idle', 'Flows dropped because they were idle', () => counters.flows_idle);
  total('chunk_errors', 'Malformed chunks refused', () => counters.chunk_errors);
  total('sink_errors', 'Failures while reporting an alert or a gap', () => counters.sink_errors);
  total('enrich_errors', 'Failures while adding fields to an alert', () => counters.enrich_errors);
  byReason(
    registry,
    'bytes_not_scanned',
    'Plaintext bytes that nobody looked at, where the number is known',
    (reason) => gaps.totals.get(reason)?.bytes,
  );
  byReason(registry, 'gaps', 'Stretches of flows that nobody looked at', (reason) => gaps.totals.get(reason)?.gaps);

  total('log_lines', 'Log lines written or waiting', () => output.counters.lines - output.counters.dropped);
  total(
    'log_lines_dropped',
    'Log lines given up: standard output too slow, full or closed',
    () => output.counters.dropped,
  );
  total('log_write_errors', 'Failed writes to standard output', () => output.counters.writeErrors);
  for (const name of Object.keys(k8s?.counters ?? {})) {
    total(`k8s_${name}`, 'Naming of pods (-k8s-enrich)', () => k8s?.counters[name] ?? 0);
  }
  gauge('ready', '1 while every feed delivers', () => (sources.ready() ? 1 : 0));

  new Gauge({
    name: 'spectral_mesh_feed_count',
    help: 'Every number that a feed keeps, by the name it gives it',
    labelNames: ['feed', 'name'],
    registers: [registry],
    collect() {
      for (const feed of feeds) {
        for (const [name, value] of Object.entries(feed.counters())) this.set({ feed: feed.name, name }, value);
      }
    },
  });
  const build = new Gauge({
    name: 'spectral_mesh_build_info',
    help: 'Always 1; the build is in the labels',
    labelNames: ['version', 'git_commit', 'build_time'],
    registers: [registry],
  });
  build.set({ ...BUILD }, 1);
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  return registry;
}

function byReason(
  registry: Registry,
  name: string,
  help: string,
  read: (reason: GapReason) => number | undefined,
): void {
  new Counter({
    name: `spectral_mesh_${name}_total`,
    help,
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const reason of GAP_REASONS) this.inc({ reason }, read(reason) ?? 0);
    },
  });
}
