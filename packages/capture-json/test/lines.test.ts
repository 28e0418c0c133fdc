import { LineSplitter } from '@spectral/capture-json';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cut } from '../../core/test/sensor/support.js';

const MOST = 12;

function split(pieces: readonly Uint8Array[]): string[] {
  const found: string[] = [];
  const splitter = new LineSplitter(MOST, {
    line: (bytes, number) => found.push(`${number} ${bytes.toString('latin1')}`),
    tooLong: (number) => found.push(`${number} too long`),
  });
  const shared = Buffer.alloc(Math.max(1, ...pieces.map(({ length }) => length)));
  for (const piece of pieces) {
    shared.set(piece);
    splitter.push(shared.subarray(0, piece.length));
    shared.fill(0x21);
  }
  splitter.end();
  return found;
}

it('finds the lines of a text, however it is cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\r', '\n'), maxLength: 120 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(200), { maxLength: 30 }), (whole, places) => {
      const expected = whole.split('\n').flatMap((line, index) => {
        if (line.length > MOST) return [`${index + 1} too long`];
        const bare = line.replace(/\r$/, '');
        return bare === '' ? [] : [`${index + 1} ${bare}`];
      });
      expect(split(cut(Buffer.from(whole), places))).toEqual(expected);
    }),
    { seed: 3, numRuns: 3000 },
  );
});

it('keeps no more than the longest line, whatever comes', () => {
  const splitter = new LineSplitter(1e6, { line() {}, tooLong() {} });
  const before = process.memoryUsage().arrayBuffers;
  for (let n = 0; n < 400; n++) splitter.push(Buffer.alloc(65_536, 'x'));
  for (let n = 0; n < 200_000; n++) splitter.push(Buffer.from('y'));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40e6);
});
