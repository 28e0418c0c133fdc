/**
 * Request bodies such as leave a host for an AI API: chat completions around prose, code and other languages than English,
 * made from the text files of this checkout's dependencies. The same dependencies give the same bytes.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the text is made of, in parts per hundred. */
const MIX = [
  { part: 45, kind: 'prose', wants: (path: string) => /\.md$/i.test(path) },
  { part: 40, kind: 'code', wants: (path: string) => /\.(js|mjs|ts|c|h|cc|py)$/.test(path) && !/\.min\./.test(path) },
  {
    part: 15,
    kind: 'languages',
    wants: (path: string) => /typescript\/lib\/(ru|ja|de|pl|tr|zh-cn)\/.*\.json$/.test(path),
  },
];
const BIGGEST_FILE = 400_000;
const PIECE = 2400;

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield path;
  }
}

function pieces(paths: readonly string[]): string[] {
  const all: string[] = [];
  for (const path of paths) {
    const text = readFileSync(path, 'utf8');
    for (let i = 0; i < text.length; i += PIECE) all.push(text.slice(i, i + PIECE));
  }
  return all;
}

/** The text files by kind, cut into pieces. */
export type Sources = readonly (readonly string[])[];

/** `modules`: path of a folder of dependencies. */
export function readSources(modules: string): Sources {
  const paths = [...files(modules)].filter(
    (path) => statSync(path).size < BIGGEST_FILE || /typescript\/lib/.test(path),
  );
  return MIX.map(({ wants }) => pieces(paths.filter(wants)));
}

/** `bytes` of JSON bodies, one after the other. */
export function makeCorpus(modules: string, bytes: number, sources = readSources(modules)): Buffer {
  const at = sources.map(() => 0);
  let state = 42;
  const random = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const next = () => {
    const dice = random(100);
    const kind = dice < MIX[0]!.part ? 0 : dice < MIX[0]!.part + MIX[1]!.part ? 1 : 2;
    const all = sources[kind]!;
    at[kind] = (at[kind]! + 1 + random(50)) % all.length;
    return all[at[kind]!]!;
  };
  const out = Buffer.alloc(bytes);
  for (let end = 0; end < bytes; ) {
    const messages = [{ role: 'system', content: 'You are a helpful assistant.' }];
    for (let turns = 1 + random(6); turns > 0; turns--)
      messages.push({ role: turns % 2 ? 'user' : 'assistant', content: next() });
    const body = JSON.stringify({ model: `model-${random(9)}`, messages, temperature: random(10) / 10, stream: true });
    end += out.write(body.slice(0, bytes - end), end);
    if (end > bytes - 8) return out.subarray(0, end);
  }
  return out;
}
