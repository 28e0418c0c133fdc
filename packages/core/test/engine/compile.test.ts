import { describe, expect, it } from 'vitest';
import { compileLiterals, restoreLiterals } from '../../src/index.js';

describe('literals compiled by themselves', () => {
  it('may be strings, bytes, or either with their options', async () => {
    const automaton = await compileLiterals([
      'schlüssel',
      Uint8Array.of(0, 255),
      { bytes: Buffer.from('key'), caseInsensitive: true },
    ]);
    const text = Buffer.concat([Buffer.from('KEY schlüssel '), Buffer.of(0, 255)]);
    expect(automaton.findAll(text)).toEqual([
      { pattern: 2, start: 0, end: 3 },
      { pattern: 0, start: 4, end: 14 },
      { pattern: 1, start: 15, end: 17 },
    ]);
    automaton.free();
  });

  it('report the longest from left to right when told to', async () => {
    const automaton = await compileLiterals(['sk-', 'sk-proj-', 'proj'], { matchKind: 'leftmost-longest' });
    const stream = automaton.stream();
    expect(stream.push(Buffer.from('a sk-pr'))).toEqual([]);
    expect(stream.push(Buffer.from('oj- key'))).toEqual([{ pattern: 1, start: 2, end: 10 }]);
    expect(stream.end()).toEqual([]);
    expect(Buffer.from(automaton.mask(Buffer.from('a sk-proj-1'))).toString()).toBe('a ********1');
    automaton.free();
  });

  it('can be kept as bytes', async () => {
    const automaton = await compileLiterals(['ab', 'abc']);
    const again = await restoreLiterals(automaton.toBytes(), { matchKind: 'leftmost-longest' });
    expect(again.findAll(Buffer.from('abc'))).toEqual([{ pattern: 1, start: 0, end: 3 }]);
    await expect(restoreLiterals(automaton.toBytes().fill(0, 0, 4))).rejects.toMatchObject({ code: 'ENGINE_FORMAT' });
  });

  it('refuse what is not one', async () => {
    await expect(compileLiterals([])).rejects.toMatchObject({ code: 'ENGINE_COMPILE' });
    await expect(compileLiterals(['a', ''])).rejects.toThrow(/literal 1 has 0 bytes/);
  });
});
