import type { Alert, BlockVerdict, Gap, Sink } from '../types.js';
import { addFields, buildAlert, ruleIdsOf } from './alert.js';
import { type Allowlist, allowsComm } from './allowlist.js';
import type { SensorCounters } from './counters.js';
import { Dedupe } from './dedupe.js';
import { AlertLimiter } from './limiter.js';
import type { Report } from './report.js';
import type { Settings } from './settings.js';

type Item = { alert: Alert } | { gap: Gap } | { block: BlockVerdict };

/** What the flow adds to an alert. */
export interface FlowFacts {
  readonly bytesNotScanned: number;
  /** What was done about the write that the chunk is of; `undefined`: nothing. */
  readonly verdict: BlockVerdict | undefined;
  /** SHA-256 of the flow's last bytes; only called when it is wanted. */
  payloadSha256(): string;
}

/**
 * Decides which reports become alerts, and hands alerts and gaps to the sinks.
 *
 *   report ─▶ process allowed? ─▶ repeat in the window? ─▶ over a cap? ─▶ outbox ─▶ sinks
 *                   │                     │                    │
 *            alerts_allowlisted   alerts_deduplicated   alerts_rate_limited
 *
 * Sinks are called once the chunks of a call are dealt with, so that they may call the sensor themselves.
 */
export class Reporter {
  allowlist: Allowlist | undefined;
  readonly #dedupe: Dedupe;
  readonly #limiter: AlertLimiter;
  #outbox: Item[] = [];
  #delivering = false;

  constructor(
    readonly settings: Settings,
    readonly counters: SensorCounters,
  ) {
    this.allowlist = settings.allowlist;
    this.#dedupe = new Dedupe(settings.dedupeWindowMs);
    this.#limiter = new AlertLimiter(
      settings.alertMaxPerWindow,
      settings.alertMaxPerPidPerWindow,
      settings.alertWindowMs,
    );
  }

  /** Whether it is worth making a preview: false when the alert will surely not be reported. */
  wantsPreview(report: Report, now: number): boolean {
    const { pid, comm } = report.origin;
    return this.settings.redactedPreview && !this.#isAllowed(comm) && this.#limiter.allows(pid, now);
  }

  report(report: Report, flow: FlowFacts, now: number): void {
    const { settings, counters } = this;
    const { pid, comm } = report.origin;
    if (this.#isAllowed(comm)) {
      counters.alerts_allowlisted += 1;
      return;
    }
    const stopped = flow.verdict !== undefined && flow.verdict.achieved !== 'observe';
    if (report.action === 'block' && !stopped) counters.block_observe_only += 1;
    const ruleIds = ruleIdsOf(report);
    if (this.#dedupe.isRepeat(pid, ruleIds, now)) {
      counters.alerts_deduplicated += 1;
      return;
    }
    if (!this.#limiter.allows(pid, now)) {
      counters.alerts_rate_limited += 1;
      return;
    }
    this.#dedupe.report(pid, ruleIds, now);
    this.#limiter.report(pid);
    counters.alerts += 1;
    const alert = buildAlert(report, ruleIds, {
      sensorKind: settings.sensorKind,
      enforcement: settings.enforcement,
      bytesNotScanned: flow.bytesNotScanned,
      verdict: flow.verdict,
      preview: report.preview,
      payloadSha256: settings.payloadSha256 ? flow.payloadSha256() : undefined,
    });
    this.#outbox.push({ alert });
  }

  gap(gap: Gap): void {
    this.#outbox.push({ gap });
  }

  block(verdict: BlockVerdict): void {
    this.#outbox.push({ block: verdict });
  }

  /** Hands over what is in the outbox, in order. */
  deliver(): void {
    if (this.#outbox.length === 0 || this.#delivering) return;
    this.#delivering = true;
    try {
      // A sink may call the sensor, which puts more into the outbox.
      for (let i = 0; i < this.#outbox.length; i++) {
        const item = this.#outbox[i]!;
        if ('alert' in item) this.#enrich(item.alert);
        for (const sink of this.settings.sinks) this.#call(sink, item);
      }
    } finally {
      this.#outbox = [];
      this.#delivering = false;
    }
  }

  #isAllowed(comm: string): boolean {
    return this.allowlist !== undefined && allowsComm(this.allowlist, comm);
  }

  #enrich(alert: Alert): void {
    const { enrich } = this.settings;
    if (enrich === undefined) return;
    const { pid, comm, direction, rule_id: ruleId, severity, action } = alert;
    try {
      addFields(alert, enrich({ pid, comm, direction, ruleId, severity, action }));
    } catch {
      this.counters.enrich_errors += 1;
    }
  }

  #call(sink: Sink, item: Item): void {
    try {
      let result: unknown;
      if ('alert' in item) result = sink.alert?.(item.alert);
      else if ('gap' in item) result = sink.gap?.(item.gap);
      else result = sink.block?.(item.block);
      if (result instanceof Promise) result.catch(() => this.#sinkFailed());
    } catch {
      this.#sinkFailed();
    }
  }

  #sinkFailed(): void {
    this.counters.sink_errors += 1;
  }
}
