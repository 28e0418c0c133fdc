import { loadDictionary } from '../engine/brotli-dictionary.js';
import { LOOKBACK } from '../engine/decoder.js';
import type { EngineExports } from '../engine/wasm.js';
import { EngineError } from '../errors.js';
import type { CompiledPolicy } from '../policy/compiled.js';
import { SEVERITIES } from '../policy/types.js';
import { StateMemory } from '../regex/states.js';
import type { EngineMemory } from '../sensor/memory.js';
import { VALIDATORS, type Validator } from '../validate/index.js';
import { Area } from './area.js';
import { MAP_BYTES } from './branch.js';
import type { Candidate } from './candidate.js';
import { Hits } from './hits.js';
import { Screen } from './screen.js';
import { Verifier } from './verifier.js';
import { Window } from './window.js';

/** Kinds of anchors, as in `assembly/anchors.ts`. */
const ANCHORS: Readonly<Record<string, number>> = { digits: 1, at: 2, iban: 4, dots: 8, colons: 16 };

/** Words of 4 bytes that all expressions of a policy may take for what they remember: 128 MiB. Ordinary text fills a sixth of it. */
const STATE_WORDS = 1 << 25;

/** Rooms for what streams keep of their bytes that are kept for others. */
const MOST_TAILS = 64;

export interface DetectorOptions {
  /** Whether decoded forms of the text are looked at, too. */
  readonly views: boolean;
  /** Whether it is reported what was dropped, and why. */
  readonly explain: boolean;
  /** Validators beside the built-in ones. */
  readonly validators?: ReadonlyMap<string, Validator>;
  /** The static dictionary of Brotli; without it, streams that use it are decoded up to their first word of it. */
  readonly brotliDictionary?: Uint8Array;
}

/** A compiled policy, the tests of its rules, and the room to scan in. Serves any number of flows, one call at a time. */
export class Detector {
  readonly hits: Hits;
  readonly screen: Screen;
  readonly window = new Window();
  /** Rules of which an earlier hit in the stream in work is not decided. */
  readonly blocked = new Set<number>();
  /** Per rule; `undefined` for one whose literals are findings as they are. */
  readonly verifiers: readonly (Verifier | undefined)[];
  /** Kinds of anchors that some rule needs, as bits. */
  readonly anchorKinds: number;
  /** Index of the engine's status words, and of those of its decoders. */
  readonly status: number;
  readonly decoded: number;
  readonly #areas: Area[] = [];
  readonly #maps: number[] = [];
  #scratch = 0;
  readonly #tails: Uint8Array<ArrayBuffer>[] = [];

  constructor(
    readonly engine: EngineExports,
    readonly memory: EngineMemory,
    readonly policy: CompiledPolicy,
    readonly options: DetectorOptions,
  ) {
    const validators = new Map([...VALIDATORS, ...(options.validators ?? [])]);
    const anchored = new Map<number, number[]>();
    policy.rules.forEach(({ anchor }, rule) => {
      if (anchor === undefined) return;
      const kind = ANCHORS[anchor]!;
      anchored.set(kind, [...(anchored.get(kind) ?? []), rule]);
    });
    const states = new StateMemory(STATE_WORDS);
    this.verifiers = policy.rules.map((rule, index) =>
      policy.isPlain(index) ? undefined : new Verifier(rule, validators, states),
    );
    this.anchorKinds = [...anchored.keys()].reduce((all, kind) => all | kind, 0);
    this.hits = new Hits(
      engine,
      memory,
      Array.from(policy.literalOwner, (rule) => [rule]),
      anchored,
    );
    this.screen = new Screen(policy, anchored, states);
    this.status = engine.statusPointer() >>> 2;
    this.decoded = engine.decodedPointer() >>> 2;
    if (options.brotliDictionary !== undefined) loadDictionary(engine, memory, options.brotliDictionary);
  }

  /** Room for a piece at this depth of decoding. @throws EngineError `ENGINE_MEMORY` */
  area(depth: number): Area {
    let area = this.#areas[depth];
    if (area === undefined) {
      area = new Area(this.engine, this.memory);
      this.#areas[depth] = area;
    }
    return area;
  }

  /** Where decoders put the map of a piece at this depth. @throws EngineError `ENGINE_MEMORY` */
  map(depth: number): number {
    let map = this.#maps[depth];
    if (map === undefined) {
      map = this.#alloc(MAP_BYTES);
      this.#maps[depth] = map;
    }
    return map;
  }

  /** Room for LOOKBACK bytes that a stream keeps, to be given back: making it takes as long as searching a small body. */
  tail(): Uint8Array<ArrayBuffer> {
    return this.#tails.pop() ?? new Uint8Array(LOOKBACK);
  }

  giveTail(tail: Uint8Array<ArrayBuffer>): void {
    if (tail.length === LOOKBACK && this.#tails.length < MOST_TAILS) this.#tails.push(tail);
  }

  /** Puts bytes, LOOKBACK at most, into Wasm memory, until the next call; returns the address behind them. @throws EngineError `ENGINE_MEMORY` */
  lay(bytes: Uint8Array): number {
    if (this.#scratch === 0) this.#scratch = this.#alloc(LOOKBACK);
    this.memory.bytes.set(bytes, this.#scratch);
    return this.#scratch + bytes.length;
  }

  #alloc(bytes: number): number {
    const pointer = this.engine.alloc(bytes);
    if (pointer === 0) throw new EngineError('ENGINE_MEMORY', 'the engine has no memory to decode in');
    return pointer;
  }

  /** Which of two findings that overlap is taken: negative if it is `a`. */
  readonly compare = (a: Candidate, b: Candidate): number => {
    if (a.rule !== b.rule) {
      const [x, y] = [this.policy.rules[a.rule]!, this.policy.rules[b.rule]!];
      const order =
        Number(x.generic ?? false) - Number(y.generic ?? false) ||
        Number(y.validators !== undefined) - Number(x.validators !== undefined) ||
        SEVERITIES.indexOf(y.severity) - SEVERITIES.indexOf(x.severity);
      if (order !== 0) return order;
    }
    const longer = b.place.to - b.place.from - (a.place.to - a.place.from);
    return longer || a.rule - b.rule || a.depth - b.depth || a.start - b.start || a.place.from - b.place.from;
  };

  free(): void {
    this.policy.free();
    for (const area of this.#areas) area?.free();
    for (const map of this.#maps) if (map !== undefined) this.engine.release(map);
    this.engine.release(this.#scratch);
  }
}
