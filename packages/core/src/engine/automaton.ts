/** A set of literals, compiled. */
import { EngineError } from '../errors.js';
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

function byPosition(a: Match, b: Match): number {
  return a.start - b.start || a.end - b.end || a.pattern - b.pattern;
}

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
  readonly engine: EngineExports;
  /** Length of every literal, by index, in bytes. */
  readonly lengths: Uint32Array;
  #handle: number;

  private constructor(engine: EngineExports, handle: number, lengths: Uint32Array) {
    this.engine = engine;
    this.lengths = lengths;
    this.#handle = handle;
    forgotten.register(this, { engine, handle }, this);
  }

  /**
   * @throws EngineError `ENGINE_COMPILE` if the list or a literal is empty or too long, `ENGINE_MEMORY` if the automaton does
   *   not fit into memory.
   */
  static compile(engine: EngineExports, literals: readonly Literal[]): Automaton {
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
    );
  }

  /**
   * The automaton whose serial form (`toBytes`) is given. Anything that the engine did not write itself is refused.
   *
   * @throws EngineError `ENGINE_FORMAT` if the bytes are damaged or of another version, `ENGINE_MEMORY` if they do not fit.
   */
  static fromBytes(engine: EngineExports, bytes: Uint8Array): Automaton {
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
    return new Automaton(engine, handle, lengths);
  }

  /** Address in the module. @throws EngineError `ENGINE_COMPILE` after `free()`. */
  get handle(): number {
    if (this.#handle === 0) throw new EngineError('ENGINE_COMPILE', 'this automaton was freed; compile a new one');
    return this.#handle;
  }

  get maxLength(): number {
    return this.engine.maxLength(this.handle);
  }

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

  /**
   * All occurrences, overlapping ones included, sorted by start, then end, then pattern.
   *
   * @throws EngineError `ENGINE_MEMORY` if the haystack does not fit into memory.
   */
  findAll(haystack: Uint8Array): Match[] {
    const { engine, lengths, handle } = this;
    return withBytes(engine, haystack, (pointer) => {
      const found: Match[] = [];
      const status = engine.statusPointer() >>> 2;
      let count = engine.scanBegin(handle, 0, pointer, haystack.length);
      for (;;) {
        const words = new Uint32Array(engine.memory.buffer);
        const hits = engine.hitsPointer() >>> 2;
        for (let i = 0; i < count; i++) {
          const pattern = words[hits + 2 * i]!;
          const end = words[hits + 2 * i + 1]!;
          found.push({ pattern, start: end - lengths[pattern]!, end });
        }
        if (words[status + 2] === 0) return found.sort(byPosition);
        count = engine.scanOn();
      }
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
