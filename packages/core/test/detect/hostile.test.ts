/** Texts made to take time or memory: what is done about them is counted, in bytes, and grows as they do. */
import { brotliCompressSync, brotliDecompressSync, constants, gzipSync } from 'node:zlib';
import { definePolicy } from '@spectral/core';
import { expect, test } from 'vitest';
import { Detector } from '../../src/detect/detector.js';
import { Session } from '../../src/detect/session.js';
import { loadDictionary } from '../../src/engine/brotli-dictionary.js';
import { type EngineExports, loadEngine } from '../../src/engine/wasm.js';
import { CompiledPolicy } from '../../src/policy/compiled.js';
import { EngineMemory } from '../../src/sensor/memory.js';
import { begin, bitsToBytes, DICTIONARY, END, number, single, WINDOW_64K } from '../views/brotli-support.js';
import { encode, RULES } from './support.js';

const SIZE = 96 << 10;

const message = (coding: string, body: Uint8Array) =>
  Buffer.concat([
    encode(`POST / HTTP/1.1\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]);
const filled = (part: string | Uint8Array) => (size: number) => Buffer.alloc(size, part);

/** Escaped again and again, to the length asked for. */
function repeatedly(encoded: (text: string) => string, part: string, times: number) {
  let text = part;
  for (let i = 0; i < times; i++) text = encoded(text);
  return filled(text);
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const quoted = (text: string) => JSON.stringify(text);
const noise = (size: number) => Uint8Array.from({ length: size }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 11);
const packed = (bytes: Uint8Array) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });

/** The command that inserts one literal; the copy behind it lies beyond the meta-block. */
const ONE_LITERAL = 8;

/** 256 trees of every kind, each of one symbol, for one byte of text: as much to prepare for as little as there can be. */
const manyTrees = () => {
  const kinds = `1${number(7, 3)}${number(127, 7)}`;
  const types = (alphabet: number) => `${kinds}${single(0, alphabet)}${single(0, 5)}${number(0, 2)}`;
  const map = `${kinds}0${single(0, 8)}0`;
  const trees = (symbol: number, bits: number) => single(symbol, bits).repeat(256);
  return `${begin(1)}${types(9).repeat(3)}${number(0, 6)}${number(0, 512)}${map}${map}${trees(0x61, 8)}${trees(ONE_LITERAL, 10)}${trees(0, 6)}`;
};

const HOSTILE: Record<string, (size: number) => Uint8Array> = {
  'one line of nothing': filled('x'),
  backslashes: filled('\\'),
  'quotes escaped eight times over': repeatedly(quoted, 'a "b" c', 8),
  'JSON in JSON in JSON': repeatedly(quoted, '{"a":"b\\u0041"}', 5),
  'percent signs': filled('%25'),
  'percent signs escaped six times over': repeatedly((text) => text.replaceAll('%', '%25'), '%41 ', 6),
  ampersands: filled('&amp;'),
  'references that do not end': filled('&#11111111111111'),
  'escapes that do not end': filled('\\u00'),
  'halves of surrogates': filled('\\ud83d'),
  'base64 without end': filled(base64('some words of text, again and again, ')),
  'base64 eight times over': repeatedly(base64, 'some words of text and more', 8),
  'short runs': filled(`${base64('user:made-up-password')} `),
  joints: filled('a-'),
  names: filled('Some_name_of_something_rather_long/'),
  'hexadecimal digits': filled(Buffer.from('words and words ').toString('hex')),
  'gzip in base64, broken off': filled(`"${gzipSync(noise(40)).toString('base64').slice(0, 40)}" `),
  'beginnings of zlib': filled('eJzLAAAA eJyLAAAAAAAAAAAA '),
  'UTF-16': filled(Buffer.from('\\"%41&#65;', 'utf16le')),
  brackets: filled('[{"a":'),
  events: filled('data: {"choices":[{"delta":{"content":"x"}}]}\n\n'),
  'a bomb of gzip': (size) => message('gzip', gzipSync(Buffer.alloc(size * 300, ' '))),
  'a bomb of gzip in gzip': (size) => message('gzip', gzipSync(gzipSync(Buffer.alloc(size * 200, ' ')))),
  'a bomb of Brotli': (size) => message('br', packed(Buffer.alloc(size * 300))),
  'many small bombs': (size) => {
    const one = message('br', packed(Buffer.alloc(1 << 20)));
    return Buffer.concat(Array.from({ length: Math.ceil(size / one.length) }, () => one));
  },
  'noise in Brotli': (size) => message('br', packed(noise(size))),
  'trees of Brotli': (size) => {
    const one = manyTrees();
    const body = bitsToBytes(WINDOW_64K, one.repeat(Math.ceil((size * 8) / one.length)));
    return message('br', body);
  },
};

/** An engine that counts the bytes that it is asked to look at, or to put out. */
async function counting() {
  const engine = await loadEngine();
  loadDictionary(engine, new EngineMemory(engine), DICTIONARY);
  const seen = { bytes: 0, calls: 0 };
  const count = (bytes: number) => {
    seen.bytes += bytes;
    seen.calls += 1;
  };
  const counted: EngineExports = {
    ...engine,
    memory: engine.memory,
    scanBegin(automaton, state, pointer, length) {
      count(length);
      return engine.scanBegin(automaton, state, pointer, length);
    },
    triggers(pointer, length) {
      count(length);
      return engine.triggers(pointer, length);
    },
    decode(decoder, input, length, ...rest) {
      const taken = engine.decode(decoder, input, length, ...rest);
      count(taken + new Uint32Array(engine.memory.buffer)[engine.decodedPointer() >>> 2]!);
      return taken;
    },
  };
  const policy = new CompiledPolicy(counted, definePolicy(RULES, 'test', 3));
  const detector = new Detector(counted, new EngineMemory(counted), policy, { views: true, explain: false });
  return { engine, detector, seen };
}

const { engine, detector, seen } = await counting();

function workOf(input: Uint8Array) {
  seen.bytes = seen.calls = 0;
  const before = engine.heapUsed();
  let most = 0;
  const session = new Session(detector);
  for (let at = 0; at < input.length; at += 4096) {
    session.push(input.subarray(at, at + 4096));
    most = Math.max(most, engine.heapUsed() - before);
    session.settled.length = session.masks.length = 0;
  }
  session.end();
  return { ...seen, memory: most, left: engine.heapUsed() - before };
}

/** Looked at three times per byte of a stream: by the automaton, the triggers and decoders. */
const PASSES = 8;
const VIEWS = 12;
const RATIO = 256;

workOf(encode('warm up'));

test('the trees are sound', () => {
  const stream = bitsToBytes(WINDOW_64K, manyTrees().repeat(3), END);
  expect(brotliDecompressSync(stream).toString()).toBe('aaa');
});

test.each(Object.entries(HOSTILE))('%s', (_, make) => {
  const [small, large] = [make(SIZE), make(2 * SIZE)];
  const one = workOf(small);
  const two = workOf(large);
  // Linear, whatever it is; compressed streams end at the bound of their growth.
  const expands = Buffer.from(small).includes('Content-Encoding');
  expect(two.bytes / large.length).toBeLessThan((one.bytes / small.length) * 1.2 + (expands ? RATIO * PASSES : 1));
  expect(one.bytes).toBeLessThan(
    expands ? PASSES * (RATIO * small.length + (17 << 20)) : PASSES * VIEWS * small.length,
  );
  expect(two.calls).toBeLessThan(one.calls * 2.2 + 200);
  expect(one.memory).toBeLessThan(24 << 20);
  expect(two.left).toBeLessThan(1 << 20);
});
