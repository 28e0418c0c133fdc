import { LOOKBACK } from '../engine/decoder.js';
import { MASK_BLOCK } from '../policy/mask.js';
import { type Area, TAIL_ROOM } from './area.js';
import type { Candidate } from './candidate.js';
import type { Detector } from './detector.js';
import type { Hits } from './hits.js';
import { OffsetMap } from './map.js';
import { MaskEnd } from './mask-end.js';
import { placeOf, spansOf, viewOf } from './origin.js';
import { BEFORE, MORE, MOST_WITHIN, REACH, YES } from './verifier.js';

/** Decoders look back this far, rules further than BEFORE and MOST_WITHIN never. */
const KEPT = LOOKBACK;
/** It is known where so many bytes come from, if what is decoded from them still asks. */
const MOST_MAPPED = 65_536;
/** Hits that wait for more bytes, per stream. Beyond it, the oldest are decided with what is there. */
const MOST_PENDING = 512;
/** A pending hit is not tried again for less than this share of the bytes that it was tried with. */
const RETRY_SHARE = 8;
/** Ends of matches, one per rule, are forgotten when there are this many and no hit can reach back to them. */
const MOST_ENDS = 64;

/**
 * Judging takes time, and who writes the text could make it take all: so it may take so many steps per byte, saved up for so many
 * bytes. Ordinary text needs one or two. What is hit beyond is counted, not judged.
 */
const STEPS_PER_BYTE = 128;
const STEPS_PER_HIT = 32;
const MOST_STEPS = STEPS_PER_BYTE * 65_536;

const NOTHING = new Uint8Array(0);

/** A hit that cannot be decided yet. */
interface Pending {
  readonly rule: number;
  readonly start: number;
  readonly end: number;
  /** The stream's length when it was last tried. */
  tried: number;
  /** Where the mask of a whole block stands, a state of the engine's `extend`; 0 if all is looked at again. */
  mask: number;
  /** End of that mask so far. */
  masked: number;
}

/** Receives what a stream finds, in the flow's own offsets. */
export interface StreamReport {
  found(candidate: Candidate): void;
  drop(rule: number, spans: readonly number[], view: string, reason: string): void;
  /** A hit was not judged: there are too many. */
  unjudged(): void;
  /** So many bytes came out of a decompressor; false if those of the flow have come to too many. */
  expand(bytes: number): boolean;
  /** So many bytes of a compressed stream, or a few less, were not decompressed. */
  undecoded(bytes: number): void;
  readonly explains: boolean;
}

/**
 * One stream of bytes, as it is or decoded, and what must be remembered of it: the automaton's state, its last bytes, and hits of
 * which it is not known yet what they are. What it finds does not depend on how its bytes were cut.
 *
 *   kept             │ piece
 *   … first          │ offset …                end
 *        └ pending ──┼─────▶ ?                        more bytes decide
 */
export class Stream {
  /** Bytes so far, those of the piece in work not among them. */
  offset = 0;
  /** Where this stream's bytes come from in its parent; of no use to the flow itself. */
  readonly map = new OffsetMap();
  /** Its bytes are those of the parent with escapes or encodings of text undone. */
  isText = false;
  /** Its bytes are those of a JSON text, which is mostly the same as what it says. */
  isJsonText = false;
  /** Its bytes are those of the parent, but for what frames them. */
  isCopy = false;
  #state = 0;
  /** From here on it is not certain where anchors are; -1 if it is. */
  #open = -1;
  #kept = NOTHING;
  #keptLength = 0;
  /** Where bytes before this offset come from is not asked any more. */
  #asked = 0;
  #pending: Pending[] = [];
  /** Steps that judging may still take; they grow with the offset up to which they are counted. */
  #steps = MOST_STEPS;
  #counted = 0;
  #screenSteps = MOST_STEPS;
  readonly #ends = new Map<number, number>();
  /** Few streams have literals that are findings as they are. */
  #maskEnd: MaskEnd | undefined;

  constructor(
    readonly detector: Detector,
    readonly report: StreamReport,
    readonly view: string,
    readonly depth: number,
    public parent: Stream | undefined,
  ) {}

  /** Number of bytes in front of the next piece that are kept. */
  get keptLength(): number {
    return this.#keptLength;
  }

  /** Whether hits wait for more bytes. */
  get waits(): boolean {
    return this.#pending.length > 0 || this.#open >= 0;
  }

  /** Bytes that are only handed on: nothing is looked for in them, and nothing kept. */
  pass(length: number, asked: number): void {
    this.offset += length;
    this.#forget(Math.min(this.offset - KEPT, asked));
  }

  #forget(asked: number): void {
    this.#asked = Math.max(asked, this.offset - MOST_MAPPED, 0);
    this.map.trim(this.#asked);
  }

  /** Where the next piece is to be put, with what was kept in front of it. */
  place(): Area {
    const area = this.detector.area(this.depth);
    area.view.set(this.#kept.subarray(0, this.#keptLength), TAIL_ROOM - this.#keptLength);
    return area;
  }

  /** Scans the piece of `length` bytes that was put into `place()`. `remember` must follow once nothing else needs it there. */
  scan(area: Area, length: number, final: boolean): void {
    const { detector } = this;
    const { hits, window } = detector;
    const { policy } = detector;
    hits.clear();
    const { sides } = detector.screen;
    this.#state = hits.literals(policy.handle, this.#state, area.pointer, length, this.#keptLength, policy, sides);
    this.#findAnchors(area, length, final);
    if (hits.flooded) this.report.unjudged();
    if (hits.count === 0 && this.#pending.length === 0) return;
    window.set(area, this.offset, length, this.#keptLength, final);
    this.#judgeAll(area, length);
  }

  /** Judges the hits in a piece of `length` bytes, and what is pending. */
  #judgeAll(area: Area, length: number): void {
    const { hits, screen, window } = this.detector;
    if (hits.count > 0) {
      this.#screenSteps = Math.min(this.#screenSteps + length * STEPS_PER_BYTE, MOST_STEPS);
      this.#screenSteps -= screen.drop(hits, window, this.offset, this.#screenSteps);
      hits.sort();
    }
    this.#judge(area, hits.count > 0 ? hits : undefined);
  }

  /** Looks for anchors in the piece, and before it as far as it was not certain what stands there. */
  #findAnchors(area: Area, length: number, final: boolean): void {
    const { hits, anchorKinds } = this.detector;
    if (anchorKinds === 0) return;
    const from = this.#open < 0 ? 0 : this.#open - this.offset;
    const next = hits.anchors(anchorKinds, area.pointer, from, length, this.#keptLength, final);
    this.#open = next < length ? this.offset + next : -1;
  }

  /** Decides all that is pending with what is there. */
  decide(): void {
    if (!this.waits) return;
    const { hits, window } = this.detector;
    const area = this.place();
    window.set(area, this.offset, 0, this.#keptLength, true);
    hits.clear();
    this.#findAnchors(area, 0, true);
    this.#judgeAll(area, 0);
  }

  /** Where the first byte whose origin may still be asked for comes from, in the parent. */
  get askedOfParent(): number {
    return this.map.position(this.#asked);
  }

  /**
   * The piece is done with: keeps what later bytes may need of it.
   * @param asked what is decoded from this stream may still ask where bytes from this offset on come from
   */
  remember(area: Area, length: number, asked: number): void {
    const end = this.offset + length;
    let from = end - KEPT;
    for (const { mask, rule, start, end: behind } of this.#pending) {
      if (this.detector.verifiers[rule] !== undefined) from = Math.min(from, start - BEFORE - MOST_WITHIN);
      else if (mask === 0) from = Math.min(from, behind);
    }
    from = Math.max(from, this.offset - this.#keptLength, end - TAIL_ROOM);
    const keep = end - from;
    if (this.#kept.length < keep) this.#makeRoom(keep);
    const at = TAIL_ROOM + length - keep;
    this.#kept.set(area.view.subarray(at, at + keep));
    this.#keptLength = keep;
    this.offset = end;
    if (this.parent !== undefined) this.#forget(Math.min(from, asked));
    if (this.#ends.size > MOST_ENDS) {
      for (const [rule, last] of this.#ends) if (last < from) this.#ends.delete(rule);
    }
  }

  #makeRoom(keep: number): void {
    this.free();
    this.#kept = keep <= KEPT ? this.detector.tail() : new Uint8Array(2 ** Math.ceil(Math.log2(keep)));
  }

  /** Gives back what may serve another stream. Nothing follows. */
  free(): void {
    this.detector.giveTail(this.#kept);
    this.#kept = NOTHING;
    this.#keptLength = 0;
  }

  /** What comes up to `offset` is none of this stream's, which was cut. */
  skip(offset: number): void {
    this.offset = offset;
    if (this.parent !== undefined) this.#forget(offset);
  }

  /** What comes next does not continue what came before. */
  cut(): void {
    this.decide();
    this.#state = 0;
    this.#keptLength = 0;
  }

  /**
   * No finding that is still to come begins before this offset, as far as this stream alone is concerned.
   * @param before how far before what comes next a finding may begin
   */
  frontier(before: number): number {
    const { engine, policy } = this.detector;
    const open = policy.handle === 0 || before === 0 ? 0 : engine.depth(policy.handle, this.#state) + BEFORE;
    let first = this.offset - Math.max(open, before);
    if (this.#open >= 0) first = Math.min(first, this.#open - BEFORE);
    for (const { start } of this.#pending) first = Math.min(first, start - BEFORE);
    return Math.max(first, 0);
  }

  /** Bytes from this offset on may be the beginning of something, or belong to it. */
  get undecided(): number {
    const { engine, policy } = this.detector;
    let first = this.offset - (policy.handle === 0 ? 0 : engine.depth(policy.handle, this.#state));
    if (this.#open >= 0) first = Math.min(first, this.#open);
    for (const { start } of this.#pending) first = Math.min(first, start);
    return first;
  }

  #judge(area: Area, hits: Hits | undefined): void {
    const before = this.#pending;
    this.#pending = [];
    const blocked = this.detector.blocked;
    const { end, final } = this.detector.window;
    for (const pending of before) {
      const waits = !final && end - pending.tried < (pending.tried - pending.start) / RETRY_SHARE;
      if (this.detector.verifiers[pending.rule] !== undefined && (waits || blocked.has(pending.rule))) {
        this.#wait(pending, blocked);
      } else this.#hit(area, pending.rule, pending.start, pending.end, pending);
    }
    if (hits !== undefined) {
      for (let i = 0; i < hits.count; i++) {
        const start = this.offset + hits.start(i);
        const stop = this.offset + hits.end(i);
        for (const rule of hits.rules(i)) {
          if (blocked.has(rule)) this.#wait(fresh(rule, start, stop, stop), blocked);
          else this.#hit(area, rule, start, stop, undefined);
        }
      }
    }
    blocked.clear();
  }

  /** Occurrences of one rule are decided in their order, so those behind an undecided one wait for it. */
  #wait(pending: Pending, blocked: Set<number>): void {
    blocked.add(pending.rule);
    this.#pending.push(pending);
  }

  #hit(area: Area, rule: number, start: number, end: number, pending: Pending | undefined): void {
    const { detector } = this;
    const { window, blocked } = detector;
    const verifier = detector.verifiers[rule];
    if (verifier === undefined) {
      this.#literal(area, rule, start, end, pending);
      return;
    }
    const last = this.#ends.get(rule) ?? 0;
    if (end <= last) return;
    if (end > this.#counted) {
      this.#steps = Math.min(this.#steps + (end - this.#counted) * STEPS_PER_BYTE, MOST_STEPS);
      this.#counted = end;
    }
    if (this.#steps <= 0) {
      this.report.unjudged();
      return;
    }
    const crowded = this.#pending.length >= MOST_PENDING;
    const { final } = window;
    window.final = final || crowded || window.end >= end + REACH + MOST_WITHIN;
    const { steps } = verifier;
    const answer = verifier.judge(window, last, start, end);
    this.#steps -= verifier.steps - steps + STEPS_PER_HIT;
    window.final = final;
    if (answer === YES) {
      this.#ends.set(rule, Math.max(verifier.end, end));
      this.#found(rule, verifier.start, verifier.end, verifier.end);
    } else if (answer === MORE) {
      this.#wait(pending ?? fresh(rule, start, end, window.end), blocked);
      if (pending !== undefined) pending.tried = window.end;
    } else if (verifier.reason !== undefined && this.report.explains) {
      this.report.drop(
        rule,
        spansOf(this, verifier.start, verifier.end),
        viewOf(this, verifier.start, verifier.end),
        verifier.reason,
      );
    }
  }

  /** Every occurrence of a literal without tests is a finding; its mask covers what it introduces, too. */
  #literal(area: Area, rule: number, start: number, end: number, pending: Pending | undefined): void {
    const { window, policy } = this.detector;
    const kind = policy.maskKinds[rule]!;
    const from = pending?.masked ?? end;
    this.#maskEnd ??= new MaskEnd(this.detector);
    const masked = this.#maskEnd.find(from, pending?.mask || kind, area.pointer + (from - this.offset));
    const next = this.#maskEnd.state;
    if (next === 0 || window.final || this.#pending.length >= MOST_PENDING) {
      this.#found(rule, start, end, masked);
      return;
    }
    const waiting = pending ?? fresh(rule, start, end, window.end);
    if (kind === MASK_BLOCK) {
      waiting.mask = next;
      waiting.masked = window.end;
    }
    this.#pending.push(waiting);
  }

  #found(rule: number, start: number, end: number, masked: number): void {
    const spans = spansOf(this, start, end);
    if (spans.length === 0) return;
    this.report.found({
      rule,
      start: spans[0]!,
      end: spans[spans.length - 1]!,
      masks: masked > end ? spansOf(this, start, masked) : spans,
      view: viewOf(this, start, end),
      depth: this.depth,
      place: placeOf(this, start, end),
    });
  }
}

function fresh(rule: number, start: number, end: number, tried: number): Pending {
  return { rule, start, end, tried, mask: 0, masked: end };
}
