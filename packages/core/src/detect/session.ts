import { PIECE_BYTES } from './area.js';
import { MOST_RATIO } from './branch.js';
import type { Candidate, Dropped } from './candidate.js';
import type { Detector } from './detector.js';
import { Node } from './node.js';
import { Settler } from './settler.js';
import type { StreamReport } from './stream.js';

/** All decompressors of a flow together may put out MOST_RATIO times its bytes, and this many in any case. */
const ANY_EXPANSION = 16 << 20;

/** Dropped candidates that are remembered for explanations. */
const MOST_DROPPED = 10_000;

/**
 * What is found in one flow. Its bytes may come in any cut: the findings are the same.
 *
 *   push ─▶ streams ─▶ candidates ─▶ settled ─▶ found
 *            │                         ▲
 *            └── frontier ─────────────┘     nothing that is still to come begins before it
 */
export class Session implements StreamReport {
  /** Findings that are certain, by start. The caller takes them out. */
  readonly settled: Candidate[] = [];
  /** What is to be masked, in no order: of findings, and of those that gave way to others. The caller takes them out. */
  readonly masks: Candidate[] = [];
  readonly dropped: Dropped[] = [];
  /** Hits that were not judged, since there were too many for so few bytes. */
  omitted = 0;
  /** Bytes of compressed streams that were not decompressed. */
  missed = 0;
  readonly explains: boolean;
  /** Bytes that were pushed, and those that came out of decompressors, wherever they stand. */
  #received = 0;
  #expanded = 0;
  readonly #root: Node;
  readonly #settler: Settler;

  constructor(readonly detector: Detector) {
    this.explains = detector.options.explain;
    this.#settler = new Settler(detector.compare, detector.policy.policy.schemaVersion === 3);
    this.#root = new Node(detector, this, 'raw', 0, undefined, detector.options.views ? undefined : 'none');
  }

  /** Bytes so far. */
  get offset(): number {
    return this.#root.stream.offset;
  }

  /** Whether something waits for more bytes to be decided by. */
  get waits(): boolean {
    return this.#settler.waiting > 0 || this.#root.waits;
  }

  push(bytes: Uint8Array): void {
    this.#received += bytes.length;
    const { stream } = this.#root;
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      const piece = bytes.length <= PIECE_BYTES ? bytes : bytes.subarray(from, from + PIECE_BYTES);
      const area = stream.place();
      area.view.set(piece, area.begin);
      this.#root.take(area, piece.length, false);
    }
    if (this.#settler.waiting > 0) this.#settle(this.frontier);
  }

  /** The same for bytes that lie in Wasm memory. */
  pushAt(pointer: number, length: number): void {
    this.#received += length;
    const { stream, memory } = this.#root;
    for (let from = 0; from < length; from += PIECE_BYTES) {
      const n = Math.min(PIECE_BYTES, length - from);
      const area = stream.place();
      memory.bytes.copyWithin(area.pointer, pointer + from, pointer + from + n);
      this.#root.take(area, n, false);
    }
    if (this.#settler.waiting > 0) this.#settle(this.frontier);
  }

  /** Text from this offset on may be the beginning of something that is not decided yet. */
  get undecided(): number {
    return this.#root.undecided;
  }

  /** Decides all that waits with what is there; the flow may go on. */
  decide(): void {
    this.#root.decide();
    this.#settle(Number.POSITIVE_INFINITY);
  }

  /** Nothing follows. */
  end(): void {
    this.#root.finish();
    this.#settle(Number.POSITIVE_INFINITY);
  }

  /** No finding that is still to come begins before this offset. */
  get frontier(): number {
    return this.#root.frontier(true);
  }

  found(candidate: Candidate): void {
    this.masks.push(candidate);
    this.#settler.add(candidate);
  }

  drop(rule: number, spans: readonly number[], view: string, reason: string): void {
    if (this.dropped.length >= MOST_DROPPED || spans.length === 0) return;
    this.dropped.push({ rule, start: spans[0]!, end: spans[spans.length - 1]!, view, reason });
  }

  unjudged(): void {
    this.omitted += 1;
  }

  expand(bytes: number): boolean {
    this.#expanded += bytes;
    return this.#expanded <= this.#received * MOST_RATIO + ANY_EXPANSION;
  }

  undecoded(bytes: number): void {
    this.missed += bytes;
  }

  /** Gives memory back; the session is over. */
  free(): void {
    this.#root.free();
  }

  #settle(frontier: number): void {
    this.#settler.settle(
      frontier,
      (candidate) => this.settled.push(candidate),
      (candidate, winner) => {
        if (!this.explains) return;
        const { rule, start, end, view } = candidate;
        const same = rule === winner.rule && start === winner.start && end === winner.end;
        if (same) return;
        this.drop(rule, [start, end], view, `gives way to ${this.detector.policy.rules[winner.rule]!.id}`);
      },
    );
  }
}
