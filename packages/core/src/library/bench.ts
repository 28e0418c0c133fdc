import type { EngineExports } from '../engine/wasm.js';
import { EngineError, SpectralError } from '../errors.js';
import { CompiledPolicy } from '../policy/compiled.js';
import type { Policy } from '../policy/types.js';
import { Masker } from '../sensor/masker.js';
import { EngineMemory } from '../sensor/memory.js';
import type { Finding } from '../types.js';

/** Longer input is looked at piece by piece. */
export const PIECE_BYTES = 64 * 1024;
/** Most bytes in front of a piece: a literal's longest beginning, or what masks have not decided. */
export const MAX_HELD_BYTES = 4096;
/** Most findings listed of one piece. */
export const MAX_FINDINGS_PER_PIECE = 65_536;

/** What was found in one piece. */
export interface Found {
  /** By end, then start, then order in the policy. */
  readonly findings: readonly Finding[];
  /** Findings beyond those listed. */
  readonly omitted: number;
}

/** Receives an occurrence of literal `literal` that ends at `end`, counted from the start of the piece. */
type Hit = (literal: number, start: number, end: number) => void;

/** One policy, compiled, and room in Wasm memory for a piece of text and what was held back before it. */
export class Workbench {
  readonly masker: Masker;
  readonly #engine: EngineExports;
  readonly #memory: EngineMemory;
  readonly #policy: CompiledPolicy;
  readonly #room: number;
  readonly #status: number;
  readonly #hits: number;
  #count = 0;
  #closed = false;

  /** @throws EngineError the policy does not fit into memory */
  constructor(engine: EngineExports, policy: Policy) {
    this.#engine = engine;
    this.#memory = new EngineMemory(engine);
    this.#policy = new CompiledPolicy(engine, policy);
    this.#room = engine.alloc(MAX_HELD_BYTES + PIECE_BYTES);
    if (this.#room === 0) throw new EngineError('ENGINE_MEMORY', 'the engine has no memory for a piece of text');
    this.masker = new Masker(engine, this.#memory);
    this.#status = engine.statusPointer() >>> 2;
    this.#hits = engine.hitsPointer() >>> 2;
  }

  get policy(): Policy {
    return this.#policy.policy;
  }

  /** @throws SpectralError `SCANNER_CLOSED` */
  mustBeOpen(): void {
    if (this.#closed) throw new SpectralError('SCANNER_CLOSED', 'the scanner is closed; create a new one');
  }

  /** Where a piece lies; what was held back lies in front of it. */
  get pointer(): number {
    return this.#room + MAX_HELD_BYTES;
  }

  /**
   * Copies a piece into Wasm memory and searches it from the automaton's state `state`. Returns whether there are hits,
   * which `hits` or `found` must then collect.
   */
  search(piece: Uint8Array, held: Uint8Array, state: number): boolean {
    this.mustBeOpen();
    const { bytes } = this.#memory;
    bytes.set(held, this.pointer - held.length);
    bytes.set(piece, this.pointer);
    this.#count = this.#engine.scanBegin(this.#policy.handle, state, this.pointer, piece.length);
    return this.#count > 0 || this.#memory.words[this.#status + 2] !== 0;
  }

  /** Gives all hits of the search to `hit`, in no particular order. */
  hits(hit: Hit): void {
    const { lengths } = this.#policy;
    for (;;) {
      const { words } = this.#memory;
      for (let i = 0; i < this.#count; i++) {
        const literal = words[this.#hits + 2 * i]!;
        const end = words[this.#hits + 2 * i + 1]!;
        hit(literal, end - lengths[literal]!, end);
      }
      if (words[this.#status + 2] === 0) return;
      this.#count = this.#engine.scanOn();
    }
  }

  /** All hits of the search as findings; `each` sees every one of them, in no particular order. */
  found(offset: number, each?: Hit): Found {
    const list: { rule: number; start: number; end: number }[] = [];
    let omitted = 0;
    const { literalOwner } = this.#policy;
    this.hits((literal, start, end) => {
      each?.(literal, start, end);
      const rule = literalOwner[literal]!;
      if (list.length < MAX_FINDINGS_PER_PIECE) list.push({ rule, start, end });
      else omitted += 1;
    });
    list.sort((a, b) => a.end - b.end || a.start - b.start || a.rule - b.rule);
    const findings = list.map(({ rule, start, end }) => {
      const { id, severity, action } = this.#policy.rules[rule]!;
      return { ruleId: id, severity, action, start: offset + start, end: offset + end };
    });
    return { findings, omitted };
  }

  /** The automaton's state behind the piece, once all hits are collected. */
  get state(): number {
    return this.#memory.words[this.#status + 3]!;
  }

  /** How many bytes at the end of the text could be the beginning of a match. */
  depth(state: number): number {
    return this.#engine.depth(this.#policy.handle, state);
  }

  maskKind(literal: number): number {
    return this.#policy.maskKinds[literal]!;
  }

  /** A copy of the last `length` bytes of what was held back and the piece. */
  tail(piece: Uint8Array, length: number): Uint8Array {
    const end = this.pointer + piece.length;
    return this.#memory.bytes.slice(end - length, end);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#policy.free();
    this.#engine.release(this.#room);
  }
}
