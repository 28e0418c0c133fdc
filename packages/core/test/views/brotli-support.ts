/** Writes streams of Brotli (RFC 7932) that compressors do not. */
import { brotliDecompressSync } from 'node:zlib';
import { brotliDictionary } from '../../src/engine/brotli-dictionary.js';

export const DICTIONARY = brotliDictionary(brotliDecompressSync);

/** `text` is read as bits in the order in which they are written: `0` and `1`, anything else is left out. */
export function bitsToBytes(...texts: string[]): Buffer {
  const bits = texts.join('').replace(/[^01]/g, '');
  const bytes = bits.match(/.{1,8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt([...byte.padEnd(8, '0')].reverse().join(''), 2)));
}

/** A number of so many bits, the lowest first. */
export const number = (value: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** i) % 2).join('');

/** 1 to 256, as numbers of types and trees are written. */
export function amount(value: number): string {
  if (value === 1) return '0';
  const extra = Math.floor(Math.log2(value - 1));
  return `1${number(extra, 3)}${number(value - 1 - 2 ** extra, extra)}`;
}

/** A code of one symbol, which has no bits. */
export const single = (symbol: number, bits: number) => `${number(1, 2)}${number(0, 2)}${number(symbol, bits)}`;

export const WINDOW_64K = '0';
export const END = '11';

/** A meta-block that is not the last, of so many bytes, compressed. */
export function begin(length: number): string {
  const nibbles = length <= 2 ** 16 ? 4 : length <= 2 ** 20 ? 5 : 6;
  return `0${number(nibbles - 4, 2)}${number(length - 1, 4 * nibbles)}0`;
}

/** The same, and what it begins with up to the trees: one type of everything, no postfix, no direct codes, mode 0, one tree each. */
export const plainHeader = (length: number) => `${begin(length)}${number(0, 3 + 6 + 2 + 2)}`;

export const metadata = (bytes: Uint8Array): Buffer => {
  const { length } = bytes;
  const size = length === 0 ? 0 : Math.ceil((32 - Math.clz32(length - 1 || 1)) / 8);
  const head = bitsToBytes(`0${number(3, 2)}0${number(size, 2)}${size === 0 ? '' : number(length - 1, 8 * size)}`);
  return Buffer.concat([head, bytes]);
};
