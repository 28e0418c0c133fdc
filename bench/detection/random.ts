/** Seeded numbers and made-up values, so that the same program writes the same set. */

export const ALPHABETS: Readonly<Record<string, string>> = {
  /** digits */ d: '0123456789',
  /** lower hexadecimal */ h: '0123456789abcdef',
  /** upper hexadecimal */ H: '0123456789ABCDEF',
  /** lower letters */ l: 'abcdefghijklmnopqrstuvwxyz',
  /** lower letters and digits */ a: 'abcdefghijklmnopqrstuvwxyz0123456789',
  /** upper letters and digits */ U: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  /** upper letters */ C: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  /** letters */ L: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  /** letters and digits */ A: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  /** base64url */ w: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  /** base64 */ b: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  /** base32, RFC 4648 */ B: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  /** bech32 data, BIP 173, in capitals */ Q: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
};
const MARK = 'MADEUP';
/** Values that are long enough to keep their rarity carry the mark, if their alphabet has its letters. */
const MARKED_LENGTH = 40;

export class Random {
  #state: number;

  /** The same name gives the same numbers, whatever else is made (FNV-1a, then mulberry32). */
  constructor(name: string) {
    let hash = 0x811c9dc5;
    for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
    this.#state = hash >>> 0;
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }

  shuffled<T>(all: readonly T[]): T[] {
    const mixed = [...all];
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
    }
    return mixed;
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)));
  }

  text(alphabet: string, count: number): string {
    let text = '';
    while (text.length < count) text += alphabet[this.below(alphabet.length)];
    if (count < MARKED_LENGTH || ![...MARK].every((letter) => alphabet.includes(letter))) return text;
    const at = this.below(count - MARK.length);
    return text.slice(0, at) + MARK + text.slice(at + MARK.length);
  }

  digits(count: number): string {
    return this.text(ALPHABETS.d!, count);
  }

  uuid(): string {
    const h = this.text(ALPHABETS.h!, 32);
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${this.pick([...'89ab'])}${h.slice(17, 20)}-${h.slice(20)}`;
  }

  /** `{w:20}` is 20 characters of the alphabet w, `{a:3-5}` 3 to 5, `{uuid}` a UUID; all else stands for itself. */
  fill(template: string): string {
    return template.replace(/\{(?:(\w):(\d+)(?:-(\d+))?|uuid)\}/g, (_, kind?: string, least?: string, most?: string) =>
      kind === undefined
        ? this.uuid()
        : this.text(ALPHABETS[kind]!, this.between(Number(least), Number(most ?? least))),
    );
  }
}
