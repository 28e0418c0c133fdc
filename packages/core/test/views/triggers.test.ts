import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadEngine } from '../../src/engine/wasm.js';
import { bytesOf, RUNNABLE } from '../engine/reference.js';

/** By regular expressions. */
function expected(text: string): number {
  const run =
    /[A-Za-z0-9+/_-]{16}/.test(text) || /^[A-Za-z0-9+/_-]{8}|[A-Za-z0-9+/_-]{8}$|^[A-Za-z0-9+/_-]+$/.test(text);
  return (
    (text.includes('\\') ? 1 : 0) |
    (text.includes('%') ? 2 : 0) |
    (text.includes('&') ? 4 : 0) |
    (run ? 8 : 0) |
    (/=(?:[3\n\r]|$)/.test(text) ? 16 : 0)
  );
}

describe.each(RUNNABLE)('triggers of the %s engine', async (variant) => {
  const engine = await loadEngine(variant);
  const pointer = engine.alloc(4096);
  const triggers = (text: string) => {
    const bytes = bytesOf(text);
    new Uint8Array(engine.memory.buffer).fill(0x41, pointer, pointer + 4096).set(bytes, pointer);
    return engine.triggers(pointer, bytes.length);
  };

  it.each([
    ['', 0],
    ['plain words', 0],
    ['plain words \\n', 1],
    ['at 100%!', 2],
    ['a & b', 4],
    [' = b ', 0],
    [' =3D b ', 16],
    [' =\r\nb c ', 16],
    [' b =', 16],
    ['a', 8],
    [' a ', 0],
    ['- word -', 0],
    [' abcdefghijklmno ', 0],
    [' abcdefghijklmnop ', 8],
    ['abcdefg ', 0],
    ['abcdefgh ', 8],
    [' abcdefgh', 8],
    [' abcdefg', 0],
  ])('%j: %i', (text, bits) => {
    expect(triggers(text)).toBe(bits);
    expect(expected(text)).toBe(bits);
  });

  it('agrees with regular expressions', () => {
    const part = fc.oneof(
      fc.integer({ min: 1, max: 40 }).map((n) => 'aZ9+/_-0'.repeat(5).slice(0, n)),
      fc.constantFrom(
        ' ',
        '.',
        '=',
        '3',
        '\r',
        '\n',
        '\\',
        '%',
        '&',
        '@',
        '[',
        '`',
        '{',
        '\u00e9',
        '^',
        ',',
        ':',
        '~',
        '?',
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        expect(triggers(text)).toBe(expected(text));
      }),
      { numRuns: 1000 },
    );
  });
});
