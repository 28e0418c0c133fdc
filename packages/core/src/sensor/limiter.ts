/** Most processes counted apart in one window; beyond them the oldest start anew. */
const MAX_PIDS = 65_536;

/** Caps alerts per window, over all processes and for each. A cap of 0 is none. */
export class AlertLimiter {
  #windowStart = Number.NEGATIVE_INFINITY;
  #total = 0;
  readonly #perPid = new Map<number, number>();

  constructor(
    readonly max: number,
    readonly maxPerPid: number,
    readonly windowMs: number,
    readonly maxPids = MAX_PIDS,
  ) {}

  /** Whether an alert of this process would still be reported. */
  allows(pid: number, now: number): boolean {
    // A clock that was set back begins a new window.
    if (now - this.#windowStart >= this.windowMs || now < this.#windowStart) {
      this.#windowStart = now;
      this.#total = 0;
      this.#perPid.clear();
    }
    if (this.max > 0 && this.#total >= this.max) return false;
    return this.maxPerPid === 0 || (this.#perPid.get(pid) ?? 0) < this.maxPerPid;
  }

  /** Counts an alert that was reported. */
  report(pid: number): void {
    this.#total += 1;
    if (this.maxPerPid === 0) return;
    const count = this.#perPid.get(pid) ?? 0;
    if (count === 0 && this.#perPid.size >= this.maxPids) {
      for (const oldest of this.#perPid.keys()) {
        this.#perPid.delete(oldest);
        break;
      }
    }
    this.#perPid.set(pid, count + 1);
  }
}
