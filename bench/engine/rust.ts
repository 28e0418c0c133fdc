/**
 * The Rust crate aho-corasick as a peer. Its sources are taken from a cargo registry folder as Debian's packages
 * librust-aho-corasick-dev and librust-memchr-dev install it: /usr/share/cargo/registry, or what CARGO_REGISTRY names (a newer
 * package can be unpacked with `dpkg -x`).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measured } from './measure.js';
import { cache, writeInput } from './peers.js';
import type { LiteralSet } from './sets.js';

const source = fileURLToPath(new URL('../peers/aho-corasick.rs', import.meta.url));

/** Ways to use the crate; only `overlapping` reports every occurrence, so that its count must agree. */
export const RUST_MODES = ['auto', 'dfa', 'overlapping'] as const;
export type RustMode = (typeof RUST_MODES)[number];

export interface Rust {
  readonly binary: string;
  /** Of the crate. */
  readonly version: string;
}

/** Newest folder of a crate whose version begins with `major`. */
function crate(registry: string, name: string, major: string): { path: string; version: string } | undefined {
  const versions = existsSync(registry)
    ? readdirSync(registry)
        .filter((entry) => entry.startsWith(`${name}-${major}.`))
        .map((entry) => entry.slice(name.length + 1))
    : [];
  const version = versions.sort((a, b) => a.localeCompare(b, undefined, { numeric: true })).at(-1);
  return version === undefined ? undefined : { path: join(registry, `${name}-${version}`, 'src/lib.rs'), version };
}

/** The harness, built; undefined, with the reason printed, where that cannot be done. */
export function rust(): Rust | undefined {
  const registry = process.env.CARGO_REGISTRY ?? '/usr/share/cargo/registry';
  const [automaton, memchr] = [crate(registry, 'aho-corasick', '1'), crate(registry, 'memchr', '2')];
  if (automaton === undefined || memchr === undefined) {
    console.error(
      `bench: no Rust crate aho-corasick 1.x in ${registry}; on Debian 13: apt-get install librust-aho-corasick-dev`,
    );
    return undefined;
  }
  mkdirSync(cache, { recursive: true });
  const compile = (name: string, file: string, ...more: string[]) =>
    execFileSync(
      'rustc',
      ['--edition', '2021', '-C', 'opt-level=3', '-C', 'codegen-units=1', '--cap-lints', 'allow', '-L', cache].concat(
        ['--crate-name', name, '--out-dir', cache, file],
        more,
      ),
      { stdio: 'pipe' },
    );
  const library = (features: readonly string[]) => [
    '--crate-type',
    'rlib',
    ...features.flatMap((feature) => ['--cfg', `feature="${feature}"`]),
  ];
  try {
    compile('memchr', memchr.path, ...library(['std', 'alloc']));
    compile(
      'aho_corasick',
      automaton.path,
      ...library(['std', 'perf-literal']),
      '--extern',
      `memchr=${cache}libmemchr.rlib`,
    );
    compile('aho_corasick_peer', source, '--extern', `aho_corasick=${cache}libaho_corasick.rlib`);
  } catch (error) {
    console.error(
      `bench: the harness for aho-corasick was not built: ${(error as Error).message.split('\n').slice(0, 3).join(' ')}`,
    );
    return undefined;
  }
  return { binary: `${cache}aho_corasick_peer`, version: automaton.version };
}

/** The crate folds case for all literals or for none: with some to fold, it is told to fold all. */
export function runRust(
  { binary }: Rust,
  mode: RustMode,
  corpus: Buffer,
  set: LiteralSet,
  chunk: number,
  runs: number,
): Measured {
  const [corpusFile, literalFile] = writeInput(corpus, set);
  const how = set.folded < set.texts.length ? `${mode}-fold` : mode;
  const out = execFileSync(binary, [corpusFile, literalFile, String(chunk), String(runs), how], { encoding: 'utf8' });
  const { seconds, matches, compile_ms } = JSON.parse(out) as { seconds: number; matches: number; compile_ms: number };
  return { seconds, matches, compileMs: compile_ms };
}
