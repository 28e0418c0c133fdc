/** Most (process, rule) pairs remembered; the oldest make room, so at worst a repeat is reported. */
const MAX_ENTRIES = 65_536;

/** Remembers which rules of which process were reported in the last `windowMs`. */
export class Dedupe {
  /** In the order of their reports, oldest first. */
  readonly #reported = new Map<string, number>();

  /** @param windowMs 0: nothing is ever a repeat */
  constructor(
    readonly windowMs: number,
    readonly maxEntries = MAX_ENTRIES,
  ) {}

  /** True if every one of these rules was reported for this process within the window. */
  isRepeat(pid: number, ruleIds: readonly string[], now: number): boolean {
    return this.windowMs > 0 && ruleIds.every((id) => this.#isRecent(this.#reported.get(key(pid, id)), now));
  }

  /** Notes that an alert with these rules was reported. */
  report(pid: number, ruleIds: readonly string[], now: number): void {
    if (this.windowMs === 0) return;
    for (const id of ruleIds) {
      const entry = key(pid, id);
      this.#reported.delete(entry);
      this.#reported.set(entry, now);
    }
    for (const [entry, time] of this.#reported) {
      if (this.#reported.size <= this.maxEntries && this.#isRecent(time, now)) break;
      this.#reported.delete(entry);
    }
  }

  get size(): number {
    return this.#reported.size;
  }

  /** A clock that was set back ends the window: rather a repeat than silence. */
  #isRecent(time: number | undefined, now: number): boolean {
    return time !== undefined && now >= time && now - time < this.windowMs;
  }
}

function key(pid: number, ruleId: string): string {
  return `${pid} ${ruleId}`;
}
