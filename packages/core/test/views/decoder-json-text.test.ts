import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAST_ENTRIES, LEAST_ROOM } from '../../src/engine/decoder.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { cut } from '../engine/harness.js';
import { RUNNABLE } from '../engine/reference.js';
import { DecoderBench } from './decoder-harness.js';

const OUTSIDE = /^[ \t\r\n{}[\]:,+\-.0-9Eaeflnrstu]$/;
const ESCAPE = /^\\(?:["\\/bfnrt']|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})/;
const PAIR = /^\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/;

/** What an escape stands for, in UTF-8. */
function meant(written: string): Buffer {
  if (written === "\\'") return Buffer.from("'");
  if (written.startsWith('\\x')) return Buffer.of(Number.parseInt(written.slice(2), 16));
  return Buffer.from(JSON.parse(`"${written}"`) as string);
}

/** What a JSON text says, as long as it is one, and which of its bytes each byte stands for. `text`: characters are bytes. */
function reference(text: string) {
  const bytes: number[] = [];
  const ranges: [number, number][] = [];
  let phase: 'outside' | 'inside' | 'plain' = 'outside';
  for (let at = 0; at < text.length; ) {
    const character = text[at]!;
    let size = 1;
    let made: Uint8Array = Buffer.of(character.charCodeAt(0));
    if (phase === 'inside' && character === '\\') {
      const rest = text.slice(at, at + 12);
      const written = (PAIR.exec(rest) ?? ESCAPE.exec(rest))?.[0];
      if (written === undefined) phase = 'plain';
      else {
        made = Buffer.from(meant(written));
        size = written.length;
      }
    } else if (phase !== 'plain' && character === '"') phase = phase === 'inside' ? 'outside' : 'inside';
    else if (phase === 'outside' && !OUTSIDE.test(character)) phase = 'plain';
    for (const byte of made) {
      bytes.push(byte);
      ranges.push([at, at + size]);
    }
    at += size;
  }
  return { bytes: Buffer.from(bytes), ranges };
}

const latin1 = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 40 });
const json = fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text).toString('latin1'));
const parts = fc.oneof(
  json,
  json.map((text) => JSON.stringify({ 'a body in a body': text })),
  latin1.map((text) => `"${text.replace(/["\\]/g, '')}"`),
  fc.constantFrom('{"a":"', '"}', '\\n', '\\"', '\\\\', '\\/', "\\'", '\\x4a', '\\u00e9', '\\u0041\\u4e2d', 'true,'),
  fc.constantFrom(
    '\\ud83d\\ude00',
    '\\ud83d',
    '\\ude00\\u0041',
    '\\ud83d\\n',
    '\\u12',
    '\\q',
    'x'.repeat(70),
    ' \t\r\n',
  ),
  fc.constantFrom('\\', '"', '/', 'POST / HTTP/1.1', '\x0b', '\x7f'),
);
const texts = fc.array(parts, { maxLength: 12 }).map((all) => all.join(''));
const cuts = fc.array(fc.nat(600), { maxLength: 9 });

describe.each(RUNNABLE)('JSON texts in the %s engine', async (variant) => {
  const bench = new DecoderBench(await loadEngine(variant));

  it('become what they say, whatever the cuts and the room', () => {
    fc.assert(
      fc.property(texts, cuts, fc.boolean(), (text, places, small) => {
        const expected = reference(text);
        const room = small ? { room: LEAST_ROOM, entries: LEAST_ENTRIES } : {};
        const { bytes, ranges } = bench.run('jsonText', cut(Buffer.from(text, 'latin1'), places), room);
        expect(bytes.toString()).toBe(expected.bytes.toString());
        expect(ranges).toEqual(expected.ranges);
      }),
      { numRuns: 600 },
    );
  });

  it('come in long strings', () => {
    const text = JSON.stringify({ text: `${'a line of text\n'.repeat(20_000)}"${'é'.repeat(999)}` });
    const { bytes } = bench.run('jsonText', cut(Buffer.from(text), [1, 17, 70_000]));
    expect(Buffer.from(bytes).toString()).toBe(text.replaceAll('\\n', '\n').replaceAll('\\"', '"'));
  });
});
