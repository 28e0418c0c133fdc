/** What the sensor counts. All only grow while the sensor lives. */
export class SensorCounters {
  /** Chunks and data records scanned, and their bytes. */
  chunks = 0;
  bytes = 0;
  /** Occurrences of rules, and how many of them did not fit into their verdict's list. */
  findings = 0;
  findings_omitted = 0;
  /** Alerts handed to the sinks, after allowlist, dedupe and caps. */
  alerts = 0;
  /** Chunks with findings of which no alert was made: process allowed, repeated in the window, over a cap. */
  alerts_allowlisted = 0;
  alerts_deduplicated = 0;
  alerts_rate_limited = 0;
  /** Chunks that match a block rule while nothing can block them. */
  block_observe_only = 0;
  /** Stretches of flows that nobody looked at, their bytes where known, and those of unknown size. */
  gaps = 0;
  bytes_not_scanned = 0;
  gaps_unknown_size = 0;
  /** Flows that began, that were over, and that were dropped because they were idle or the table was full. */
  flows_opened = 0;
  flows_closed = 0;
  flows_idle = 0;
  flows_evicted = 0;
  /** Processes whose flows were dropped because they ended or replaced their image. */
  processes_ended = 0;
  policy_reloads = 0;
  policy_reload_errors = 0;
  /** Sinks and `enrich` functions that threw. */
  sink_errors = 0;
  enrich_errors = 0;
  /** Chunks and records refused because they are malformed. */
  chunk_errors = 0;
  /** Flows that started afresh because the engine's memory is exhausted. */
  out_of_memory = 0;
}
