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

/** `bytes` of JSON bodies, one after the other. */
export function makeCorpus(modules: string, bytes: number): Buffer {
  const paths = [...files(modules)].filter(
    (path) => statSync(path).size < BIGGEST_FILE || /typescript\/lib/.test(path),
  );
  const sources = MIX.map(({ wants }) => ({ at: 0, all: pieces(paths.filter(wants)) }));
  let state = 42;
  const random = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const next = () => {
    const dice = random(100);
    const source = sources[dice < MIX[0]!.part ? 0 : dice < MIX[0]!.part + MIX[1]!.part ? 1 : 2]!;
    source.at = (source.at + 1 + random(50)) % source.all.length;
    return source.all[source.at]!;
  };
  const out = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; ) {
    const messages = [{ role: 'system', content: 'You are a helpful assistant.' }];
    for (let turns = 1 + random(6); turns > 0; turns--)
      messages.push({ role: turns % 2 ? 'user' : 'assistant', content: next() });
    const body = JSON.stringify({ model: `model-${random(9)}`, messages, temperature: random(10) / 10, stream: true });
    at += out.write(body.slice(0, bytes - at), at);
    if (at > bytes - 8) return out.subarray(0, at);
  }
  return out;
}
