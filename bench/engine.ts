/**
 * How fast the engine scans.
 *
 *   npm run bench:engine -- --corpus FILE --patterns FILE [--chunk 4096] [--variant NAME] --json
 *       one JSON object: gbps, matches (all occurrences of the file as one stream), compile_ms
 *   npm run bench:engine -- [--peers] [--quick]
 *       the table of docs/benchmarks.md; with --peers against other engines, in turn, on the same bytes
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { isSupported, loadEngine, VARIANTS, type Variant } from '../packages/core/src/engine/wasm.js';
import { makeCorpus, readSources } from './engine/corpus.js';
import { compile, layRows, type Measured, place, scanChunks, scanFlows } from './engine/measure.js';
import { hyperscan, runHyperscan, runScript, SCRIPT_PEERS } from './engine/peers.js';
import { RUST_MODES, runRust, rust } from './engine/rust.js';
import { type LiteralSet, makeSets, WORDS } from './engine/sets.js';
import { describeMachine } from './support/machine.js';
import { type Goal, printResult, saveResult, type Table } from './support/results.js';

const { values: options } = parseArgs({
  options: {
    corpus: { type: 'string' },
    patterns: { type: 'string' },
    chunk: { type: 'string', default: '4096' },
    variant: { type: 'string' },
    json: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});

const CHUNKS = [64, 512, 4096, 16_384, 262_144];
/** Bytes of the corpus for the engines, and for peers in JavaScript. */
const SIZE = options.quick ? 4 << 20 : 16 << 20;
const SCRIPT_SIZE = 512 << 10;
const RUNS = options.quick ? 4 : 8;
/** Engines take turns this often. */
const TURNS = 2;
const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
const literalsOf = ({ texts, folded }: LiteralSet) =>
  texts.map((text, i) => ({ bytes: Buffer.from(text, 'latin1'), caseInsensitive: i >= folded }));
const exactly = (texts: readonly string[]) => literalsOf({ texts, folded: texts.length });
const gbps = (bytes: number, seconds: number) => bytes / seconds / 1e9;
const better = <T extends { seconds: number }>(a: T | undefined, b: T): T =>
  a === undefined || b.seconds < a.seconds ? b : a;

/** One corpus, one set, one chunk size: for scripts. */
async function runOne(corpusFile: string, patternFile: string): Promise<void> {
  const chunk = Number(options.chunk);
  if (!Number.isSafeInteger(chunk) || chunk < 0) throw new Error(`--chunk ${options.chunk}: not a number of bytes`);
  const engine = await loadEngine(options.variant as Variant | undefined);
  const bytes = readFileSync(corpusFile);
  const texts = readFileSync(patternFile, 'latin1')
    .split('\n')
    .filter((line) => line !== '');
  const { automaton, compileMs } = compile(engine, exactly(texts));
  const corpus = place(engine, bytes);
  const size = chunk === 0 ? bytes.length : chunk;
  const table = layRows(engine, corpus, bytes.length, size, 1);
  const { seconds, matches } = scanFlows(engine, automaton, table, size, bytes.length, 1, RUNS);
  const result = {
    gbps: gbps(bytes.length, seconds),
    matches,
    compile_ms: compileMs,
    bytes: bytes.length,
    chunk: size,
  };
  console.log(options.json ? JSON.stringify(result) : result);
}

interface Cell extends Measured {
  readonly set: string;
  readonly chunk: number;
  readonly engine: string;
}

/** Every set at every chunk size through every engine. */
async function runAll(): Promise<void> {
  const machine = describeMachine();
  // Node 20 has relaxed vectors only behind a flag.
  if (!isSupported('relaxed')) setFlagsFromString('--experimental-wasm-relaxed-simd');
  const variants = VARIANTS.filter(isSupported);
  const native = options.peers ? hyperscan() : undefined;
  const crate = options.peers ? rust() : undefined;
  const sources = readSources(modules);
  const bytes = makeCorpus(modules, SIZE, sources);
  const sets = makeSets(sources);
  const cells: Cell[] = [];
  const scripts: { set: string; engine: string; seconds: number; matches: number; complete: boolean }[] = [];
  for (const [set, literals] of Object.entries(sets)) {
    const ours = [];
    for (const variant of variants) {
      const engine = await loadEngine(variant);
      ours.push({ variant, engine, corpus: place(engine, bytes), ...compile(engine, literalsOf(literals)) });
    }
    for (const chunk of CHUNKS) {
      const best = new Map<string, Measured>();
      const crates = new Map<string, Measured>();
      for (let turn = 0; turn < TURNS; turn++) {
        if (native)
          best.set('hyperscan', better(best.get('hyperscan'), runHyperscan(native, bytes, literals, chunk, RUNS)));
        for (const { variant, engine, automaton, corpus, compileMs } of ours) {
          const measured = scanChunks(engine, automaton, corpus, bytes.length, chunk, RUNS);
          best.set(variant, better(best.get(variant), { ...measured, compileMs }));
        }
        if (crate && chunk === 4096) {
          for (const mode of RUST_MODES) {
            const measured = runRust(crate, mode, bytes, literals, chunk, RUNS);
            crates.set(mode, better(crates.get(mode), measured));
          }
        }
      }
      for (const [mode, measured] of crates) {
        const isSame = mode === 'overlapping' && literals.folded === literals.texts.length;
        if (isSame && measured.matches !== best.get(variants[0]!)!.matches) {
          throw new Error(`aho-corasick finds ${measured.matches} matches of ${set}`);
        }
        cells.push({ set, chunk, engine: `aho-corasick ${mode}`, ...measured });
      }
      const counts = new Set([...best.values()].map(({ matches }) => matches));
      if (counts.size > 1) throw new Error(`engines disagree on ${set} at ${chunk}: ${[...counts].join(', ')} matches`);
      for (const [engine, measured] of best) cells.push({ set, chunk, engine, ...measured });
      console.error(
        `${set} literals, ${chunk} B: ${[...best].map(([name, m]) => `${name} ${gbps(SIZE, m.seconds).toFixed(2)}`).join('  ')}`,
      );
    }
    // Packages for JavaScript do not know literals in either case.
    if (options.peers && literals.folded === literals.texts.length) {
      const { engine, automaton, corpus } = ours.at(-1)!;
      const part = bytes.subarray(0, SCRIPT_SIZE);
      const own = scanChunks(engine, automaton, corpus, part.length, 4096, RUNS);
      scripts.push({ set, engine: 'this', ...own, complete: true });
      for (const peer of SCRIPT_PEERS) {
        const measured = runScript(peer, part, literals.texts, 4096, RUNS);
        if (peer.complete && measured.matches !== own.matches) {
          throw new Error(`${peer.name} finds ${measured.matches} of ${own.matches} matches of ${set}`);
        }
        scripts.push({ set, engine: peer.name, ...measured, complete: peer.complete });
      }
    }
  }
  report(
    machine,
    variants,
    crate?.version,
    sets,
    cells,
    scripts,
    await flowRates(bytes, sets['40']!),
    await footprints(),
  );
}

/** Records of many flows in turn, per second, within the module. */
async function flowRates(bytes: Buffer, set: LiteralSet) {
  const rates = [];
  for (const chunk of [64, 512, 4096]) {
    const engine = await loadEngine();
    const { automaton } = compile(engine, literalsOf(set));
    const corpus = place(engine, bytes);
    const table = layRows(engine, corpus, bytes.length, chunk, 256);
    const { seconds } = scanFlows(engine, automaton, table, chunk, bytes.length, 256, RUNS);
    rates.push({ chunk, perSecond: Math.ceil(bytes.length / chunk) / seconds });
  }
  return rates;
}

/** Memory and compile time of large sets: made-up tokens of 8 to 40 characters. */
async function footprints() {
  const all = [];
  for (const count of [1000, 10_000, 100_000]) {
    let state = 7;
    const random = (n: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    const letters = 'abcdefghijklmnopqrstuvwxyz0123456789_-';
    const text = () => Array.from({ length: 8 + random(33) }, () => letters[random(letters.length)]).join('');
    const literals = exactly(Array.from({ length: count }, text));
    const engine = await loadEngine();
    const idle = engine.heapUsed();
    const { automaton, compileMs } = compile(engine, literals);
    const perLiteral = (engine.heapUsed() - idle) / count;
    all.push({ count, compileMs, states: automaton.states, serial: automaton.byteSize, perLiteral });
  }
  return all;
}

type Scripts = readonly { set: string; engine: string; seconds: number; matches: number; complete: boolean }[];

function report(
  machine: ReturnType<typeof describeMachine>,
  variants: readonly Variant[],
  crate: string | undefined,
  literals: Readonly<Record<string, LiteralSet>>,
  cells: readonly Cell[],
  scripts: Scripts,
  rates: Awaited<ReturnType<typeof flowRates>>,
  sizes: Awaited<ReturnType<typeof footprints>>,
): void {
  const cell = (set: string, chunk: number, engine: string) =>
    cells.find((c) => c.set === set && c.chunk === chunk && c.engine === engine);
  const speed = (c: Cell | undefined) => (c ? gbps(SIZE, c.seconds) : undefined);
  const engines = [...variants, ...(options.peers ? ['hyperscan'] : [])];
  const sets = [...new Set(cells.map((c) => c.set))];
  const fastest = variants.at(-1)!;
  const best = variants.includes('simd') ? 'simd' : fastest;
  const ratio = (set: string, chunk: number, engine: string) => {
    const [a, b] = [speed(cell(set, chunk, engine)), speed(cell(set, chunk, 'hyperscan'))];
    return a && b ? a / b : undefined;
  };
  const compileRatio = (set: string) => {
    const [a, b] = [cell(set, 4096, best), cell(set, 4096, 'hyperscan')];
    return a && b ? a.compileMs / b.compileMs : undefined;
  };
  const crateRatio = (set: string, engine: string) => {
    const own = speed(cell(set, 4096, engine));
    const fastest = Math.max(...RUST_MODES.map((mode) => speed(cell(set, 4096, `aho-corasick ${mode}`)) ?? 0));
    return own && fastest ? own / fastest : undefined;
  };
  const packageRatio = (set: string) => {
    const of = scripts.filter((s) => s.set === set);
    const peer = Math.min(...of.filter((s) => s.engine.startsWith('npm')).map((s) => s.seconds));
    return peer / of.find((s) => s.engine === 'this')!.seconds;
  };
  const show = (n: number | undefined, digits = 2) => (n === undefined ? '' : n.toFixed(digits));
  const tables: Table[] = [
    {
      title: 'GB/s, one call per chunk, all occurrences, equal counts',
      columns: [
        'literals',
        'chunk',
        'matches',
        ...engines,
        ...(options.peers ? ['simd : hyperscan', 'relaxed : hyperscan'] : []),
      ],
      rows: sets.flatMap((set) =>
        CHUNKS.map((chunk) => [
          set,
          chunk,
          cell(set, chunk, best)!.matches,
          ...engines.map((engine) => show(speed(cell(set, chunk, engine)))),
          ...(options.peers ? [show(ratio(set, chunk, 'simd')), show(ratio(set, chunk, 'relaxed'))] : []),
        ]),
      ),
    },
    {
      title: 'Compile time, ms',
      columns: ['literals', ...engines, ...(options.peers ? ['simd : hyperscan'] : [])],
      rows: sets.map((set) => [
        set,
        ...engines.map((engine) => show(cell(set, 4096, engine)?.compileMs, 1)),
        ...(options.peers ? [show(compileRatio(set))] : []),
      ]),
    },
    {
      title: 'Records of 256 flows in turn, 40 literals, through scanBatch',
      columns: ['bytes', 'million records/s'],
      rows: rates.map(({ chunk, perSecond }) => [chunk, show(perSecond / 1e6)]),
    },
    {
      title: 'Large sets',
      columns: ['literals', 'compile ms', 'states', 'serial form, MiB', 'bytes per literal, prefilter included'],
      rows: sizes.map((s) => [
        s.count,
        show(s.compileMs, 0),
        s.states,
        show(s.serial / 2 ** 20, 1),
        Math.round(s.perLiteral),
      ]),
    },
  ];
  if (crate !== undefined) {
    tables.push({
      title: `GB/s of the Rust crate aho-corasick ${crate}, 4 KiB calls`,
      columns: ['literals', ...variants, ...RUST_MODES, 'simd : fastest', 'relaxed : fastest'],
      rows: sets.map((set) => [
        set,
        ...[...variants, ...RUST_MODES.map((mode) => `aho-corasick ${mode}`)].map((e) =>
          show(speed(cell(set, 4096, e))),
        ),
        show(crateRatio(set, 'simd')),
        show(crateRatio(set, 'relaxed')),
      ]),
    });
  }
  if (options.peers) {
    const names = [...new Set(scripts.map(({ engine }) => engine))];
    tables.push({
      title: `GB/s of matchers in JavaScript, 4 KiB calls, first ${SCRIPT_SIZE >> 10} KiB (RegExp reports no overlaps)`,
      columns: ['literals', ...names, 'this : best npm'],
      rows: sets
        .filter((set) => scripts.some((s) => s.set === set))
        .map((set) => [
          set,
          ...names.map((name) =>
            show(gbps(SCRIPT_SIZE, scripts.find((s) => s.set === set && s.engine === name)!.seconds), 4),
          ),
          show(packageRatio(set), 0),
        ]),
    });
  }
  const goals: Goal[] = rates
    .filter(({ chunk }) => chunk === 64)
    .map(({ perSecond }) => ({
      goal: '64-byte chunks of many flows: at least 4 M/s',
      measured: `${show(perSecond / 1e6)} M/s`,
      met: perSecond >= 4e6,
    }));
  for (const { count, perLiteral } of sizes.filter(({ count }) => count >= 10_000)) {
    goals.push({
      goal: `${count} literals: at most 1,000 bytes of memory for each`,
      measured: `${Math.round(perLiteral)} bytes`,
      met: perLiteral <= 1000,
    });
  }
  if (options.peers) {
    for (const [set, wanted] of [
      ['40', 1],
      ['250', 0.8],
      ['rules', 0.8],
      ['2500', 0.8],
      ['5000', 0.8],
    ] as const) {
      const have = ratio(set, 4096, 'simd');
      if (have === undefined) continue;
      goals.push({
        goal: `${set} literals, 4 KiB: at least ${wanted} × Hyperscan`,
        measured: `${show(have)} ×`,
        met: have >= wanted,
      });
    }
    for (const set of sets) {
      const have = crateRatio(set, 'simd');
      if (have === undefined) continue;
      goals.push({
        goal: `${set} literals, 4 KiB: at least 1 × the best mode of Rust aho-corasick`,
        measured: `${show(have)} ×`,
        met: have >= 1,
      });
    }
    for (const set of new Set(scripts.map((s) => s.set))) {
      const have = packageRatio(set);
      goals.push({
        goal: `${set} literals: at least 60 × the best npm package`,
        measured: `${show(have, 0)} ×`,
        met: have >= 60,
      });
    }
    const compiles = compileRatio('5000');
    if (compiles !== undefined) {
      goals.push({
        goal: '5000 literals: compile time at most 1.5 × Hyperscan',
        measured: `${show(compiles)} ×`,
        met: compiles <= 1.5,
      });
    }
  }
  const rules = literals.rules!;
  const method =
    `${SIZE >> 20} MiB of request bodies (prose, code, several languages), made from the text files of this checkout's ` +
    `dependencies. Time is taken for every 256 KiB by itself; each one's best of ${TURNS * RUNS} passes counts, engines in turn. ` +
    'Block mode: what a cut divides is not looked for; every engine must find the same number. The set “rules” is ' +
    `the ${rules.texts.length} literals of this checkout’s rules for secrets, ${rules.texts.length - rules.folded} of them in either case; ` +
    `“2500” and “5000” are ${WORDS}, of 14 and of 9 letters or more. Matchers in JavaScript are timed as often as the others. The ` +
    'Rust crate reports matches that do not overlap in the modes auto and dfa, all occurrences in overlapping, and folds the ' +
    'case of all of “rules” or of none: it is told to fold all.';
  const result = {
    name: 'engine',
    question: 'How fast does the engine scan?',
    method,
    machine,
    goals,
    tables,
    raw: { cells, scripts, rates, sizes },
  };
  printResult(result);
  if (options.peers && !options.quick) console.log(`\n${saveResult(result)}`);
}

if (options.corpus !== undefined && options.patterns !== undefined) await runOne(options.corpus, options.patterns);
else await runAll();
