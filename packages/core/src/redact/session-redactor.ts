import type { Candidate } from '../detect/candidate.js';
import type { Session } from '../detect/session.js';
import { joined, lastInk, type Replacer, replaced } from './replacement.js';

/** Most bytes that are held back. Beyond it what waits is decided with what is there. */
const MOST_HELD = 256 * 1024;
const NOTHING = new Uint8Array(0);

/**
 * Redacts a text that comes in pieces. What comes out does not depend on where it was cut.
 *
 *   … replaced, passed on │ held back                   │ next piece …
 *                         │ a finding may still begin here
 */
export class SessionRedactor {
  readonly #session: Session;
  readonly #replacer: Replacer;
  readonly #emit: (bytes: Uint8Array) => void;
  /** What is held back, as it came. */
  #held = NOTHING;
  #before = -1;
  #masks: Candidate[] = [];

  /** @param emit gets what comes out */
  constructor(session: Session, replacer: Replacer, emit: (bytes: Uint8Array) => void) {
    this.#session = session;
    this.#replacer = replacer;
    this.#emit = emit;
  }

  push(bytes: Uint8Array): void {
    const session = this.#session;
    session.push(bytes);
    this.#take(bytes);
    if (this.#held.length > MOST_HELD && session.offset - session.frontier > MOST_HELD) {
      session.decide();
      this.#collect();
      this.#pass(session.offset);
    } else this.#pass(Math.min(session.frontier, session.offset));
  }

  /** The text is over: lets go of what is held back. */
  end(): void {
    this.#session.end();
    this.#collect();
    this.#pass(this.#session.offset);
  }

  #take(bytes: Uint8Array): void {
    this.#collect();
    const held = new Uint8Array(this.#held.length + bytes.length);
    held.set(this.#held);
    held.set(bytes, this.#held.length);
    this.#held = held;
  }

  #collect(): void {
    const { masks } = this.#session;
    if (masks.length === 0) return;
    for (const mask of masks) this.#masks.push(mask);
    masks.length = 0;
  }

  /** Passes on what lies before `limit`, whole masks only. */
  #pass(limit: number): void {
    const base = this.#session.offset - this.#held.length;
    let to = Math.max(limit, base);
    const replacements = this.#masks.length === 0 ? [] : joined(this.#masks, this.#session.detector.compare);
    for (const { start, end } of replacements) if (start < to && end > to) to = start;
    if (to <= base) return;
    const ready = replacements.filter(({ start, end }) => end <= to && start >= base);
    const out = replaced(this.#held, to - base, base, this.#before, ready, this.#replacer);
    this.#masks = this.#masks.filter(({ masks }) => masks[masks.length - 1]! > to);
    this.#before = lastInk(this.#held.subarray(0, to - base), this.#before);
    this.#held = this.#held.slice(to - base);
    this.#emit(out);
  }
}
