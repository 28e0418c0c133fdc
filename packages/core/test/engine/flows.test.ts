import { describe, expect, it } from 'vitest';
import { Automaton } from '../../src/engine/automaton.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { RECORD_BYTES } from '../../src/sensor/batch.js';
import { Bench, cut, REASON } from './harness.js';
import { bytesOf, naive, RUNNABLE, seeded } from './reference.js';

describe.each(RUNNABLE)('flows of the %s engine', async (variant) => {
  const engine = await loadEngine(variant);
  const literals = [{ bytes: bytesOf('needle') }];
  const automaton = Automaton.compile(engine, literals);

  const tail = (bench: Bench, slot: number, from: number, length: number) => {
    const to = engine.alloc(8192);
    const n = engine.tailCopy(bench.flows, slot, from, length, to);
    const copy = new Uint8Array(engine.memory.buffer.slice(to, to + n));
    engine.release(to);
    return copy;
  };

  it('keeps the last 4,096 bytes of a flow', () => {
    const random = seeded(5);
    const bytes = Uint8Array.from({ length: 30_000 }, () => 65 + Math.floor(random() * 20));
    const bench = new Bench(engine);
    let offset = 0;
    for (const size of [1, 15, 100, 4000, 4096, 1, 5000, 63, 64, 65, 9000, 4095]) {
      const part = bytes.subarray(offset, offset + size);
      bench.put(0, 3, part, offset);
      bench.run(automaton, 1);
      offset += size;
      const from = Math.max(0, offset - 4096);
      expect(bench.slot(3).offset).toBe(offset);
      expect(tail(bench, 3, from, 8192)).toEqual(bytes.slice(from, offset));
      expect(tail(bench, 3, offset - 1, 1)).toEqual(bytes.slice(offset - 1, offset));
      if (offset > 20) expect(tail(bench, 3, offset - 17, 8)).toEqual(bytes.slice(offset - 17, offset - 9));
    }
    expect(tail(bench, 3, 0, 100)).toHaveLength(0);
    expect(tail(bench, 3, offset, 100)).toHaveLength(0);
    expect(tail(bench, 3, offset - 4100, 10)).toEqual(bytes.slice(offset - 4096, offset - 4090));
    bench.free();
  });

  it('leaves the tail unallocated until the first byte', () => {
    const bench = new Bench(engine);
    bench.put(0, 0, bytesOf(''));
    bench.run(automaton, 1);
    expect(bench.slot(0).tail).toBe(0);
    bench.put(0, 0, bytesOf('x'));
    bench.run(automaton, 1);
    expect(bench.slot(0).tail).not.toBe(0);
    engine.flowRelease(bench.flows, 0);
    expect(bench.slot(0)).toEqual({ offset: 0, base: 0, state: 0, epoch: 0, tail: 0 });
    bench.free();
  });

  it('stops at a gap and matches nothing across it', () => {
    const bench = new Bench(engine);
    bench.put(0, 0, bytesOf('nee'), 0);
    bench.put(1, 0, bytesOf('dle needle'), 10);
    expect(engine.scanBatch(automaton.handle, 1, bench.flows, bench.table, 0, 2)).toBe(1);
    expect(bench.status().reason).toBe(REASON.gap);
    engine.flowReset(bench.flows, 0, 10);
    expect(engine.scanBatch(automaton.handle, 1, bench.flows, bench.table, 1, 2)).toBe(1);
    expect(bench.hits(bench.status().hits)).toEqual([{ pattern: 0, end: 10 }]);
    engine.flowCommit(bench.flows, 0, automaton.handle, bench.data + 3, 10);
    expect(bench.slot(0)).toMatchObject({ offset: 20, base: 10 });
    expect(tail(bench, 0, 0, 100)).toEqual(bytesOf('dle needle'));
    bench.free();
  });

  it('hands over other records and flows that want attention, and commits neither', () => {
    const bench = new Bench(engine);
    bench.put(0, 0, bytesOf('abc'), 0);
    bench.put(1, 0, bytesOf(''), -1, 2);
    bench.put(2, 0, bytesOf('def'), 3);
    expect(engine.scanBatch(automaton.handle, 1, bench.flows, bench.table, 0, 3)).toBe(1);
    expect(bench.status().reason).toBe(REASON.other);
    new DataView(engine.memory.buffer).setUint32(bench.flows + 28, 1, true);
    expect(engine.scanBatch(automaton.handle, 1, bench.flows, bench.table, 2, 3)).toBe(2);
    expect(bench.status()).toMatchObject({ reason: REASON.attention, hits: 0, more: 0 });
    expect(bench.slot(0).offset).toBe(3);
    new DataView(engine.memory.buffer).setUint32(bench.flows + 28, 0, true);
    expect(engine.scanBatch(automaton.handle, 1, bench.flows, bench.table, 2, 3)).toBe(3);
    expect(bench.status().reason).toBe(REASON.done);
    bench.free();
  });

  it('refuses rows that point outside of memory or of the flow table', () => {
    const bench = new Bench(engine);
    const view = new DataView(engine.memory.buffer, bench.table, RECORD_BYTES);
    for (const [at, value] of [
      [0, 0xfffffff0],
      [4, 0x7fffffff],
      [8, 16],
      [8, 0xffffffff],
    ] as const) {
      bench.put(0, 0, bytesOf('abc'));
      view.setUint32(at, value, true);
      expect(engine.scanBatch(automaton.handle, 1, bench.flows, bench.table, 0, 1)).toBe(0);
      expect(bench.status().reason).toBe(REASON.malformed);
    }
    bench.free();
  });

  it('goes on with another automaton in the middle of a match', () => {
    const bench = new Bench(engine);
    const other = Automaton.compile(engine, [
      { bytes: bytesOf('eedle') },
      { bytes: bytesOf('x') },
      { bytes: bytesOf('needles') },
    ]);
    bench.put(0, 0, bytesOf('a need'));
    bench.run(automaton, 1, 1);
    bench.put(0, 0, bytesOf('les'));
    expect(bench.run(other, 1, 2).get(0)).toEqual([
      { pattern: 2, start: 2, end: 9 },
      { pattern: 0, start: 3, end: 8 },
    ]);
    other.free();
    bench.free();
  });

  it('ends a scan in the same state whether it committed the bytes itself or JS did', () => {
    const random = seeded(9);
    const sets = [
      ['ab', 'abba', 'bab'],
      ['aaaa', 'b'],
      ['abab', 'baba', 'aabbaabb'],
    ];
    for (const texts of sets) {
      const set = Automaton.compile(
        engine,
        texts.map((text) => ({ bytes: bytesOf(text) })),
      );
      const bytes = Uint8Array.from({ length: 400 }, () => 97 + Math.floor(random() * 2));
      const bench = new Bench(engine);
      let offset = 0;
      for (const part of cut(bytes, [3, 9, 10, 40, 200])) {
        bench.put(0, 0, part);
        bench.run(set, 1);
        engine.flowReset(bench.flows, 1, 0);
        offset += part.length;
        bench.put(0, 1, bytes.subarray(0, offset));
        engine.flowCommit(bench.flows, 1, set.handle, bench.data, offset);
        expect(bench.slot(1).state).toBe(bench.slot(0).state);
      }
      expect(
        naive(
          texts.map((text) => ({ bytes: bytesOf(text) })),
          bytes,
        ).length,
      ).toBeGreaterThan(0);
      bench.free();
      set.free();
    }
  });
});
