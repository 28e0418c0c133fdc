import type { Candidate } from '../detect/candidate.js';
import type { Detector } from '../detect/detector.js';
import { Session } from '../detect/session.js';
import type { Origin } from './report.js';

/** Flows that are looked through for hits that wait, per call. */
const LOOKED_THROUGH = 64;

/** A flow whose bytes are decoded and judged, not only searched. */
export class FlowSession {
  readonly session: Session;
  /** Where the last bytes with something in them came from, and when: milliseconds since the epoch. */
  origin: Origin | undefined;
  time = 0;

  /**
   * @param base offset in the flow of the session's first byte
   * @param from findings that end before this offset have been reported before
   */
  constructor(
    detector: Detector,
    readonly base: number,
    readonly from: number,
  ) {
    this.session = new Session(detector);
  }

  get hasNews(): boolean {
    return this.session.settled.length > 0 || this.session.masks.length > 0;
  }

  /** What is to be masked, and lies where text may still be shown. */
  masks: readonly Candidate[] = [];

  /**
   * Findings that have become certain, in the flow's offsets. `masks` are then those that end behind `shown`.
   * @param shown text before this offset of the flow is never shown again
   */
  take(shown: number): Candidate[] {
    const { settled, masks } = this.session;
    this.masks = [...this.masks, ...masks.splice(0).map(this.#shift)].filter(
      ({ masks: m }) => m[m.length - 1]! > shown,
    );
    return settled
      .splice(0)
      .map(this.#shift)
      .filter(({ end }) => end > this.from);
  }

  readonly #shift = (candidate: Candidate): Candidate => {
    const { base } = this;
    if (base === 0) return candidate;
    const { start, end, masks } = candidate;
    return { ...candidate, start: start + base, end: end + base, masks: masks.map((at) => at + base) };
  };
}

/** Sessions of flows, by slot. */
export class Detection {
  readonly #sessions: (FlowSession | undefined)[] = [];
  /** Slots of flows in which something waits for more bytes. */
  readonly #waiting = new Set<number>();

  constructor(readonly detector: Detector) {}

  find(slot: number): FlowSession | undefined {
    return this.#sessions[slot];
  }

  open(slot: number, base: number, from: number): FlowSession {
    const opened = new FlowSession(this.detector, base, from);
    this.#sessions[slot] = opened;
    return opened;
  }

  /** Something waits in the flow. */
  wait(slot: number): void {
    this.#waiting.add(slot);
  }

  /** Takes out the flow's session, decided and over; `undefined` if it had none. */
  end(slot: number): FlowSession | undefined {
    const open = this.#sessions[slot];
    if (open === undefined) return undefined;
    this.#sessions[slot] = undefined;
    this.#waiting.delete(slot);
    open.session.end();
    return open;
  }

  /** Slots of all flows that have a session. */
  get slots(): number[] {
    return [...this.#sessions.keys()].filter((slot) => this.#sessions[slot] !== undefined);
  }

  /** Decides what waits in flows without a byte since `before`, and gives them to `each`. Looks through some flows per call. */
  decide(before: number, each: (slot: number, session: FlowSession) => void): void {
    if (this.#waiting.size === 0) return;
    let looked = 0;
    for (const slot of this.#waiting) {
      if (looked++ === LOOKED_THROUGH) return;
      this.#waiting.delete(slot);
      const open = this.#sessions[slot];
      if (open === undefined || !open.session.waits) continue;
      if (open.time > before) {
        // Behind the others, so that all of them are looked at in turn.
        this.#waiting.add(slot);
        continue;
      }
      open.session.decide();
      each(slot, open);
    }
  }

  free(): void {
    for (const open of this.#sessions) open?.session.free();
    this.#sessions.length = 0;
    this.#waiting.clear();
    this.detector.free();
  }
}
