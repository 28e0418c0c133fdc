/**
 * The static dictionary of Brotli (RFC 7932, appendix A) is 122,784 bytes of words. Every decompressor holds it, so none of it is kept
 * here: a stream that says each word once, decompressed, is the dictionary.
 */
import { OptionError } from '../errors.js';
import type { EngineMemory } from '../sensor/memory.js';
import type { EngineExports } from './wasm.js';

/** Number of words of each length, as a power of two. */
const SIZE_BITS = [0, 0, 0, 0, 10, 10, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 7, 7, 8, 7, 7, 6, 6, 5, 5];
const SHORTEST = 4;
const DICTIONARY_BYTES = /* @__PURE__ */ SIZE_BITS.reduce(
  (sum, bits, length) => sum + (bits === 0 ? 0 : length << bits),
  0,
);

/** Copy lengths that a code begins with, and its extra bits (section 5). */
const COPY_BASES = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 18, 22];
const COPY_EXTRAS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3];

/** The least window: 1,008 bytes. What lies further back than that, or than the beginning, is a word. */
const LEAST_WINDOW = 0b0100001;
const WINDOW_BYTES = 1008;
/** Without postfix and direct codes there are 64 of distances; here all of them have 6 bits. */
const DISTANCE_BITS = 6;
const CODE_LENGTHS = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/** Numbers of any size, the lowest bit first. */
class BitWriter {
  readonly bytes: number[] = [];
  #bits = 0;

  put(value: number, count: number): void {
    for (let i = 0; i < count; i++, this.#bits++) {
      if ((this.#bits & 7) === 0) this.bytes.push(0);
      this.bytes[this.bytes.length - 1]! |= ((value >> i) & 1) << (this.#bits & 7);
    }
  }

  /** A code of one symbol (section 3.4). */
  single(symbol: number, bits: number): void {
    this.put(1, 4);
    this.put(symbol, bits);
  }
}

function reversed(value: number, count: number): number {
  let result = 0;
  for (let i = 0; i < count; i++) result = (result << 1) | ((value >> i) & 1);
  return result;
}

/** What a meta-block of words of this length begins with (section 9.2): one block type, one tree of each kind. */
function putHeader(out: BitWriter, length: number, code: number): void {
  // Not the last one; its size has four nibbles.
  out.put(0, 1 + 2);
  out.put((length << SIZE_BITS[length]!) - 1, 16);
  // Compressed; one type of literals, commands and distances; no postfix, no direct codes; mode 0; one tree each.
  out.put(0, 1 + 3 + 6 + 2 + 2);
  out.single(0, 8);
  // Commands without literals, with a distance.
  out.single(code < 8 ? 128 + code : 192 + code - 8, 10);
  // The code of distances: nothing but 6 bits.
  out.put(0, 2);
  for (const symbol of CODE_LENGTHS) out.put(symbol === DISTANCE_BITS ? 1 : 0, 2);
}

/** Distance codes 16 + n begin where the one before ends, two with each number of extra bits (section 4). */
function putDistance(out: BitWriter, distance: number): void {
  for (let n = 0, base = 1; ; n++) {
    const extra = 1 + (n >> 1);
    if (distance < base + (1 << extra)) {
      out.put(reversed(16 + n, DISTANCE_BITS), DISTANCE_BITS);
      out.put(distance - base, extra);
      return;
    }
    base += 1 << extra;
  }
}

function allWords(): Uint8Array {
  const out = new BitWriter();
  out.put(LEAST_WINDOW, 7);
  let produced = 0;
  for (let length = SHORTEST; length < SIZE_BITS.length; length++) {
    const code = COPY_BASES.filter((base) => base <= length).length - 1;
    putHeader(out, length, code);
    for (let word = 0; word < 1 << SIZE_BITS[length]!; word++, produced += length) {
      out.put(length - COPY_BASES[code]!, COPY_EXTRAS[code]!);
      putDistance(out, Math.min(produced, WINDOW_BYTES) + 1 + word);
    }
  }
  // The last one, empty.
  out.put(3, 2);
  return Uint8Array.from(out.bytes);
}

/**
 * The dictionary, for the option `brotliDictionary` of scanners and sensors. It takes some milliseconds.
 * @param decompress any decompressor of Brotli, such as `brotliDecompressSync` of `node:zlib`
 */
export function brotliDictionary(decompress: (stream: Uint8Array) => Uint8Array): Uint8Array {
  return decompress(allWords());
}

/** Gives the dictionary to the engine, once. @throws OptionError it is not the one of the RFC, or there is no memory for it */
export function loadDictionary(engine: EngineExports, memory: EngineMemory, dictionary: Uint8Array): void {
  if (engine.brotliDictionary(0) !== 0) return;
  const isWhole = dictionary instanceof Uint8Array && dictionary.length === DICTIONARY_BYTES;
  const pointer = isWhole ? engine.alloc(DICTIONARY_BYTES) : 0;
  if (pointer !== 0) {
    memory.bytes.set(dictionary, pointer);
    if (engine.brotliDictionary(pointer) !== 0) return;
    engine.release(pointer);
  }
  throw new OptionError('brotliDictionary', 'must be the dictionary of RFC 7932, which brotliDictionary() returns');
}
