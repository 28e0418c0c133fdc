/** The values that pseudonyms stand for, to put them back into what comes in return. */

/** Longest pseudonym: a rule's id has 128 characters at most. */
const LONGEST_NAME = 160;
/** Values are kept until they have so many bytes together; those of later pseudonyms are not put back. */
const MOST_BYTES = 64 * 1024 * 1024;

const [OPEN, CLOSE, QUOTE] = [0x5b, 0x5d, 0x22];
const NOTHING = new Uint8Array(0);

interface Kept {
  readonly value: Uint8Array;
  /** The pseudonym was put into quotes, since it stands for a number of JSON. */
  readonly quoted: boolean;
}

const latin1 = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** Values by pseudonym, in clear: for as long as the scanner lives, in memory only. */
export class Vault {
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  keep(name: Uint8Array, value: Uint8Array, quoted: boolean): void {
    if (this.#bytes + value.length > MOST_BYTES) return;
    this.#bytes += value.length;
    this.#kept.set(latin1(name), { value: value.slice(), quoted });
  }

  find(name: Uint8Array): Kept | undefined {
    return this.#kept.get(latin1(name));
  }
}

/**
 * Puts values back into a text that comes in pieces; what comes out does not depend on the cut.
 *
 *   … passed on │ "[EMAIL_1        held back until its ] comes, or it is too long for a pseudonym
 */
export class Restorer {
  #held: Uint8Array = NOTHING;

  constructor(
    readonly vault: Vault,
    readonly emit: (bytes: Uint8Array) => void,
  ) {}

  push(bytes: Uint8Array): void {
    this.#restore(bytes, false);
  }

  end(): void {
    this.#restore(NOTHING, true);
  }

  #restore(bytes: Uint8Array, final: boolean): void {
    const text = this.#held.length === 0 ? bytes : new Uint8Array([...this.#held, ...bytes]);
    let passed = 0;
    let from = 0;
    for (;;) {
      const open = text.indexOf(OPEN, from);
      if (open < 0) break;
      const close = text.subarray(open, open + LONGEST_NAME).indexOf(CLOSE) + open;
      const isCut = close < open && text.length - open < LONGEST_NAME;
      // Behind the name a quote may belong to it.
      if (!final && (isCut || close + 1 === text.length)) {
        this.#pass(text, passed, begin(text, open, passed));
        this.#held = text.slice(begin(text, open, passed));
        return;
      }
      from = open + 1;
      if (close < open) continue;
      const kept = this.vault.find(text.subarray(open, close + 1));
      if (kept === undefined) continue;
      const inQuotes = kept.quoted && begin(text, open, passed) < open && text[close + 1] === QUOTE;
      this.#pass(text, passed, inQuotes ? open - 1 : open);
      this.emit(kept.value);
      from = passed = close + (inQuotes ? 2 : 1);
    }
    const keep = !final && text.length > passed && text[text.length - 1] === QUOTE ? 1 : 0;
    this.#pass(text, passed, text.length - keep);
    this.#held = text.slice(text.length - keep);
  }

  #pass(text: Uint8Array, from: number, to: number): void {
    if (to > from) this.emit(text.slice(from, to));
  }
}

/** Where a pseudonym that opens at `open` begins if it is in quotes. */
function begin(text: Uint8Array, open: number, passed: number): number {
  return open > passed && text[open - 1] === QUOTE ? open - 1 : open;
}
