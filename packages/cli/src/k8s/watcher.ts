import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import type { Log } from '../log/log.js';
import { ApiStatusError, type PodApi } from './api.js';
import type { PodTable } from './pods.js';

const GONE = 410;

export interface BackOff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * Keeps a table of the node's pods true:
 *
 *      ┌──────── 410 Gone: the version is too old ────────┐
 *      ▼                                                  │
 *    list ── resourceVersion ──▶ watch ── events ──▶ table│
 *      ▲                          ▲  │                    │
 *      │                          └──┴─ stream ended: on from the last version seen
 *      └─ any other error: wait (doubling, with jitter), then list again
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export class PodWatcher {
  readonly counters = { lists: 0, events: 0, api_errors: 0 };
  private readonly stopped = new AbortController();
  private running: Promise<void> | undefined;
  private failures = 0;

  constructor(
    private readonly api: PodApi,
    private readonly table: PodTable,
    private readonly log: Log,
    private readonly backOff: BackOff = { firstMs: 1_000, mostMs: 60_000 },
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        const { pods, resourceVersion } = await this.api.list(signal);
        this.counters.lists++;
        this.table.replace(pods);
        if (this.counters.lists === 1 || this.failures > 0) this.log.info('k8s_pods_listed', { pods: this.table.size });
        await this.watchFrom(resourceVersion, signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.failed(error, signal);
      }
    }
  }

  /** Returns when the version is too old, throws on any other failure. */
  private async watchFrom(version: string, signal: AbortSignal): Promise<void> {
    let last = version;
    while (!signal.aborted) {
      let events = 0;
      for await (const event of this.api.watch(last, signal)) {
        if (event.type === 'ERROR') {
          throw new ApiStatusError(event.object.code ?? 0, 'watch pods');
        }
        events++;
        this.counters.events++;
        this.failures = 0;
        last = event.object.metadata?.resourceVersion ?? last;
        if (event.type === 'DELETED') this.table.delete(event.object.metadata?.uid ?? '');
        else if (event.type !== 'BOOKMARK') this.table.set(event.object);
      }
      // A server that ends empty streams at once must not be asked in a tight loop.
      if (events === 0) await this.pause(signal);
    }
  }

  private async failed(error: unknown, signal: AbortSignal): Promise<void> {
    this.counters.api_errors++;
    // Expected now and then: nothing is wrong, only too long ago.
    if (error instanceof ApiStatusError && error.status === GONE && this.failures === 0) {
      this.failures++;
      return;
    }
    if (this.failures < 2) this.log.warn('k8s_api_error', { error: messageOf(error) });
    await this.pause(signal);
  }

  private async pause(signal: AbortSignal): Promise<void> {
    const { firstMs, mostMs } = this.backOff;
    const ms = Math.min(mostMs, firstMs * 2 ** this.failures++);
    await sleep(ms * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
  }
}
