/** Deflate, bit by bit, as RFC 1951 tells it; and which input bytes hold each group of symbols. */

type Code = ReadonlyMap<string, number>;

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
];
LENGTH_BASE.push(195, 227, 258);
const lengthExtra = (code: number) => (code < 8 || code === 28 ? 0 : (code >> 2) - 1);
const distanceExtra = (code: number) => (code < 4 ? 0 : (code >> 1) - 1);
const distanceBase = (code: number) => (code < 4 ? code + 1 : ((2 + (code & 1)) << distanceExtra(code)) + 1);
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const GROUP = 16;

/** Codes as strings of bits, assigned as section 3.2.2 says. */
function codeOf(lengths: readonly number[]): Code {
  const codes = new Map<string, number>();
  let code = 0;
  for (let length = 1; length <= 15; length++, code <<= 1) {
    for (const [symbol, l] of lengths.entries()) {
      if (l === length) codes.set((code++).toString(2).padStart(length, '0'), symbol);
    }
  }
  return codes;
}

const FIXED = codeOf(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)));
const FIXED_DISTANCES = codeOf(Array.from({ length: 32 }, () => 5));

/** What a sound stream gives. `from`: where its first block begins; `end`: behind its last one. */
export function inflated(input: Uint8Array, from = 0) {
  const out: number[] = [];
  const ranges: [number, number][] = [];
  let at = from * 8;
  const bits = (count: number) => {
    let value = 0;
    for (let i = 0; i < count; i++, at++) value |= ((input[at >> 3]! >> (at & 7)) & 1) << i;
    return value;
  };
  const symbol = (codes: Code) => {
    for (let text = ''; text.length < 16; ) {
      text += bits(1);
      const found = codes.get(text);
      if (found !== undefined) return found;
    }
    throw new Error('no such code');
  };
  const block = (literals: Code, distances: Code) => {
    let begin = out.length;
    let first = at;
    const close = (behind: number) => {
      for (let i = begin; i < out.length; i++) ranges.push([first >> 3, (behind + 7) >> 3]);
      begin = out.length;
    };
    for (;;) {
      if (out.length === begin) first = at;
      const before = at;
      const value = symbol(literals);
      if (value === 256) return close(before);
      if (value < 256) out.push(value);
      else {
        const length = LENGTH_BASE[value - 257]! + bits(lengthExtra(value - 257));
        const code = symbol(distances);
        const distance = distanceBase(code) + bits(distanceExtra(code));
        for (let i = 0; i < length; i++) out.push(out[out.length - distance]!);
      }
      if (out.length - begin >= GROUP) close(at);
    }
  };
  const lengths = () => {
    const [literals, distances, codes] = [257 + bits(5), 1 + bits(5), 4 + bits(4)];
    const list = Array.from({ length: 19 }, () => 0);
    for (let i = 0; i < codes; i++) list[ORDER[i]!] = bits(3);
    const code = codeOf(list);
    const all: number[] = [];
    while (all.length < literals + distances) {
      const value = symbol(code);
      if (value < 16) all.push(value);
      else {
        const repeated = value === 16 ? all.at(-1)! : 0;
        const count = value === 16 ? 3 + bits(2) : value === 17 ? 3 + bits(3) : 11 + bits(7);
        for (let i = 0; i < count; i++) all.push(repeated);
      }
    }
    return [codeOf(all.slice(0, literals)), codeOf(all.slice(literals))] as const;
  };
  for (let isLast = false; !isLast; ) {
    isLast = bits(1) === 1;
    const kind = bits(2);
    if (kind === 0) {
      at = (at + 7) & ~7;
      const size = bits(16);
      at += 16;
      for (let i = 0; i < size; i++) {
        ranges.push([at >> 3, (at >> 3) + 1]);
        out.push(bits(8));
      }
    } else if (kind === 1) block(FIXED, FIXED_DISTANCES);
    else block(...lengths());
  }
  return { bytes: Uint8Array.from(out), ranges, end: (at + 7) >> 3 };
}
