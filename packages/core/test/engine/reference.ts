/** The engine's contract in its plainest form, and what the tests share. */
import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import type { Literal, Match, MatchKind } from '../../src/engine/automaton.js';
import { isSupported, VARIANTS } from '../../src/engine/wasm.js';

// Node 20 has relaxed vectors only behind a flag.
if (!isSupported('relaxed')) setFlagsFromString('--experimental-wasm-relaxed-simd');

/** The builds that run here: every suite runs against each. */
export const RUNNABLE = VARIANTS.filter(isSupported);

const fold = (byte: number) => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

/** All occurrences by comparing at every position. */
export function naive(literals: readonly Literal[], haystack: Uint8Array): Match[] {
  const found: Match[] = [];
  for (let start = 0; start < haystack.length; start++) {
    for (const [pattern, { bytes, caseInsensitive }] of literals.entries()) {
      const same = (byte: number, i: number) => {
        const have = haystack[start + i];
        return have === byte || (caseInsensitive === true && have !== undefined && fold(have) === fold(byte));
      };
      if (bytes.every(same)) found.push({ pattern, start, end: start + bytes.length });
    }
  }
  return sorted(found);
}

/** As `naive`, for sets too large for it: looks up every piece of the text that is as long as a literal. */
export function lookedUp(literals: readonly Literal[], haystack: Uint8Array): Match[] {
  const patterns = new Map<string, number[]>();
  for (const [pattern, { bytes, caseInsensitive }] of literals.entries()) {
    const text = Buffer.from(bytes).toString('latin1');
    const key = caseInsensitive ? `i${text.toLowerCase()}` : `e${text}`;
    patterns.set(key, [...(patterns.get(key) ?? []), pattern]);
  }
  const lengths = new Set(literals.map(({ bytes }) => bytes.length));
  const text = Buffer.from(haystack).toString('latin1');
  const found: Match[] = [];
  for (let start = 0; start < text.length; start++) {
    for (const length of lengths) {
      const piece = text.slice(start, start + length);
      if (piece.length < length) continue;
      for (const key of [`e${piece}`, `i${piece.toLowerCase()}`]) {
        for (const pattern of patterns.get(key) ?? []) found.push({ pattern, start, end: start + length });
      }
    }
  }
  return sorted(found);
}

/** The leftmost-longest ones: at each place the longest literal, then on behind it. */
export function naiveLongest(literals: readonly Literal[], haystack: Uint8Array): Match[] {
  const found: Match[] = [];
  // By start, then end, then pattern.
  for (const match of naive(literals, haystack)) {
    const last = found.at(-1);
    if (last === undefined || match.start >= last.end) found.push(match);
    else if (match.start === last.start && match.end > last.end) found[found.length - 1] = match;
  }
  return found;
}

export const REFERENCE: Record<MatchKind, typeof naive> = { all: naive, 'leftmost-longest': naiveLongest };
export const KINDS = Object.keys(REFERENCE) as MatchKind[];

export function sorted(matches: Match[]): Match[] {
  return matches.sort((a, b) => a.start - b.start || a.end - b.end || a.pattern - b.pattern);
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

type Bytes = string | { text?: string; hex?: string; base64?: string };

function decode(value: Bytes): Uint8Array {
  if (typeof value === 'string') return bytesOf(value);
  if (value.hex !== undefined) return new Uint8Array(Buffer.from(value.hex, 'hex'));
  if (value.base64 !== undefined) return new Uint8Array(Buffer.from(value.base64, 'base64'));
  return bytesOf(value.text ?? '');
}

interface RawVector {
  name: string;
  literals: (Bytes & { caseInsensitive?: boolean })[];
  options: { caseInsensitive?: boolean; matchKind?: MatchKind };
  haystack: Bytes;
  matches: [number, number, number][];
}

/** A literal set, a haystack, and what must be found in it. */
export interface Vector {
  readonly name: string;
  readonly literals: Literal[];
  readonly matchKind: MatchKind;
  readonly haystack: Uint8Array;
  readonly matches: Match[];
}

/** The vectors of `test/vectors/engine/*.json`; `matches` there are `[literal, start, end]`. */
export function vectors(): Vector[] {
  const folder = new URL('../vectors/engine/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.flatMap((file) =>
    (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as RawVector[]).map((raw) => ({
      name: `${file}: ${raw.name}`,
      literals: raw.literals.map((literal) => ({
        bytes: decode(literal),
        caseInsensitive:
          (typeof literal === 'object' ? literal.caseInsensitive : undefined) ?? raw.options.caseInsensitive ?? false,
      })),
      matchKind: raw.options.matchKind ?? 'all',
      haystack: decode(raw.haystack),
      matches: sorted(raw.matches.map(([pattern, start, end]) => ({ pattern, start, end }))),
    })),
  );
}

/** Small deterministic generator (mulberry32), numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
