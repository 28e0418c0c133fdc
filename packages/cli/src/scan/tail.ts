/** The latest bytes of a stream. */
export class Tail {
  /** Offset behind the last byte. */
  end = 0;
  /** Twice `bytes` at most: most streams are short. */
  #room = new Uint8Array(0);
  #length = 0;

  constructor(readonly bytes: number) {}

  push(piece: Uint8Array): void {
    this.end += piece.length;
    const kept = piece.length > this.bytes ? piece.subarray(piece.length - this.bytes) : piece;
    if (kept.length < piece.length) this.#length = 0;
    if (this.#length + kept.length > this.#room.length) this.#grow(this.#length + kept.length);
    if (this.#length + kept.length > this.#room.length) {
      this.#room.copyWithin(0, this.#length - this.bytes, this.#length);
      this.#length = this.bytes;
    }
    this.#room.set(kept, this.#length);
    this.#length += kept.length;
  }

  #grow(least: number): void {
    const size = Math.min(2 ** Math.ceil(Math.log2(least)), 2 * this.bytes);
    if (size <= this.#room.length) return;
    const larger = new Uint8Array(size);
    larger.set(this.#room.subarray(0, this.#length));
    this.#room = larger;
  }

  /** What is still there of `[from, to)`; valid until the next `push`. */
  slice(from: number, to: number): Uint8Array {
    const start = this.end - this.#length;
    const clamp = (offset: number) => Math.min(Math.max(offset - start, 0), this.#length);
    return this.#room.subarray(clamp(from), clamp(to));
  }
}
