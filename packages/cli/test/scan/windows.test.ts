import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lines } from '../../src/scan/lines.js';
import { Tail } from '../../src/scan/tail.js';

describe('Lines', () => {
  it('knows line and column of every offset, whatever the cut', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'bc', '\n', '\n\n', ''), { maxLength: 20 }), (parts) => {
        const lines = new Lines();
        for (const part of parts) lines.push(Buffer.from(part));
        const text = parts.join('');
        for (let offset = 0; offset <= text.length; offset++) {
          const before = text.slice(0, offset).split('\n');
          expect(lines.at(offset)).toEqual({ line: before.length, column: before.at(-1)!.length + 1 });
        }
      }),
      { seed: 51, numRuns: 200 },
    );
  });

  it('forgets the beginning of a long text', () => {
    const lines = new Lines();
    for (let i = 0; i < 4; i++) lines.push(Buffer.alloc(65_536, '\n'));
    expect(lines.at(0)).toBeUndefined();
    expect(lines.at(4 * 65_536 - 1)).toEqual({ line: 4 * 65_536, column: 1 });
  });
});

describe('Tail', () => {
  it('has the latest bytes, whatever the cut', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 9 }), (list, room) => {
        const tail = new Tail(room);
        for (const piece of list) tail.push(piece);
        const all = Buffer.concat(list);
        expect(tail.end).toBe(all.length);
        const from = Math.max(all.length - room, 0);
        expect(Buffer.from(tail.slice(from, all.length + 5))).toEqual(all.subarray(from));
        for (let at = 0; at < all.length; at++) {
          const got = Buffer.from(tail.slice(at, all.length));
          expect(got).toEqual(all.subarray(all.length - got.length));
        }
      }),
      { seed: 52, numRuns: 300 },
    );
  });
});
