/** A second opinion on masks: every match by itself, its mask followed over the whole text, nothing carried or merged. */
import { definePolicy, type Policy, type Rule, type Scanner, type StreamOptions } from '@spectral/core';
import fc from 'fast-check';
import type { EngineExports } from '../../src/engine/wasm.js';
import { maskKindOf } from '../../src/policy/mask.js';
import { occurrences } from '../sensor/support.js';

export function maskNaively(engine: EngineExports, policy: Policy, text: Uint8Array): Uint8Array {
  const masked = new Uint8Array(text);
  const pointer = engine.alloc(text.length + 1);
  new Uint8Array(engine.memory.buffer, pointer, text.length).set(text);
  for (const { ruleId, start, end } of occurrences(policy, text)) {
    const kind = maskKindOf(policy.rules.find(({ id }) => id === ruleId)!.pattern!);
    const covered = engine.extend(kind, pointer + end, text.length - end);
    masked.fill(0x2a, start, end + covered);
  }
  engine.release(pointer);
  return masked;
}

/** Sends pieces through a stream. */
export async function flow(scanner: Scanner, pieces: Iterable<Uint8Array>, options?: StreamOptions) {
  const { readable, writable } = scanner.stream(options);
  const out: Uint8Array[] = [];
  const writer = writable.getWriter();
  const writing = (async () => {
    for (const piece of pieces) await writer.write(piece);
    await writer.close();
  })();
  const reading = (async () => {
    for await (const part of readable) out.push(part);
  })();
  await Promise.all([writing, reading]);
  return out;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Fragments out of which texts and patterns are made: what masks look at, and literals of every kind of mask. */
const FRAGMENTS = [
  ...[' ', '"', "'", '\\', '\t', ':', '=', '-', '\n', ',', 'a', 'b', 'AB', 'é', '€', 'key', 'kEy'],
  ...['a:', 'b=', 'b= ', '-----', '-----BEGIN', '-----END', 'EN', '                ', 'x'.repeat(40)],
];

export const texts = fc
  .array(fc.constantFrom(...FRAGMENTS), { maxLength: 40 })
  .map((parts) => new TextEncoder().encode(parts.join('')));

export const policies = fc
  .uniqueArray(
    fc.array(fc.constantFrom(...FRAGMENTS.slice(0, -1)), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
    { minLength: 1, maxLength: 6 },
  )
  .chain((patterns) =>
    fc.array(fc.boolean(), { minLength: patterns.length, maxLength: patterns.length }).map((folded) =>
      definePolicy(
        patterns.map((pattern, n): Rule => {
          return { id: `r${n}`, pattern, severity: 'low', action: 'observe', ignoreCase: folded[n]! };
        }),
      ),
    ),
  );

export const places = fc.array(fc.nat(400), { maxLength: 12 });
