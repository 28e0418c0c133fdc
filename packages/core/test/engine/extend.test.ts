import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadEngine } from '../../src/engine/wasm.js';
import { cut } from './harness.js';
import { bytesOf, RUNNABLE } from './reference.js';

const TOKEN = 1;
const LINE = 2;
const BLOCK = 3;
const VALUE = 4;

describe.each(RUNNABLE)('mask extension of the %s engine', async (variant) => {
  const engine = await loadEngine(variant);
  const buffer = engine.alloc(1 << 16);

  const step = (state: number, bytes: Uint8Array) => {
    new Uint8Array(engine.memory.buffer, buffer, bytes.length).set(bytes);
    const n = engine.extend(state, buffer, bytes.length);
    return { n, state: new Uint32Array(engine.memory.buffer, engine.statusPointer(), 4)[3]! };
  };

  const covered = (kind: number, chunks: readonly Uint8Array[]) => {
    let state = kind;
    let total = 0;
    for (const chunk of chunks) {
      const { n, state: next } = step(state, chunk);
      total += n;
      state = next;
      if (n < chunk.length) expect(state).toBe(0);
      if (state === 0) break;
    }
    return total;
  };

  it.each([
    [TOKEN, 'abc123 next', 'abc123'],
    [TOKEN, 'abc"', 'abc'],
    [TOKEN, '": "value", "b"', '": "value'],
    [TOKEN, '\\":\\"value\\",', '\\":\\"value'],
    [TOKEN, '=value&x=1', '=value'],
    [TOKEN, ' := value;', ' := value'],
    [TOKEN, '", "next": 1', ''],
    [TOKEN, ' and so on', ''],
    [TOKEN, '', ''],
    [TOKEN, '=', '='],
    [TOKEN, 'é€ ', 'é€'],
    [TOKEN, '                = x', ''],
    [TOKEN, '               =x y', '               =x'],
    [LINE, ': secret words here\nnext', ': secret words here'],
    [LINE, ' = secret words" next', ' = secret words'],
    [LINE, '\nnext', ''],
    [BLOCK, '\nMII\n-----END RSA PRIVATE KEY-----\nmore', '\nMII\n-----END RSA PRIVATE KEY-----'],
    [BLOCK, ' X-----AAAA------END X-----', ' X-----AAAA------END X-----'],
    [BLOCK, 'A-----EN-----END-- - -----!', 'A-----EN-----END-- - -----'],
    [VALUE, 'abc def', 'abc'],
    [VALUE, '"abc" def', '"abc'],
    [VALUE, '  \\"abc\\"', '  \\"abc'],
    [VALUE, '\nabc', ''],
  ])('kind %i over %j', (kind, text, expected) => {
    const bytes = bytesOf(text);
    expect(new TextDecoder().decode(bytes.subarray(0, covered(kind, [bytes])))).toBe(expected);
  });

  it.each([
    [TOKEN, 4096],
    [LINE, 4096],
    [BLOCK, 16384],
    [VALUE, 4096],
  ])('kind %i gives up after its budget', (kind, budget) => {
    const bytes = new Uint8Array(20_000).fill(0x61);
    expect(covered(kind, [bytes])).toBe(budget);
    expect(covered(kind, cut(bytes, [1, 4000, 4096, 4097, 10_000]))).toBe(budget);
  });

  it('ignores states it never gave out', () => {
    for (const state of [0, 5, 6, 7, 0xfffffff8]) expect(step(state, bytesOf('abc'))).toEqual({ n: 0, state: 0 });
    for (const state of [0xffffffff, 0xfffffff9, 0x0000ffc2, 0x10f3])
      expect(step(state, bytesOf('ab: "c')).n).toBeLessThanOrEqual(6);
  });

  it('covers at least what it covers without cuts, wherever the text is cut', () => {
    const pieces = fc.constantFrom(
      ' ',
      '"',
      '\\',
      ':',
      '=',
      '\t',
      "'",
      'abc',
      ',',
      '\n',
      '-----END',
      '-----',
      '-',
      'E',
      'EN',
      '{',
      'é',
      'x'.repeat(20),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(TOKEN, LINE, BLOCK, VALUE),
        fc.array(pieces, { maxLength: 24 }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        (kind, parts, places) => {
          const bytes = bytesOf(parts.join(''));
          const whole = covered(kind, [bytes]);
          const inPieces = covered(kind, cut(bytes, places));
          expect(inPieces).toBeGreaterThanOrEqual(whole);
          expect(inPieces - whole).toBeLessThanOrEqual(16);
          expect(
            covered(
              kind,
              cut(
                bytes,
                Array.from(bytes, (_, i) => i),
              ),
            ),
          ).toBeGreaterThanOrEqual(whole);
        },
      ),
      { seed: 4, numRuns: 3000 },
    );
  });
});
