import type { DetectorOptions } from '../detect/detector.js';
import { loadEngine } from '../engine/wasm.js';
import { OptionError } from '../errors.js';
import { ensurePolicy } from '../policy/check.js';
import { DEFAULT_POLICY } from '../policy/defaults.js';
import type { Policy } from '../policy/types.js';
import { REDACT_STYLES } from '../redact/styles.js';
import type { Finding } from '../types.js';
import { PIECE_BYTES, Workbench } from './bench.js';
import { DetectingScanner } from './detecting.js';
import { Redactor } from './redactor.js';
import { redactingStream } from './stream.js';
import { bytesOf, decodeMasked } from './text.js';
import type {
  Explanation,
  Scanner,
  ScannerOptions,
  ScannerPolicy,
  ScanResult,
  ScanSession,
  SessionOptions,
  StreamOptions,
} from './types.js';

const NOTHING = new Uint8Array(0);

/**
 * Makes a scanner for a policy: `DEFAULT_POLICY`, one that `parsePolicy` or `definePolicy` returned, or `{ rules: […] }`.
 * @throws PolicyError the policy is not valid
 * @throws OptionError an option is wrong
 * @throws EngineError the engine cannot be loaded, or the policy does not fit into its memory
 */
export async function createScanner(
  policy: ScannerPolicy = DEFAULT_POLICY,
  options: ScannerOptions = {},
): Promise<Scanner> {
  const { validators } = options;
  const names = validators instanceof Map ? new Set(validators.keys()) : undefined;
  const checked = ensurePolicy(policy as Policy, names);
  const settings = detectorOptions(checked, options);
  const engine = await loadEngine();
  const { redact = 'mask' } = options;
  if (!REDACT_STYLES.includes(redact)) throw new OptionError('redact', `must be one of ${REDACT_STYLES.join(', ')}`);
  const detecting = () => new DetectingScanner(engine, checked, settings, redact);
  if (checked.schemaVersion === 3 || settings.views || redact !== 'mask') return detecting();
  return new LiteralScanner(new Workbench(engine, checked), detecting);
}

function detectorOptions(
  policy: Policy,
  { views, explain, validators, brotliDictionary }: ScannerOptions,
): DetectorOptions {
  for (const [name, value] of Object.entries({ views, explain })) {
    if (value !== undefined && typeof value !== 'boolean') throw new OptionError(name, 'must be true or false');
  }
  if (validators !== undefined && !(validators instanceof Map)) throw new OptionError('validators', 'must be a Map');
  return {
    views: views ?? policy.schemaVersion === 3,
    explain: explain ?? false,
    ...(validators && { validators }),
    ...(brotliDictionary && { brotliDictionary }),
  };
}

/** A scanner for policies of literals: all of them are findings, in raw text alone. */
class LiteralScanner implements Scanner {
  readonly #bench: Workbench;
  readonly #makeDetecting: () => DetectingScanner;
  #detecting: DetectingScanner | undefined;

  constructor(bench: Workbench, makeDetecting: () => DetectingScanner) {
    this.#bench = bench;
    this.#makeDetecting = makeDetecting;
  }

  /** For what is rarely asked of literals. */
  get #sessions(): DetectingScanner {
    this.#bench.mustBeOpen();
    this.#detecting ??= this.#makeDetecting();
    return this.#detecting;
  }

  open(options?: SessionOptions): ScanSession {
    return this.#sessions.open(options);
  }

  explain(input: string | Uint8Array): Explanation {
    return this.#sessions.explain(input);
  }

  restore(input: string): string;
  restore(input: Uint8Array): Uint8Array;
  restore(input: string | Uint8Array): string | Uint8Array;
  restore(input: string | Uint8Array): string | Uint8Array {
    return this.#sessions.restore(input);
  }

  restoreStream(): TransformStream<Uint8Array, Uint8Array> {
    return this.#sessions.restoreStream();
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
    this.#detecting?.close();
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
