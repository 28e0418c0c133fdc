/** The vectors of `test/vectors/decoders.json`: what comes out of a text, as text. */
import { readFileSync } from 'node:fs';
import type { DecoderKind } from '../../src/engine/decoder.js';

export interface DecoderVector {
  readonly name: string;
  readonly kind: DecoderKind;
  readonly input: string;
  readonly output: string;
}

const file = new URL('../vectors/decoders.json', import.meta.url);
const all = JSON.parse(readFileSync(file, 'utf8')) as DecoderVector[];

export const decoderVectors = (...kinds: DecoderKind[]): DecoderVector[] =>
  all.filter(({ kind }) => kinds.includes(kind));
