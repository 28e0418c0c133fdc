/**
 * How fast the decoders are.
 *
 *   npm run bench:views -- [--quick] [--variant NAME]
 *
 * Rates are bytes of input per second, for the inflaters bytes of output; the triggers' and clean text are what all traffic pays.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { brotliCompressSync, brotliDecompressSync, constants, deflateRawSync, gzipSync } from 'node:zlib';
import { brotliDictionary, loadDictionary } from '../packages/core/src/engine/brotli-dictionary.js';
import { Decoder, type DecoderKind, ENTRY_BYTES, LOOKBACK } from '../packages/core/src/engine/decoder.js';
import {
  type EngineExports,
  isSupported,
  loadEngine,
  VARIANTS,
  type Variant,
} from '../packages/core/src/engine/wasm.js';
import { EngineMemory } from '../packages/core/src/sensor/memory.js';
import { describeMachine } from './support/machine.js';
import { printResult, saveResult } from './support/results.js';
import { harmlessText } from './support/text.js';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, variant: { type: 'string' } },
});

const SIZE = options.quick ? 1 << 20 : 8 << 20;
const RUNS = options.quick ? 5 : 15;
/** Bytes of input per call, as records have them, and room for what comes out of one. */
const PIECE = 16 << 10;
const ROOM = 64 << 10;
const ENTRIES = 16 << 10;

interface Case {
  readonly name: string;
  readonly kind: DecoderKind | 'triggers';
  readonly bytes: Uint8Array;
  /** At least, in MB/s. */
  readonly goal?: number;
}

const clean = harmlessText(SIZE);
const prose = Buffer.from(harmlessText(SIZE)).toString();
const repeated = (part: string) => Buffer.from(part.repeat(Math.ceil(SIZE / part.length)).slice(0, SIZE));
const part = prose.slice(0, 4096);
const noise = Buffer.from(
  Uint32Array.from({ length: 12_288 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) ^ (i << 7)).buffer,
);

/** Text that compresses as bodies do, about five to one. */
const varied = Buffer.from(
  Array.from(
    { length: SIZE >> 7 },
    (_, i) => `{"id":"${Math.imul(i, 0x9e3779b1) >>> 0}","text":"${prose.slice(i % 3000, (i % 3000) + 90)}"},`,
  ).join(''),
);

function brotliOf(bytes: Uint8Array, quality: number): Uint8Array {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
}

const cases: Case[] = [
  { name: 'triggers', kind: 'triggers', bytes: Buffer.from(prose.replaceAll('\\n', '')) },
  ...(['json', 'percent', 'entity', 'runs'] as const).map((kind) => ({
    name: `${kind}: nothing to undo`,
    kind,
    bytes: Buffer.from(prose.replaceAll('\\n', '')),
    goal: 2000,
  })),
  { name: 'json: prose in strings', kind: 'json', bytes: clean, goal: 500 },
  { name: 'json: strings in strings', kind: 'json', bytes: repeated(JSON.stringify(part)), goal: 500 },
  {
    name: 'json: nothing but \\u',
    kind: 'json',
    bytes: repeated(Array.from(part, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')),
  },
  { name: 'jsonText: strings of prose', kind: 'jsonText', bytes: repeated(`[${JSON.stringify(part)},1],`), goal: 500 },
  { name: 'jsonText: short strings', kind: 'jsonText', bytes: repeated(`${JSON.stringify(part.split(/\W+/))},`) },
  { name: 'percent: form', kind: 'percent', bytes: repeated(encodeURIComponent(part).replaceAll('%20', '+')) },
  { name: 'entity: HTML', kind: 'entity', bytes: repeated(part.replaceAll('"', '&quot;').replaceAll("'", '&#39;')) },
  {
    name: 'runs: base64 of text',
    kind: 'runs',
    bytes: repeated(`"${Buffer.from(prose.slice(0, 65_536)).toString('base64')}" `),
    goal: 300,
  },
  {
    name: 'runs: base64 in lines',
    kind: 'runs',
    bytes: repeated(`${Buffer.from(part).toString('base64').replace(/.{76}/g, '$&\r\n')}==\n`),
  },
  {
    name: 'runs: short ones',
    kind: 'runs',
    bytes: repeated(`"${Buffer.from('user:made-up-password').toString('base64')}" `),
  },
  { name: 'runs: hexadecimal', kind: 'runs', bytes: repeated(`"${Buffer.from(part).toString('hex')}" `) },
  { name: 'runs: base64 of an image', kind: 'runs', bytes: repeated(`"${noise.toString('base64')}" `) },
  {
    name: 'runs: paths and hashes',
    kind: 'runs',
    bytes: repeated('/usr/lib/node_modules/some-package/dist/index.js e3b0c44298fc1c149afbf4c8996fb92427ae41e4\n'),
  },
  { name: 'raw: of JSON bodies', kind: 'raw', bytes: deflateRawSync(varied), goal: 100 },
  { name: 'gzip: of JSON bodies', kind: 'gzip', bytes: gzipSync(varied), goal: 100 },
  { name: 'br: of JSON bodies', kind: 'br', bytes: brotliOf(varied, 5), goal: 100 },
  { name: 'br: of JSON bodies, quality 11', kind: 'br', bytes: brotliOf(varied.subarray(0, SIZE >> 2), 11) },
  { name: 'raw: of noise', kind: 'raw', bytes: deflateRawSync(repeated(noise.toString('base64')), { strategy: 2 }) },
];

/** Bytes in front of the input, the input, out and map, in the module's memory. */
function place(engine: EngineExports, bytes: Uint8Array) {
  const input = engine.alloc(LOOKBACK + bytes.length) + LOOKBACK;
  const [out, map] = [engine.alloc(ROOM), engine.alloc(ENTRIES * ENTRY_BYTES)];
  new Uint8Array(engine.memory.buffer).set(bytes, input);
  const free = () => {
    for (const pointer of [input - LOOKBACK, out, map]) engine.release(pointer);
  };
  return { input, out, map, free };
}

function measure(engine: EngineExports, { kind, bytes }: Case) {
  const { input, out, map, free } = place(engine, bytes);
  let best = Number.POSITIVE_INFINITY;
  let produced = 0;
  for (let run = 0; run < RUNS; run++) {
    produced = 0;
    const begin = performance.now();
    if (kind === 'triggers') {
      for (let at = 0; at < bytes.length; at += PIECE) engine.triggers(input + at, Math.min(PIECE, bytes.length - at));
    } else {
      const decoder = new Decoder(engine, kind);
      for (let at = 0; at < bytes.length; ) {
        at += decoder.decode(input + at, Math.min(PIECE, bytes.length - at), out, ROOM, map, ENTRIES, false);
        produced += decoder.produced;
      }
      decoder.close();
    }
    best = Math.min(best, (performance.now() - begin) / 1000);
  }
  free();
  return { seconds: best, produced };
}

// Node 20 has relaxed vectors only behind a flag.
if (!isSupported('relaxed')) setFlagsFromString('--experimental-wasm-relaxed-simd');
const variants = VARIANTS.filter((name) => isSupported(name) && (options.variant ?? name) === name);
const engines = new Map<Variant, EngineExports>();
const dictionary = brotliDictionary(brotliDecompressSync);
for (const variant of variants) {
  const engine = await loadEngine(variant);
  loadDictionary(engine, new EngineMemory(engine), dictionary);
  engines.set(variant, engine);
}

const raw = cases.map((it) => {
  const rates = variants.map((variant) => {
    const { seconds, produced } = measure(engines.get(variant)!, it);
    const counted = it.kind in { gzip: 0, zlib: 0, raw: 0, br: 0 } ? produced : it.bytes.length;
    return { variant, mbps: counted / seconds / 1e6, ratio: produced / it.bytes.length };
  });
  return { name: it.name, goal: it.goal, rates };
});

const result = {
  name: 'views',
  question: 'How fast are the decoders?',
  method:
    `${SIZE >> 20} MiB each of request bodies, made up, in pieces of ${PIECE >> 10} KiB, each decoder by itself, best of ${RUNS} runs. ` +
    'MB of input per second; of output for the inflaters.',
  machine: describeMachine(),
  goals: raw
    .filter(({ goal }) => goal !== undefined)
    .map(({ name, goal, rates }) => {
      const mbps = rates.find(({ variant }) => variant === 'simd')?.mbps ?? rates[0]!.mbps;
      return { goal: `${name}: at least ${goal} MB/s`, measured: `${mbps.toFixed(0)} MB/s`, met: mbps >= goal! };
    }),
  tables: [
    {
      title: 'MB/s',
      columns: ['decoder', ...variants, 'bytes out per byte in'],
      rows: raw.map(({ name, rates }) => [
        name,
        ...rates.map(({ mbps }) => mbps.toFixed(0)),
        rates[0]!.ratio.toFixed(2),
      ]),
    },
  ],
  raw,
};
printResult(result);
if (!options.quick && options.variant === undefined) console.log(`\n${saveResult(result)}`);
