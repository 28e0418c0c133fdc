import { describe, expect, it } from 'vitest';
import { Automaton } from '../../src/engine/automaton.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { EngineError } from '../../src/errors.js';
import { Bench } from './harness.js';
import { bytesOf, RUNNABLE, seeded } from './reference.js';

let random = seeded(7);
const word = () => Uint8Array.from({ length: 1 + Math.floor(random() * 20) }, () => 97 + Math.floor(random() * 26));

describe.each(RUNNABLE)('memory of the %s engine', async (variant) => {
  it('does not grow under endless compile and free', async () => {
    const engine = await loadEngine(variant);
    const idle = engine.heapUsed();
    const round = () => {
      random = seeded(8);
      const live: Automaton[] = [];
      for (let i = 0; i < 40; i++) {
        const size = 1 + Math.floor(random() * 60);
        live.push(
          Automaton.compile(
            engine,
            Array.from({ length: size }, () => ({ bytes: word(), caseInsensitive: random() < 0.3 })),
          ),
        );
        if (random() < 0.5) live.splice(Math.floor(random() * live.length), 1)[0]!.free();
      }
      for (const automaton of live) automaton.free();
    };
    for (let i = 0; i < 3; i++) round();
    const size = engine.memory.buffer.byteLength;
    for (let i = 0; i < 30; i++) round();
    expect(engine.heapUsed()).toBe(idle);
    expect(engine.memory.buffer.byteLength).toBe(size);
  });

  it('does not grow under endless flows', async () => {
    const engine = await loadEngine(variant);
    const automaton = Automaton.compile(engine, [{ bytes: bytesOf('needle') }]);
    const bench = new Bench(engine, 64);
    const idle = engine.heapUsed();
    for (let i = 0; i < 2000; i++) {
      bench.put(0, i % 64, bytesOf('some text'));
      bench.run(automaton, 1);
      if (i >= 32) engine.flowRelease(bench.flows, (i - 32) % 64);
    }
    for (let i = 0; i < 64; i++) engine.flowRelease(bench.flows, i);
    expect(engine.heapUsed()).toBe(idle);
    expect(engine.memory.buffer.byteLength).toBeLessThan(8 << 20);
    bench.free();
  });

  it('allocates nothing in JavaScript where nothing is found', async () => {
    const engine = await loadEngine(variant);
    const automaton = Automaton.compile(engine, [{ bytes: bytesOf('needle') }]);
    const bench = new Bench(engine);
    const { handle } = automaton;
    const { flows, table } = bench;
    for (let row = 0; row < 60; row++) bench.put(row, row % 16, bytesOf('a haystack without any '.repeat(20)));
    const scan = (rounds: number) => {
      for (let i = 0; i < rounds; i++) engine.scanBatch(handle, 1, flows, table, 0, 60);
    };
    scan(2000);
    const before = process.memoryUsage().heapUsed;
    scan(2000);
    // One object for a record would be at least 16 bytes × 120,000.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(256 << 10);
    expect(bench.status().reason).toBe(0);
    automaton.free();
    bench.free();
  });

  it('never hands out memory twice', async () => {
    const engine = await loadEngine(variant);
    const live = new Map<number, { size: number; fill: number }>();
    for (let i = 0; i < 3000; i++) {
      if (live.size > 0 && random() < 0.48) {
        const keys = [...live.keys()];
        const pointer = keys[Math.floor(random() * keys.length)]!;
        const { size, fill } = live.get(pointer)!;
        expect(new Uint8Array(engine.memory.buffer, pointer, size).every((byte) => byte === fill)).toBe(true);
        engine.release(pointer);
        live.delete(pointer);
      } else {
        const size = Math.floor(random() ** 3 * 20_000);
        const pointer = engine.alloc(size);
        expect(pointer % 16).toBe(0);
        new Uint8Array(engine.memory.buffer, pointer, size).fill(i & 255);
        live.set(pointer, { size, fill: i & 255 });
      }
    }
    for (const pointer of live.keys()) engine.release(pointer);
    expect(engine.heapUsed()).toBe(0);
  });

  it('answers 0, and stays whole, when memory is exhausted', async () => {
    const engine = await loadEngine(variant);
    const blocks: number[] = [];
    for (let size = 1 << 30; size >= 16; size >>>= 1) {
      for (let p = engine.alloc(size); p !== 0; p = engine.alloc(size)) blocks.push(p);
    }
    expect(engine.flowsCreate(100)).toBe(0);
    expect(engine.alloc(0xffffffff)).toBe(0);
    expect(() => Automaton.compile(engine, [{ bytes: bytesOf('needle') }])).toThrow(EngineError);
    for (const p of blocks) engine.release(p);
    const automaton = Automaton.compile(engine, [{ bytes: bytesOf('needle') }]);
    expect(automaton.findAll(bytesOf('a needle'))).toEqual([{ pattern: 0, start: 2, end: 8 }]);
    const again: number[] = [];
    for (let p = engine.alloc(1 << 26); p !== 0; p = engine.alloc(1 << 26)) again.push(p);
    for (let p = engine.alloc(4096); p !== 0; p = engine.alloc(4096)) again.push(p);
    const refused = engine.flowsCreate(1);
    expect(refused === 0 || engine.alloc(4096) === 0).toBe(true);
    for (const p of again) engine.release(p);
  });
});

describe.each(RUNNABLE)('the end of memory, in the %s engine', async (variant) => {
  it('is not read past, however long the literals that may begin there', async () => {
    const engine = await loadEngine(variant);
    const long = new Uint8Array(4096).fill(0x71);
    const literals = [long, Uint8Array.of(...long.subarray(0, 900), 0x7a), bytesOf('qqqqqqqz')];
    const automaton = Automaton.compile(
      engine,
      literals.map((bytes) => ({ bytes })),
    );
    // Blocks come from the lowest address that has room, so the last one lies at the end.
    const blocks: number[] = [];
    for (let p = engine.alloc(1 << 16); p !== 0 && blocks.length < 64; p = engine.alloc(1 << 16)) blocks.push(p);
    const end = engine.memory.buffer.byteLength - 64;
    for (const length of [8, 100, 5000]) {
      new Uint8Array(engine.memory.buffer).fill(0x71, end - length, end);
      const expected = length === 5000 ? 905 : 0;
      let found = engine.scanBegin(automaton.handle, 0, end - length, length);
      while (new Uint32Array(engine.memory.buffer, engine.statusPointer(), 4)[2] !== 0) found += engine.scanOn();
      expect(found).toBe(expected);
    }
  });
});

describe('what the engine refuses', async () => {
  const engine = await loadEngine();

  it('refuses empty and overlong literals, and empty sets', () => {
    const refuse = (literals: { bytes: Uint8Array }[]) => () => Automaton.compile(engine, literals);
    expect(refuse([])).toThrow(/1 to 1048576 literals, not 0/);
    expect(refuse([{ bytes: bytesOf('a') }, { bytes: new Uint8Array(0) }])).toThrow(/literal 1 has 0 bytes/);
    expect(refuse([{ bytes: new Uint8Array(4097) }])).toThrow(/literal 0 has 4097 bytes/);
  });

  it('refuses malformed specs in the module itself', () => {
    const compile = (words: number[], bytes = words.length * 4) => {
      const pointer = engine.alloc(64);
      new Uint32Array(engine.memory.buffer, pointer, words.length).set(words);
      const handle = engine.compile(pointer, bytes);
      engine.release(pointer);
      return handle;
    };
    expect(compile([1, 4, 0, 0x61616161])).not.toBe(0);
    for (const words of [
      [],
      [0],
      [1],
      [1, 4],
      [1, 5, 0, 0],
      [1, 0, 0],
      [1, 4, 2, 0],
      [1, 0xffffffff, 0, 0],
      [2, 4, 0, 0],
      [1, 4, 0, 0, 0],
    ]) {
      expect(compile(words)).toBe(0);
    }
    expect(compile([1, 4, 0, 0x61616161], 15)).toBe(0);
  });

  it('frees once, and says so when used afterwards', () => {
    const automaton = Automaton.compile(engine, [{ bytes: bytesOf('needle') }]);
    automaton.free();
    automaton.free();
    expect(() => automaton.findAll(bytesOf('x'))).toThrow(/was freed/);
  });
});
