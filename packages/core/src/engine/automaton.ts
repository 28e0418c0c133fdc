/** A set of literals, compiled. */
import { EngineError } from '../errors.js';
import { MatchStream } from './stream.js';
import type { EngineExports } from './wasm.js';

/** Bytes to look for: 1 to 4,096 of them. */
export interface Literal {
  readonly bytes: Uint8Array;
  /** ASCII letters match in either case. Default false. */
  readonly caseInsensitive?: boolean;
}

/** One occurrence. `pattern` is the index in the list of literals. */
export interface Match {
  readonly pattern: number;
  /** Inclusive. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * Which occurrences are reported: all of them, or from left to right the longest that begins at each place and does not overlap
 * the one before; of literals that are equal there, the first.
 */
export type MatchKind = 'all' | 'leftmost-longest';

/** How matches are reported. */
export interface MatchOptions {
  /** Default `all`. It is no part of the serial form. */
  readonly matchKind?: MatchKind;
}

export const MAX_LITERALS = 1 << 20;
export const MAX_LITERAL_BYTES = 4096;

const STATUS_OUT_OF_MEMORY = 5;

// Fields of the automaton's header, drawn in assembly/automaton.ts.
const HEADER_LITERALS = 12;
const HEADER_LENGTHS = 64;
const LENGTH_MASK = 0x1fff;

/** Frees the automata whose owner was forgotten before it called `free()`. */
const forgotten = new FinalizationRegistry<{ engine: EngineExports; handle: number }>(({ engine, handle }) => {
  engine.free(handle);
});

const STAR = 0x2a;

/** Copies `bytes` into the module and gives `use` the address; the copy is gone afterwards. */
function withBytes<T>(engine: EngineExports, bytes: Uint8Array, use: (pointer: number) => T): T {
  const pointer = engine.alloc(Math.max(bytes.length, 1));
  if (pointer === 0) {
    throw new EngineError('ENGINE_MEMORY', `the engine has no memory left for ${bytes.length} bytes of input`);
  }
  try {
    new Uint8Array(engine.memory.buffer, pointer, bytes.length).set(bytes);
    return use(pointer);
  } finally {
    engine.release(pointer);
  }
}

function specOf(literals: readonly Literal[]): Uint8Array {
  if (literals.length === 0 || literals.length > MAX_LITERALS) {
    const message = `a set needs 1 to ${MAX_LITERALS} literals, not ${literals.length}`;
    throw new EngineError('ENGINE_COMPILE', message);
  }
  let size = 4;
  for (const [index, { bytes }] of literals.entries()) {
    if (bytes.length === 0 || bytes.length > MAX_LITERAL_BYTES) {
      const message = `literal ${index} has ${bytes.length} bytes; 1 to ${MAX_LITERAL_BYTES} are allowed`;
      throw new EngineError('ENGINE_COMPILE', message);
    }
    size += 8 + bytes.length;
  }
  const spec = new Uint8Array(size);
  const view = new DataView(spec.buffer);
  view.setUint32(0, literals.length, true);
  let at = 4;
  for (const { bytes, caseInsensitive } of literals) {
    view.setUint32(at, bytes.length, true);
    view.setUint32(at + 4, caseInsensitive ? 1 : 0, true);
    spec.set(bytes, at + 8);
    at += 8 + bytes.length;
  }
  return spec;
}

/** An automaton in the module's memory. Call `free()` when it is no longer needed. */
export class Automaton {
  /** @internal */
  readonly engine: EngineExports;
  /** Length of every literal, by index, in bytes. */
  readonly lengths: Uint32Array;
  readonly matchKind: MatchKind;
  #handle: number;

  private constructor(engine: EngineExports, handle: number, lengths: Uint32Array, options: MatchOptions) {
    this.engine = engine;
    this.lengths = lengths;
    this.matchKind = options.matchKind ?? 'all';
    this.#handle = handle;
    forgotten.register(this, { engine, handle }, this);
  }

  /**
   * @internal
   * @throws EngineError `ENGINE_COMPILE` if the list or a literal is empty or too long, `ENGINE_MEMORY` if the automaton does
   *   not fit into memory.
   */
  static compile(engine: EngineExports, literals: readonly Literal[], options: MatchOptions = {}): Automaton {
    const spec = specOf(literals);
    const handle = withBytes(engine, spec, (pointer) => engine.compile(pointer, spec.length));
    if (handle === 0) {
      const reason = new DataView(engine.memory.buffer).getUint32(engine.statusPointer(), true);
      if (reason === STATUS_OUT_OF_MEMORY) {
        const message = `${literals.length} literals of ${spec.length} bytes do not fit into the engine's memory; use fewer`;
        throw new EngineError('ENGINE_MEMORY', message);
      }
      throw new EngineError('ENGINE_COMPILE', `the engine refused the set of ${literals.length} literals`);
    }
    return new Automaton(
      engine,
      handle,
      Uint32Array.from(literals, ({ bytes }) => bytes.length),
      options,
    );
  }

  /**
   * The automaton whose serial form (`toBytes`) is given. Anything that the engine did not write itself is refused.
   *
   * @internal
   * @throws EngineError `ENGINE_FORMAT` if the bytes are damaged or of another version, `ENGINE_MEMORY` if they do not fit.
   */
  static fromBytes(engine: EngineExports, bytes: Uint8Array, options: MatchOptions = {}): Automaton {
    const handle = withBytes(engine, bytes, (pointer) => engine.restore(pointer, bytes.length));
    const view = new DataView(engine.memory.buffer);
    if (handle === 0) {
      if (view.getUint32(engine.statusPointer(), true) === STATUS_OUT_OF_MEMORY) {
        throw new EngineError(
          'ENGINE_MEMORY',
          `a serial automaton of ${bytes.length} bytes does not fit into the engine's memory`,
        );
      }
      const message = `${bytes.length} bytes are no automaton of this version, or damaged; compile it again`;
      throw new EngineError('ENGINE_FORMAT', message);
    }
    const count = view.getUint32(handle + HEADER_LITERALS, true);
    const at = handle + view.getUint32(handle + HEADER_LENGTHS, true);
    const lengths = Uint32Array.from({ length: count }, (_, i) => view.getUint32(at + 4 * i, true) & LENGTH_MASK);
    return new Automaton(engine, handle, lengths, options);
  }

  /** Address in the module. @internal @throws EngineError `ENGINE_COMPILE` after `free()`. */
  get handle(): number {
    if (this.#handle === 0) throw new EngineError('ENGINE_COMPILE', 'this automaton was freed; compile a new one');
    return this.#handle;
  }

  /** Length of the longest literal, in bytes. */
  get maxLength(): number {
    return this.engine.maxLength(this.handle);
  }

  /** States of the automaton. */
  get states(): number {
    return this.engine.stateCount(this.handle);
  }

  /** Size of the compiled form, in bytes. */
  get byteSize(): number {
    return this.engine.byteSize(this.handle);
  }

  /** Serial form, for `fromBytes`; its layout is drawn in `assembly/automaton.ts`. Holds the literals in clear. */
  toBytes(): Uint8Array {
    const { engine, handle, byteSize } = this;
    const pointer = engine.alloc(byteSize);
    if (pointer === 0)
      throw new EngineError('ENGINE_MEMORY', `the engine has no memory left for ${byteSize} bytes of output`);
    engine.save(handle, pointer);
    const bytes = new Uint8Array(engine.memory.buffer.slice(pointer, pointer + byteSize));
    engine.release(pointer);
    return bytes;
  }

  /** Scans what lies at `pointer`; see `scan`. */
  #scanAt(pointer: number, length: number, state: number, each: (pattern: number, end: number) => void): number {
    const { engine, handle } = this;
    const status = engine.statusPointer() >>> 2;
    const hits = engine.hitsPointer() >>> 2;
    const words = new Uint32Array(engine.memory.buffer);
    let count = engine.scanBegin(handle, state, pointer, length);
    for (;;) {
      for (let at = hits; at < hits + 2 * count; at += 2) each(words[at]!, words[at + 1]! | 0);
      if (words[status + 2] === 0) return words[status + 3]!;
      count = engine.scanOn();
    }
  }

  /**
   * Scans a piece of a text that goes on from `state` (0 at its beginning) and returns the state at its end. `each` gets all
   * occurrences that end in the piece, in no particular order; `end` is exclusive and counts from the start of the piece.
   *
   * @internal
   * @throws EngineError `ENGINE_MEMORY` if the piece does not fit into memory.
   */
  scan(piece: Uint8Array, state: number, each: (pattern: number, end: number) => void): number {
    return withBytes(this.engine, piece, (pointer) => this.#scanAt(pointer, piece.length, state, each));
  }

  /**
   * The matches of a whole text, sorted by start, then end, then pattern.
   *
   * @throws EngineError `ENGINE_MEMORY` if the haystack does not fit into memory.
   */
  findAll(haystack: Uint8Array): Match[] {
    const stream = this.stream();
    const found = stream.push(haystack);
    return found.concat(stream.end());
  }

  /** For a text that comes in pieces. */
  stream(): MatchStream {
    return new MatchStream(this);
  }

  /**
   * A copy of the text in which every occurrence is overwritten, whatever the `matchKind`.
   *
   * @param byte what it is overwritten with, by default `*`
   * @throws EngineError `ENGINE_MEMORY` if the text and the places of what is found do not fit into memory.
   */
  mask(text: Uint8Array, byte = STAR): Uint8Array {
    const { engine, lengths } = this;
    return withBytes(engine, text, (pointer) => {
      let spans = new Int32Array(64);
      let used = 0;
      this.#scanAt(pointer, text.length, 0, (pattern, end) => {
        if (used === spans.length) {
          const larger = new Int32Array(2 * used);
          larger.set(spans);
          spans = larger;
        }
        spans[used++] = end - lengths[pattern]!;
        spans[used++] = end;
      });
      const bytes = new Uint8Array(spans.buffer, 0, 4 * used);
      withBytes(engine, bytes, (at) => engine.maskSpans(pointer, text.length, at, used / 2, byte));
      return new Uint8Array(engine.memory.buffer, pointer, text.length).slice();
    });
  }

  /** Gives the memory back. Harmless when called again. */
  free(): void {
    if (this.#handle === 0) return;
    forgotten.unregister(this);
    this.engine.free(this.#handle);
    this.#handle = 0;
  }
}
