import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadEngine } from '../../src/engine/wasm.js';
import { bytesOf, RUNNABLE } from './reference.js';

const KINDS = { digits: 1, at: 2, iban: 4, dots: 8, colons: 16 } as const;
const ALL = 31;

const DATE = ['-', '[.]', '/']
  .map(
    (by) => `(?:(?:19|20)[0-9]{2}${by}[0-3][0-9]${by}[0-3][0-9]|[0-3][0-9]${by}[0-3][0-9]${by}(?:19|20)[0-9]{2})[^0-9]`,
  )
  .join('|');
/** So many digits, and those of dates are none. */
const digits = (count: string) => `^(?!${DATE})[0-9](?:[0-9]|[ ./()-]{1,2}(?!${DATE})[0-9])${count}`;

/** What a place of each kind is, in a text that goes on behind its end or not: unknown characters at the end count as fitting. */
function reference(text: string, open: boolean): string[] {
  const places: string[] = [];
  const end = open ? '$' : '(?!)';
  const patterns: Record<keyof typeof KINDS, RegExp> = {
    digits: new RegExp(`${digits('{7}')}|${digits('*')}[ ./()-]{0,2}${end}`, 's'),
    at: new RegExp(`^@(?:[A-Za-z0-9]|${end})`),
    iban: new RegExp(`^[A-Z]{2} ?[0-9]{2}|^[A-Z](?:[A-Z](?: ?[0-9]?)?)?${end}`),
    dots: new RegExp(`^(?:[0-9]{1,3}\\.){3}[0-9]|^[0-9]{1,3}(?:\\.[0-9]{1,3}){0,2}\\.?${end}`),
    colons: new RegExp(`^:(?::|${end})`),
  };
  for (let i = 0; i < text.length; i++) {
    const rest = text.slice(i);
    const before = i > 0 ? text[i - 1]! : '';
    const lead = text.slice(0, i);
    const number = /(?:^|[^A-Za-z0-9])[A-Z]-?$/.test(lead)
      ? new RegExp(`${digits('{6}')}|${digits('*')}[ ./()-]{0,2}${end}`, 's').test(rest)
      : !/[A-Za-z0-9]$|[0-9][.-]$/.test(lead) && patterns.digits.test(rest);
    if (number) places.push(`digits ${i}`);
    if (/[A-Za-z0-9._%+-]/.test(before) && patterns.at.test(rest)) places.push(`at ${i}`);
    if (patterns.iban.test(rest)) places.push(`iban ${i}`);
    if (!/[A-Za-z0-9.]/.test(before) && patterns.dots.test(rest)) places.push(`dots ${i}`);
    const group = new RegExp(`^:[0-9a-fA-F]{1,4}(?::|${end})`).test(rest) && /[0-9a-fA-F]/.test(before);
    if (before !== ':' && (patterns.colons.test(rest) || group)) places.push(`colons ${i}`);
  }
  return places.sort();
}

const unit = fc.constantFrom(...'0189 -./()@:AZaf_%,x', '20', '19', '2024-05-31', '1999.12.01', 'X1234567');
const texts = fc.string({ unit, maxLength: 60 });

describe.each(RUNNABLE)('anchors of the %s engine', async (variant) => {
  const engine = await loadEngine(variant);
  const buffer = engine.alloc(1 << 17);
  const names = new Map(Object.entries(KINDS).map(([name, kind]) => [kind as number, name]));

  /** All places of a text that is given in pieces, with at most 64 bytes of what came before. */
  const places = (text: string, cuts: readonly number[], kinds = ALL): string[] => {
    const bytes = bytesOf(text);
    const found: string[] = [];
    const borders = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    new Uint8Array(engine.memory.buffer).set(bytes, buffer);
    let at = 0;
    for (let i = 1; i < borders.length; i++) {
      const [from, to] = [borders[i - 1]!, borders[i]!];
      const final = i === borders.length - 1 ? 1 : 0;
      for (;;) {
        const count = engine.anchors(buffer + from, at - from, to - from, Math.min(from, 64), kinds, final);
        const status = new Uint32Array(engine.memory.buffer, engine.statusPointer(), 4);
        const hits = new Int32Array(engine.memory.buffer, engine.hitsPointer(), 2 * count);
        for (let n = 0; n < count; n++) found.push(`${names.get(hits[2 * n]!)} ${from + hits[2 * n + 1]!}`);
        at = from + (status[3]! | 0);
        if (status[2] === 0) break;
      }
    }
    return found.sort();
  };

  it('are where the reference sees them', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(places(text, [])).toEqual(reference(text, true));
      }),
    );
  });

  it('are the same in any cut', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(60), { maxLength: 8 }), (text, cuts) => {
        expect(places(text, cuts)).toEqual(reference(text, true));
      }),
      { numRuns: 1000 },
    );
  });

  it('are only those of the kinds that are asked for', () => {
    for (const [name, kind] of Object.entries(KINDS)) {
      const wanted = reference('a@b 127.0.0.1 12345678 DE44 ::1', true).filter((place) => place.startsWith(name));
      expect(places('a@b 127.0.0.1 12345678 DE44 ::1', [], kind)).toEqual(wanted);
    }
  });

  it('may be more than fit into one answer', () => {
    expect(places('1.1.1.1,'.repeat(10_000), [], KINDS.dots)).toHaveLength(10_000);
  });
});
