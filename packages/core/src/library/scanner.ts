import { loadEngine } from '../engine/wasm.js';
import { InputError } from '../errors.js';
import { ensurePolicy } from '../policy/check.js';
import { DEFAULT_POLICY } from '../policy/defaults.js';
import type { Policy } from '../policy/types.js';
import type { Finding } from '../types.js';
import { PIECE_BYTES, Workbench } from './bench.js';
import { Redactor } from './redactor.js';
import { redactingStream } from './stream.js';
import { decodeMasked, encodeText } from './text.js';
import type { Scanner, ScannerPolicy, ScanResult, StreamOptions } from './types.js';

const NOTHING = new Uint8Array(0);

/**
 * Makes a scanner for a policy: `DEFAULT_POLICY`, one that `parsePolicy` or `definePolicy` returned, or `{ rules: […] }`.
 * @throws PolicyError the policy is not valid
 * @throws EngineError the engine cannot be loaded, or the policy does not fit into its memory
 */
export async function createScanner(policy: ScannerPolicy = DEFAULT_POLICY): Promise<Scanner> {
  const checked = ensurePolicy(policy as Policy);
  return new EngineScanner(new Workbench(await loadEngine(), checked));
}

class EngineScanner implements Scanner {
  readonly #bench: Workbench;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  get policy(): Policy {
    return this.#bench.policy;
  }

  scan(input: string | Uint8Array): ScanResult {
    const bytes = bytesOf(input, 'scan');
    const findings: Finding[] = [];
    let omitted = 0;
    let state = 0;
    let from = 0;
    do {
      const piece = bytes.subarray(from, from + PIECE_BYTES);
      if (this.#bench.search(piece, NOTHING, state)) {
        const found = this.#bench.found(from);
        for (const finding of found.findings) findings.push(finding);
        omitted += found.omitted;
      }
      state = this.#bench.state;
      from += PIECE_BYTES;
    } while (from < bytes.length);
    return { findings, omitted };
  }

  redact(input: string): string;
  redact(input: Uint8Array): Uint8Array;
  redact(input: string | Uint8Array): string | Uint8Array;
  redact(input: string | Uint8Array): string | Uint8Array {
    const masked = this.#masked(bytesOf(input, 'redact'));
    if (masked === undefined) return input;
    return typeof input === 'string' ? decodeMasked(masked) : masked;
  }

  stream(options: StreamOptions = {}): TransformStream<Uint8Array, Uint8Array> {
    this.#bench.mustBeOpen();
    return redactingStream(this.#bench, options);
  }

  close(): void {
    this.#bench.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** A masked copy, or `undefined` if there is nothing to mask. */
  #masked(bytes: Uint8Array): Uint8Array | undefined {
    this.#bench.mustBeOpen();
    const parts: Uint8Array[] = [];
    const redactor = new Redactor(
      this.#bench,
      (part) => parts.push(part),
      () => {},
    );
    redactor.push(bytes);
    redactor.end();
    if (!redactor.masked) return undefined;
    const whole = new Uint8Array(bytes.length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

function bytesOf(input: string | Uint8Array, method: string): Uint8Array {
  if (typeof input === 'string') return encodeText(input);
  if (input instanceof Uint8Array) return input;
  throw new InputError(`${method}(input): must be a string or a Uint8Array`);
}
