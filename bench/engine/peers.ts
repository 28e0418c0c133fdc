/** What the engine is compared with. Each is asked for all occurrences in every chunk by itself. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { AhoCorasick as Monyone } from '@monyone/aho-corasick/fast';
import { bestOf, type Measured } from './measure.js';
import type { LiteralSet } from './sets.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Where harnesses and their input are put. */
export const cache = `${root}.cache/bench/`;

/** Path of the Hyperscan harness, built if need be; undefined, with the reason printed, where that cannot be done. */
export function hyperscan(): string | undefined {
  mkdirSync(cache, { recursive: true });
  const binary = `${cache}hyperscan`;
  try {
    execFileSync('cc', ['-O3', '-o', binary, `${root}bench/peers/hyperscan.c`, '-lhs'], { stdio: 'pipe' });
    return binary;
  } catch {
    console.error('bench: no native Hyperscan here; on Debian: apt-get install libhyperscan-dev gcc');
    return undefined;
  }
}

/** Writes the files that harnesses read. Literals are in hexadecimal digits, for there may be line feeds in them. */
export function writeInput(corpus: Buffer, { texts }: LiteralSet): [corpusFile: string, literalFile: string] {
  const [corpusFile, literalFile] = [`${cache}corpus.bin`, `${cache}literals.txt`];
  writeFileSync(corpusFile, corpus);
  const lines = texts.map((text) => `${Buffer.from(text, 'latin1').toString('hex')}\n`);
  writeFileSync(literalFile, lines.join(''));
  return [corpusFile, literalFile];
}

export function runHyperscan(binary: string, corpus: Buffer, set: LiteralSet, chunk: number, runs: number): Measured {
  const [corpusFile, literalFile] = writeInput(corpus, set);
  const how = [corpusFile, literalFile, chunk, runs, set.folded].map(String);
  const out = execFileSync(binary, how, { encoding: 'utf8' });
  const { seconds, matches, compile_ms } = JSON.parse(out) as { seconds: number; matches: number; compile_ms: number };
  return { seconds, matches, compileMs: compile_ms };
}

/** One that runs in JavaScript. `complete`: it reports overlapping matches, so that its count must agree. */
export interface ScriptPeer {
  readonly name: string;
  readonly complete: boolean;
  make(literals: readonly string[]): (text: string, bytes: Buffer) => number;
}

const AhoCorasick = createRequire(import.meta.url)('ahocorasick') as new (
  literals: readonly string[],
) => { search(text: string): [number, string[]][] };

export const SCRIPT_PEERS: readonly ScriptPeer[] = [
  {
    name: 'npm ahocorasick',
    complete: true,
    make: (literals) => {
      const automaton = new AhoCorasick(literals);
      return (text) => automaton.search(text).reduce((sum, [, found]) => sum + found.length, 0);
    },
  },
  {
    name: 'npm @monyone/aho-corasick',
    complete: true,
    make: (literals) => {
      const automaton = new Monyone([...literals]);
      return (text) => automaton.matchInText(text).length;
    },
  },
  {
    name: 'RegExp alternation',
    complete: false,
    make: (literals) => {
      const longest = [...literals].sort((a, b) => b.length - a.length);
      const pattern = new RegExp(longest.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
      return (text) => text.match(pattern)?.length ?? 0;
    },
  },
  {
    name: 'Buffer.indexOf each',
    complete: true,
    make: (literals) => {
      const all = literals.map((text) => Buffer.from(text, 'latin1'));
      return (_, bytes) => {
        let found = 0;
        for (const one of all) for (let at = bytes.indexOf(one); at >= 0; at = bytes.indexOf(one, at + 1)) found++;
        return found;
      };
    },
  },
];

export function runScript(
  peer: ScriptPeer,
  corpus: Buffer,
  literals: readonly string[],
  chunk: number,
  runs: number,
): Omit<Measured, 'compileMs'> {
  const find = peer.make(literals);
  const chunks: [string, Buffer][] = [];
  for (let at = 0; at < corpus.length; at += chunk) {
    const bytes = corpus.subarray(at, at + chunk);
    chunks.push([bytes.toString('latin1'), bytes]);
  }
  return bestOf(corpus.length, runs, (from, to) => {
    let found = 0;
    for (let at = from; at < to; at += chunk) found += find(...chunks[at / chunk]!);
    return found;
  });
}
