/** The latest bytes of a stream. */
export class Tail {
  /** Offset behind the last byte. */
  end = 0;
  readonly #room: Uint8Array;
  #length = 0;

  constructor(readonly bytes: number) {
    this.#room = new Uint8Array(2 * bytes);
  }

  push(piece: Uint8Array): void {
    this.end += piece.length;
    const kept = piece.length > this.bytes ? piece.subarray(piece.length - this.bytes) : piece;
    if (kept.length < piece.length) this.#length = 0;
    if (this.#length + kept.length > this.#room.length) {
      this.#room.copyWithin(0, this.#length - this.bytes, this.#length);
      this.#length = this.bytes;
    }
    this.#room.set(kept, this.#length);
    this.#length += kept.length;
  }

  /** What is still there of `[from, to)`; valid until the next `push`. */
  slice(from: number, to: number): Uint8Array {
    const start = this.end - this.#length;
    const clamp = (offset: number) => Math.min(Math.max(offset - start, 0), this.#length);
    return this.#room.subarray(clamp(from), clamp(to));
  }
}
