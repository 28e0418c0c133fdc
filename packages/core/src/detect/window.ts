import { type Area, TAIL_ROOM } from './area.js';

/** The bytes of a stream that can be looked at now, by their offset in it. */
export class Window {
  view: Uint8Array = new Uint8Array(0);
  /** Offset of the byte at index 0 of `view`; may be negative. */
  base = 0;
  /** Offset of the first byte that is still there, and behind the last. */
  first = 0;
  end = 0;
  /** Nothing comes behind `end`. */
  final = false;

  /** @param offset of the piece's first byte in its stream */
  set(area: Area, offset: number, length: number, kept: number, final: boolean): void {
    this.view = area.view;
    this.base = offset - TAIL_ROOM;
    this.first = offset - kept;
    this.end = offset + length;
    this.final = final;
  }

  slice(start: number, end: number): Uint8Array {
    return this.view.subarray(start - this.base, end - this.base);
  }
}
