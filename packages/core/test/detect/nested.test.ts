/** Streams in streams: bounded, and given back. */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { definePolicy } from '@spectral/core';
import { expect, test } from 'vitest';
import { Detector } from '../../src/detect/detector.js';
import { Session } from '../../src/detect/session.js';
import { loadEngine } from '../../src/engine/wasm.js';
import { CompiledPolicy } from '../../src/policy/compiled.js';
import { EngineMemory } from '../../src/sensor/memory.js';
import { encode, KEY, RULES, scannerOf } from './support.js';

const layers = (count: number, text: string) => {
  let bytes: Uint8Array = encode(text);
  for (let i = 0; i < count; i++) bytes = gzipSync(bytes);
  return bytes;
};

test('gzip in gzip is unpacked six times, and a hundred times does no harm', async () => {
  using scanner = await scannerOf();
  expect(scanner.scan(layers(5, KEY)).findings).toMatchObject([{ view: 'gzip/gzip/gzip/gzip/gzip' }]);
  expect(scanner.scan(layers(100, KEY)).findings).toEqual([]);
});

test('a session that is given up gives back all memory', async () => {
  const engine = await loadEngine();
  const policy = new CompiledPolicy(engine, definePolicy(RULES, 'test', 3));
  const detector = new Detector(engine, new EngineMemory(engine), policy, { views: true, explain: false });
  const head = 'POST / HTTP/1.1\r\nContent-Encoding: br\r\nContent-Length: 90000\r\n\r\n';
  const noise = Uint8Array.from({ length: 90_000 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 13);
  const inputs = [
    gzipSync(noise),
    Buffer.concat([encode(head), brotliCompressSync(noise)]),
    encode(`"${gzipSync(noise).toString('base64')}`),
    Buffer.from('abcdefgh %41 "\\n', 'utf16le'),
  ];
  const begin = () => {
    for (const input of inputs) {
      const session = new Session(detector);
      session.push(input.subarray(0, Math.ceil(input.length / 2)));
      session.free();
    }
  };
  begin();
  const used = engine.heapUsed();
  begin();
  expect(engine.heapUsed()).toBe(used);
  detector.free();
});
