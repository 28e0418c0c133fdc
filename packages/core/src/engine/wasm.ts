/** Loads the WebAssembly module. Needs nothing but the language and `WebAssembly`, so it runs wherever JavaScript does. */
import { EngineError } from '../errors.js';
import packed from './generated/modules.js';

/** Exports of the module; see `assembly/README.md`. Addresses are numbers below 2^31. */
export interface EngineExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  alloc(bytes: number): number;
  release(pointer: number): void;
  heapUsed(): number;
  statusPointer(): number;
  hitsPointer(): number;
  compile(spec: number, bytes: number): number;
  free(automaton: number): void;
  maxLength(automaton: number): number;
  stateCount(automaton: number): number;
  classCount(automaton: number): number;
  byteSize(automaton: number): number;
  depth(automaton: number, state: number): number;
  save(automaton: number, destination: number): void;
  restore(source: number, bytes: number): number;
  flowsCreate(capacity: number): number;
  flowsFree(flows: number): void;
  flowReset(flows: number, slot: number, offset: number): void;
  flowRelease(flows: number, slot: number): void;
  /** 0 when there was no memory for the tail. */
  flowCommit(flows: number, slot: number, automaton: number, pointer: number, length: number): number;
  tailCopy(flows: number, slot: number, from: number, length: number, destination: number): number;
  scanBatch(automaton: number, epoch: number, flows: number, table: number, from: number, to: number): number;
  scanMore(automaton: number, epoch: number, flows: number, table: number, row: number): number;
  scanBegin(automaton: number, state: number, pointer: number, length: number): number;
  scanOn(): number;
  maskSpans(text: number, length: number, spans: number, count: number, byte: number): number;
  extend(state: number, pointer: number, length: number): number;
  anchors(pointer: number, from: number, length: number, before: number, kinds: number, final: number): number;
  decoderOpen(kind: number): number;
  decoderClose(decoder: number): void;
  decoderSkip(decoder: number, bytes: number): void;
  decode(
    decoder: number,
    input: number,
    length: number,
    out: number,
    room: number,
    map: number,
    entries: number,
    final: number,
  ): number;
  decodedPointer(): number;
  /** 1 if the dictionary is there now. */
  brotliDictionary(pointer: number): number;
  triggers(input: number, length: number): number;
  eventValues(input: number, length: number, limit: number, final: number): number;
  eventValuesPointer(): number;
  xorMask(input: number, length: number, key: number, phase: number, out: number): void;
}

/** Builds of the same module, fastest last. */
export const VARIANTS = ['scalar', 'simd', 'relaxed'] as const;
export type Variant = (typeof VARIANTS)[number];

interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object): Promise<{ exports: unknown }>;
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

/** Modules of one function each, which holds an instruction that the variant needs; validation accepts or refuses it. */
const PROBES: Record<Variant, string> = {
  scalar: 'AGFzbQEAAAA=',
  // i32.const 0, i8x16.splat, i8x16.popcnt
  simd: 'AGFzbQEAAAABBQFgAAF7AwIBAAoKAQgAQQD9D/1iCw==',
  // i32.const 1, i8x16.splat, i32.const 2, i8x16.splat, i8x16.relaxed_swizzle
  relaxed: 'AGFzbQEAAAABBQFgAAF7AwIBAAoPAQ0AQQH9D0EC/Q/9gAIL',
};

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** All modules; how they lie one in another is drawn in `scripts/build-wasm.mjs`. */
async function unpack(): Promise<Record<Variant, Uint8Array>> {
  const inflated = new Blob([fromBase64(packed.text)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(inflated).arrayBuffer());
  const sizes = Object.entries(packed.sizes) as [Variant, number][];
  const modules = Object.fromEntries(sizes.map(([variant, size]) => [variant, new Uint8Array(size)]));
  let from = 0;
  for (let at = 0; from < bytes.length; at += packed.block) {
    for (const [variant, size] of sizes) {
      const length = Math.min(packed.block, Math.max(size - at, 0));
      modules[variant]!.set(bytes.subarray(from, from + length), Math.min(at, size));
      from += length;
    }
  }
  return modules as Record<Variant, Uint8Array>;
}

let unpacked: Promise<Record<Variant, Uint8Array>> | undefined;

/** Each is compiled once, for all instances. */
const compiled = new Map<Variant, Promise<object>>();

function compile(variant: Variant): Promise<object> {
  let module = compiled.get(variant);
  if (module === undefined) {
    unpacked ??= unpack();
    module = unpacked.then((modules) => WebAssembly.compile(modules[variant]));
    compiled.set(variant, module);
  }
  return module;
}

let fastest: Variant | undefined;

/** True if this JavaScript engine can run the variant. */
export function isSupported(variant: Variant): boolean {
  return WebAssembly.validate(fromBase64(PROBES[variant]));
}

/**
 * A fresh instance with memory of its own: by default the fastest variant that runs here.
 *
 * @throws EngineError `ENGINE_LOAD` if there is no WebAssembly, or it refuses the module.
 */
export async function loadEngine(variant?: Variant): Promise<EngineExports> {
  if (!WebAssembly)
    throw new EngineError('ENGINE_LOAD', 'this JavaScript runtime has no WebAssembly, which the engine needs');
  fastest ??= [...VARIANTS].reverse().find(isSupported) ?? 'scalar';
  const chosen = variant ?? fastest;
  try {
    const { exports } = await WebAssembly.instantiate(await compile(chosen));
    return exports as EngineExports;
  } catch (cause) {
    const message = `the ${chosen} build of the engine could not be instantiated: ${(cause as Error).message}`;
    throw new EngineError('ENGINE_LOAD', message, { cause });
  }
}
