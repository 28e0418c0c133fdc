import { brotliDecompressSync } from 'node:zlib';
import { brotliDictionary, type Feed, Sensor, type Sink } from '@spectral/core';
import { validators } from '@spectral/rules';
import { BlockingTarget, blockerAmong, enforcementBy, verdictFields } from './blocking.js';
import { BUILD } from './build-info.js';
import type { MeshConfig } from './config.js';
import { messageOf } from './errors.js';
import { type HttpEndpoint, serveHttp } from './http.js';
import { type K8s, type K8sOptions, startK8s } from './k8s/index.js';
import { GapLog } from './log/gaps.js';
import type { LineWriter } from './log/line-writer.js';
import type { Log } from './log/log.js';
import { createMetrics } from './metrics.js';
import { type Documents, describe, Reloader } from './reload.js';

export interface MeshParts {
  readonly config: MeshConfig;
  readonly documents: Documents;
  readonly feeds: readonly Feed[];
  readonly log: Log;
  readonly output: LineWriter;
  readonly env: NodeJS.ProcessEnv;
  /** For tests: where the service account is, how fast to retry. */
  readonly k8s?: Pick<K8sOptions, 'serviceAccount' | 'backOff'> | undefined;
}

type State = 'starting' | 'active' | 'stopping';

/** A feed that does not let go is left behind after this. Milliseconds. */
const FEED_STOP_MS = 5_000;
/** What waits for the rest of a secret is looked for this often. Milliseconds. */
const SETTLE_EVERY_MS = 100;

/**
 * Wires feeds → sensor → log and metrics.
 *
 *     starting ──every feed delivers──▶ active ──stop()──▶ stopping
 *        └───────────── start failed or stop() ───────────────▲
 */
export class Mesh {
  /** Called when the sources of all feeds have ended. */
  onEnded: () => void = () => {};
  private state: State = 'starting';
  private readonly startedAt = Date.now();
  private readonly gaps: GapLog;
  private k8s: K8s | undefined;
  private http: HttpEndpoint | undefined;
  private settling: NodeJS.Timeout | undefined;
  private services: Promise<void> | undefined;

  private constructor(
    private readonly parts: MeshParts,
    private readonly sensor: Sensor,
    private readonly reloader: Reloader,
    gaps: GapLog,
  ) {
    this.gaps = gaps;
  }

  /** Compiles the policy; nothing runs yet. @throws EngineError */
  static async create(parts: MeshParts): Promise<Mesh> {
    const { config, documents, log } = parts;
    const gaps = new GapLog(log);
    const blocker = config.block && blockerAmong(parts.feeds);
    const sink: Sink = {
      alert: (alert) => log.warn('policy_alert', alert),
      gap: (gap) => gaps.add(gap),
      ...(blocker && { block: (verdict) => log.warn('block_verdict', verdictFields(verdict, blocker)) }),
    };
    let mesh: Mesh | undefined;
    const sensor = await Sensor.create({
      policy: documents.policy,
      sinks: [sink],
      sensorKind: 'mesh',
      validators,
      brotliDictionary: brotliDictionary(brotliDecompressSync),
      ...(documents.allowlist && { allowlist: documents.allowlist }),
      dedupeWindowMs: config.alertDedupeWindowMs,
      alertMaxPerWindow: config.alertMaxPerWindow,
      alertMaxPerPidPerWindow: config.alertMaxPerPidPerWindow,
      alertWindowMs: config.alertWindowMs,
      redactedPreview: config.redactedPreview,
      payloadSha256: config.payloadSha256,
      ...(blocker && { enforcement: enforcementBy(blocker) }),
      ...(config.k8sNode && { enrich: ({ pid }) => ({ ...mesh?.k8s?.fieldsOf(pid) }) }),
    });
    const target = config.block && blocker ? new BlockingTarget(sensor, blocker, config.block, log) : sensor;
    mesh = new Mesh(parts, sensor, new Reloader(config, target, log), gaps);
    return mesh;
  }

  /** Resolves once every feed delivers. After a rejection call `stop`. @throws CliError, SpectralError of a feed */
  async start(signal: AbortSignal): Promise<void> {
    const { config, documents, feeds, log } = this.parts;
    this.services = this.startServices();
    await this.services;
    if (signal.aborted) return;
    const started = await Promise.all(feeds.map((feed) => this.startFeed(feed, signal)));
    if (signal.aborted) return;
    const active = feeds.filter((_, index) => started[index]);
    if (active.every(({ ended }) => ended))
      void Promise.all(active.map(({ ended }) => ended)).then(() => this.onEnded());
    this.state = 'active';
    this.settling = setInterval(() => this.sensor.settle(), SETTLE_EVERY_MS);
    log.info('sensor_active', {
      ...BUILD,
      policy_source:
        config.policyFile ?? (config.packs === undefined ? 'builtin' : `builtin ${config.packs.join(',')}`),
      ...describe(documents.policy),
      allowlist_source: config.allowlistFile ?? 'none',
      feeds: active.map(({ name }) => name),
      k8s_enrich: config.k8sNode !== undefined,
      bpf_blocking_enabled: this.sensor.options.enforcement.bpfBlockingEnabled,
    });
  }

  /** Rereads policy and allowlist. Never rejects. */
  reload(): Promise<void> {
    return this.reloader.request();
  }

  /** Delivers what the feeds hold, lets go of everything and writes the summary. Idempotent in effect, never rejects. */
  async stop(reason: string): Promise<void> {
    const wasActive = this.state === 'active';
    this.state = 'stopping';
    await Promise.all(this.parts.feeds.map((feed) => this.stopFeed(feed)));
    clearInterval(this.settling);
    this.sensor.settle(true);
    this.gaps.flush();
    await this.services?.catch(() => {}); // reported by whoever waits for start()
    await this.k8s?.stop();
    if (wasActive) this.parts.log.info('sensor_stopped', { reason, ...this.summary() });
    await this.http?.close();
    this.sensor.close();
  }

  private async startServices(): Promise<void> {
    const { config, env, log } = this.parts;
    if (config.k8sNode !== undefined) {
      this.k8s = await startK8s({ node: config.k8sNode, env, procRoot: config.procRoot, log, ...this.parts.k8s });
    }
    if (config.metricsAddress !== undefined) await this.serve(config.metricsAddress);
  }

  private async serve(address: NonNullable<MeshConfig['metricsAddress']>): Promise<void> {
    const { feeds, log, output } = this.parts;
    const registry = createMetrics({
      sensor: this.sensor,
      feeds,
      gaps: this.gaps,
      output,
      reload: this.reloader,
      k8s: this.k8s,
      ready: () => this.state === 'active',
    });
    this.http = await serveHttp({
      address,
      registry,
      notReady: () => (this.state === 'active' ? undefined : this.state),
    });
    const { host, port, loopback } = this.http;
    log.info('metrics_listening', { host, port });
    if (!loopback) {
      const risk = 'anyone who reaches this address can read the metrics; there is no authentication';
      log.warn('metrics_not_loopback', { host, port, risk });
    }
  }

  /** @returns false when the feed cannot work here and need not */
  private async startFeed(feed: Feed, signal: AbortSignal): Promise<boolean> {
    try {
      await feed.start(this.sensor, signal);
      return true;
    } catch (error) {
      // Whoever wants rules carried out does not want a sensor that cannot.
      const { feeds, block } = this.parts.config;
      if (feed.name !== 'ebpf' || !feeds.ebpfOptional || block !== undefined) throw error;
      this.parts.log.warn('feed_unavailable', { feed: feed.name, error: messageOf(error) });
      return false;
    }
  }

  private async stopFeed(feed: Feed): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not stopped after ${FEED_STOP_MS} ms`)), FEED_STOP_MS);
    });
    try {
      await Promise.race([feed.stop(), late]);
    } catch (error) {
      this.parts.log.error('feed_stop_failed', { feed: feed.name, error: messageOf(error) });
    } finally {
      clearTimeout(timer);
    }
  }

  private summary(): Record<string, number> {
    const { chunks, bytes, alerts, gaps, bytes_not_scanned, gaps_unknown_size } = this.sensor.counters;
    return {
      uptime_s: Math.round((Date.now() - this.startedAt) / 1_000),
      chunks,
      bytes,
      alerts,
      gaps,
      bytes_not_scanned,
      gaps_of_unknown_size: gaps_unknown_size,
      policy_reloads: this.reloader.reloads,
      policy_reload_errors: this.reloader.errors,
      log_lines_dropped: this.parts.output.counters.dropped,
    };
  }
}
