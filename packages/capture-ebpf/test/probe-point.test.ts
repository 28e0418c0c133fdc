import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadAddon } from '../src/addon.js';

const vectors: { name: string; code: string; point: number }[] = JSON.parse(
  readFileSync(new URL('./vectors/probe-points.json', import.meta.url), 'utf8'),
);

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('where to probe a function', () => {
  const addon = loadAddon();

  it.each(vectors)('$name', ({ code, point }) => {
    expect(addon.probePoint(Buffer.from(code.replaceAll(' ', ''), 'hex'))).toBe(point);
  });

  it('stays within any code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (code) => {
        const point = addon.probePoint(code);
        expect(point === 0 || point < code.length).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
