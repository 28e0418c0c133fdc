import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Automaton, type Literal } from '../../src/engine/automaton.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { bytesOf, naive, RUNNABLE, seeded, vectors } from './reference.js';

const CHECKSUM = 84;

/** As `assembly/serial.ts` computes it, so that damage gets past the checksum and has to be found by the checks behind it. */
function seal(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(CHECKSUM, 0, true);
  let hash = 0x811c9dc5;
  for (let i = 0; i + 4 <= bytes.length; i += 4) hash = Math.imul(hash ^ view.getUint32(i, true), 0x01000193);
  view.setUint32(CHECKSUM, hash >>> 0, true);
  return bytes;
}

const LITERALS: Literal[] = ['he', 'she', 'his', 'hers', 'she', 'Needle', 'private key'].map((text, i) => ({
  bytes: bytesOf(text),
  caseInsensitive: i > 4,
}));
const HAYSTACK = bytesOf('ushers found his NEEDLE; she has a Private Key, hers');

describe.each(RUNNABLE)('serial form of the %s engine', async (variant) => {
  const engine = await loadEngine(variant);
  const original = Automaton.compile(engine, LITERALS);
  const bytes = original.toBytes();

  it.each(vectors())('finds the same afterwards: $name', ({ literals, matchKind, haystack, matches }) => {
    const first = Automaton.compile(engine, literals);
    const second = Automaton.fromBytes(engine, first.toBytes(), { matchKind });
    first.free();
    expect(second.findAll(haystack)).toEqual(matches);
    second.free();
  });

  it('is the same for the same literals, and sealed as documented', () => {
    expect(Automaton.fromBytes(engine, bytes).toBytes()).toEqual(bytes);
    expect(seal(bytes.slice())).toEqual(bytes);
  });

  it('keeps the sparse form of large sets', () => {
    const random = seeded(21);
    const literals = Array.from({ length: 8_000 }, () => ({
      bytes: Uint8Array.from({ length: 24 }, () => 97 + Math.floor(random() * 26)),
      caseInsensitive: random() < 0.1,
    }));
    const first = Automaton.compile(engine, literals);
    const second = Automaton.fromBytes(engine, first.toBytes());
    expect(second.byteSize).toBe(first.byteSize);
    const haystack = new Uint8Array(3000);
    literals.slice(0, 60).forEach(({ bytes: text }, i) => {
      haystack.set(text, i * 50);
    });
    expect(second.findAll(haystack)).toEqual(first.findAll(haystack));
    expect(second.findAll(haystack).length).toBeGreaterThanOrEqual(60);
    const damaged = first.toBytes();
    for (let i = 0; i < 25; i++) {
      const at = 128 + Math.floor(random() * (damaged.length - 128));
      const before = damaged[at]!;
      damaged[at] = Math.floor(random() * 256);
      expectNoHarm(seal(damaged));
      damaged[at] = before;
    }
    first.free();
    second.free();
  });

  /** Either refused, or an automaton that stays inside of its memory and reports nothing that begins before the text. */
  function expectNoHarm(damaged: Uint8Array): void {
    let automaton: Automaton;
    try {
      automaton = Automaton.fromBytes(engine, damaged);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENGINE_FORMAT' });
      return;
    }
    for (const match of automaton.findAll(HAYSTACK)) {
      expect(match.start).toBeGreaterThanOrEqual(0);
      expect(match.end).toBeLessThanOrEqual(HAYSTACK.length);
    }
    automaton.free();
  }

  it('refuses every cut and every change of a byte', () => {
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => Automaton.fromBytes(engine, bytes.subarray(0, length))).toThrow(/no automaton of this version/);
    }
    for (let i = 0; i < bytes.length; i += 3) {
      const damaged = bytes.slice();
      damaged[i]! ^= 0x10;
      expect(() => Automaton.fromBytes(engine, damaged)).toThrow(/no automaton of this version/);
    }
  });

  it('never walks out of bounds, whatever a hostile hand has sealed', () => {
    const words = bytes.length / 4;
    const idle = engine.heapUsed();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(words - 1), fc.oneof(fc.nat(0xffffffff), fc.nat(64), fc.nat(bytes.length))), {
          minLength: 1,
          maxLength: 3,
        }),
        (changes) => {
          const damaged = bytes.slice();
          for (const [word, value] of changes) new DataView(damaged.buffer).setUint32(word * 4, value, true);
          expectNoHarm(seal(damaged));
        },
      ),
      { seed: 6, numRuns: 1500 },
    );
    // Every field of the header with every extreme value.
    for (let at = 0; at < 128; at += 4) {
      for (const value of [0, 1, 2, 255, 256, 4096, bytes.length, 0x7fffffff, 0x80000000, 0xffffffff]) {
        const damaged = bytes.slice();
        new DataView(damaged.buffer).setUint32(at, value, true);
        expectNoHarm(seal(damaged));
      }
    }
    expect(engine.heapUsed()).toBe(idle);
  });

  it('finds what the reference finds', () => {
    const again = Automaton.fromBytes(engine, bytes);
    expect(again.findAll(HAYSTACK)).toEqual(naive(LITERALS, HAYSTACK));
    expect([...again.lengths]).toEqual([...original.lengths]);
    again.free();
  });
});
