import { undecidedBytes } from '../sensor/masker.js';
import { type Found, PIECE_BYTES, type Workbench } from './bench.js';

const STAR = 0x2a;
const NOTHING = new Uint8Array(0);

/**
 * Redacts a text that comes in pieces. What comes out does not depend on where it was cut.
 *
 *   … masked, passed on │ held back                      │ next piece …
 *                       │ may be the beginning of a match,
 *                       │ or of what a mask covers
 *
 * Held back are at most as many bytes as the longest pattern has, or 16 if that is more.
 */
export class Redactor {
  /** Whether anything was found: then some of what came in is masked. */
  masked = false;
  readonly #bench: Workbench;
  readonly #emit: (bytes: Uint8Array) => void;
  readonly #report: (found: Found) => void;
  #state = 0;
  /** Bytes that came in before the next piece. */
  #offset = 0;
  /** Masks that go on in the next piece. */
  #open: readonly number[] | undefined;
  /** What is held back: as it came, and masked as far as is known. */
  #raw: Uint8Array = NOTHING;
  #held: Uint8Array = NOTHING;

  /**
   * @param emit gets what comes out: the very array that came in if it is clean, or a new one
   * @param report gets what was found in a piece, after `emit`
   */
  constructor(bench: Workbench, emit: (bytes: Uint8Array) => void, report: (found: Found) => void) {
    this.#bench = bench;
    this.#emit = emit;
    this.#report = report;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length <= PIECE_BYTES) {
      this.#piece(bytes, bytes);
      return;
    }
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      const piece = bytes.subarray(from, from + PIECE_BYTES);
      this.#piece(piece, undefined);
    }
  }

  /** The text is over: lets go of what is held back. */
  end(): void {
    if (this.#held.length === 0) return;
    const out = this.#held;
    const { masker } = this.#bench;
    this.#bench.search(NOTHING, this.#raw, 0);
    masker.begin(this.#bench.pointer, 0, out, out.length, this.#open, out.length);
    masker.finish();
    this.#raw = NOTHING;
    this.#held = NOTHING;
    this.#open = undefined;
    this.#emit(out);
  }

  /** @param whole the array that may be passed on as it is: nobody sees more in it than the piece */
  #piece(piece: Uint8Array, whole: Uint8Array | undefined): void {
    if (piece.length === 0) return;
    if (this.#bench.search(piece, this.#raw, this.#state) || this.#open !== undefined) this.#mask(piece);
    else this.#pass(piece, whole);
  }

  #mask(piece: Uint8Array): void {
    const bench = this.#bench;
    const { masker } = bench;
    const before = this.#held.length;
    const out = new Uint8Array(before + piece.length);
    out.set(this.#held);
    out.set(piece, before);
    masker.begin(bench.pointer, piece.length, out, before, this.#open, before);
    const found = bench.found(this.#offset, (literal, start, end) => masker.add(start, end, bench.maskKind(literal)));
    this.#state = bench.state;
    this.#open = masker.finish(true);
    this.masked ||= found.findings.length > 0;
    let keep = Math.min(Math.max(bench.depth(this.#state), undecidedBytes(this.#open)), out.length);
    // What is masked stays masked, whatever follows.
    while (keep > 0 && out[out.length - keep] === STAR) keep -= 1;
    this.#advance(piece, keep);
    this.#held = keep === 0 ? NOTHING : out.slice(out.length - keep);
    // Nobody gets at what is held back through the buffer of what is passed on.
    if (keep < out.length) this.#emit(keep === 0 ? out : out.slice(0, out.length - keep));
    if (found.findings.length > 0) this.#report(found);
  }

  /** Nothing is to be masked in the piece; of what is held back, bytes may be masked. */
  #pass(piece: Uint8Array, whole: Uint8Array | undefined): void {
    const bench = this.#bench;
    const held = this.#held;
    this.#state = bench.state;
    const keep = bench.depth(this.#state);
    this.#advance(piece, keep);
    if (keep < piece.length) {
      const out = keep === 0 && whole !== undefined ? whole : piece.slice(0, piece.length - keep);
      this.#held = keep === 0 ? NOTHING : piece.slice(piece.length - keep);
      if (held.length > 0) this.#emit(held);
      this.#emit(out);
    } else {
      const both = new Uint8Array(held.length + piece.length);
      both.set(held);
      both.set(piece, held.length);
      this.#held = both.slice(both.length - keep);
      if (keep < both.length) this.#emit(both.slice(0, both.length - keep));
    }
  }

  #advance(piece: Uint8Array, keep: number): void {
    this.#offset += piece.length;
    this.#raw = keep === 0 ? NOTHING : this.#bench.tail(piece, keep);
  }
}
