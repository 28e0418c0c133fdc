/** Lines whose beginnings are remembered: those of anything that a finding may still be reported for. */
const MOST_LINES = 65_536;

const NEWLINE = 0x0a;

/** Where lines begin, of the latest part of a text that comes in pieces. */
export class Lines {
  #starts: number[] = [0];
  /** Lines before the first that is remembered. */
  #before = 0;
  #offset = 0;

  push(piece: Uint8Array): void {
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) {
      this.#starts.push(this.#offset + at + 1);
    }
    this.#offset += piece.length;
    const surplus = this.#starts.length - MOST_LINES;
    // Not at every line: taking from the front costs as much as what stays.
    if (surplus < MOST_LINES) return;
    this.#starts.splice(0, surplus);
    this.#before += surplus;
  }

  /** Line and column of an offset, from 1, the column in bytes; `undefined` if the line is forgotten. */
  at(offset: number): { readonly line: number; readonly column: number } | undefined {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    return { line: this.#before + low, column: offset - this.#starts[low - 1]! + 1 };
  }
}
