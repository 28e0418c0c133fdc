import type { Gap, GapReason } from '@spectral/core';
import type { Log } from './log.js';

const PERIOD_MS = 1_000;

/** Lines per period; gaps of further processes are summed up in one line per reason. */
const MAX_LINES = 64;

interface Sum {
  pid: number;
  comm: string;
  reason: GapReason;
  offset: number;
  bytes: number;
  gaps: number;
  unknown: number;
}

/**
 * Logs `bytes_not_scanned`. Gaps come in floods (a full ring), so those of one process and reason are summed up and
 * written once a second: the number of lines is bounded and the totals stay exact.
 */
export class GapLog {
  private sums = new Map<string, Sum>();
  private timer: NodeJS.Timeout | undefined;
  readonly totals = new Map<GapReason, { bytes: number; gaps: number; unknown: number }>();

  constructor(private readonly log: Log) {}

  add(gap: Gap): void {
    const total = this.totals.get(gap.reason) ?? { bytes: 0, gaps: 0, unknown: 0 };
    this.totals.set(gap.reason, total);
    count(total, gap);
    count(this.sumFor(gap), gap);
    this.timer ??= setTimeout(() => this.flush(), PERIOD_MS).unref();
  }

  /** Writes what has been summed up since the last line. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const sums = this.sums;
    this.sums = new Map();
    for (const { pid, comm, reason, offset, bytes, gaps, unknown } of sums.values()) {
      this.log.warn('bytes_not_scanned', {
        reason,
        bytes,
        gaps,
        ...(unknown > 0 && { gaps_of_unknown_size: unknown }),
        ...(pid < 0 ? { other_processes: true } : { pid, comm, offset }),
      });
    }
  }

  private sumFor({ pid, comm, reason, offset }: Gap): Sum {
    const key = `${pid} ${reason} ${comm}`;
    let sum = this.sums.get(key);
    if (sum === undefined) {
      const crowded = this.sums.size >= MAX_LINES;
      const slot = crowded ? reason : key;
      sum = this.sums.get(slot);
      if (sum === undefined) {
        sum = { pid: crowded ? -1 : pid, comm, reason, offset, bytes: 0, gaps: 0, unknown: 0 };
        this.sums.set(slot, sum);
      }
    }
    return sum;
  }
}

function count(into: { bytes: number; gaps: number; unknown: number }, gap: Gap): void {
  into.gaps++;
  if (gap.bytes === undefined) into.unknown++;
  else into.bytes += gap.bytes;
}
