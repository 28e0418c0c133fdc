/** The engine by itself: a matcher of many literals. */
import { Automaton, type Literal, type MatchOptions } from './automaton.js';
import { loadEngine } from './wasm.js';

/**
 * Compiles literals in an engine of their own, the fastest build that runs here. A string stands for its bytes in UTF-8. For texts in
 * pieces see `stream()` of the result; `free()` gives its memory back early.
 *
 * @throws EngineError `ENGINE_LOAD` if there is no WebAssembly, `ENGINE_COMPILE` if the list or a literal is empty or too long,
 *   `ENGINE_MEMORY` if they do not fit into memory.
 */
export async function compileLiterals(
  literals: readonly (string | Uint8Array | Literal)[],
  options: MatchOptions = {},
): Promise<Automaton> {
  const encoder = new TextEncoder();
  const all = literals.map((literal): Literal => {
    if (typeof literal === 'string') return { bytes: encoder.encode(literal) };
    return literal instanceof Uint8Array ? { bytes: literal } : literal;
  });
  return Automaton.compile(await loadEngine(), all, options);
}

/**
 * What `toBytes()` of such a result gave, in an engine of its own. Anything else is refused.
 *
 * @throws EngineError `ENGINE_LOAD` if there is no WebAssembly, `ENGINE_FORMAT` if the bytes are damaged or of another version,
 *   `ENGINE_MEMORY` if they do not fit into memory.
 */
export async function restoreLiterals(bytes: Uint8Array, options: MatchOptions = {}): Promise<Automaton> {
  return Automaton.fromBytes(await loadEngine(), bytes, options);
}
