import type { Candidate, Dropped } from '../detect/candidate.js';
import { Detector, type DetectorOptions } from '../detect/detector.js';
import { Session } from '../detect/session.js';
import type { EngineExports } from '../engine/wasm.js';
import { InputError, OptionError, SpectralError } from '../errors.js';
import { CompiledPolicy } from '../policy/compiled.js';
import type { Policy } from '../policy/types.js';
import { concat, joined, type Replacer, replaced } from '../redact/replacement.js';
import { SessionRedactor } from '../redact/session-redactor.js';
import { type RedactStyle, replacerOf } from '../redact/styles.js';
import { Restorer, Vault } from '../redact/vault.js';
import { EngineMemory } from '../sensor/memory.js';
import type { Finding } from '../types.js';
import { bytesOf, decodeMasked, decodeText } from './text.js';
import type {
  Explained,
  Explanation,
  Scanner,
  ScanResult,
  ScanSession,
  SessionOptions,
  StreamOptions,
} from './types.js';

/** Frees sessions whose owner forgot them before they ended. */
const forgotten = new FinalizationRegistry<Session>((session) => session.free());

/** A scanner for policies whose rules have tests, and for decoded views. */
export class DetectingScanner implements Scanner {
  readonly #detector: Detector;
  #closed = false;

  readonly #style: RedactStyle;
  readonly #vault = new Vault();
  readonly #replacer: Replacer;

  constructor(engine: EngineExports, policy: Policy, options: DetectorOptions, style: RedactStyle = 'mask') {
    this.#style = style;
    this.#replacer = replacerOf(style, policy.rules, (key) => globalThis.crypto.getRandomValues(key), this.#vault);
    this.#detector = new Detector(engine, new EngineMemory(engine), new CompiledPolicy(engine, policy), options);
  }

  get policy(): Policy {
    return this.#detector.policy.policy;
  }

  scan(input: string | Uint8Array): ScanResult {
    this.#mustBeOpen();
    const session = new Session(this.#detector);
    session.push(bytesOf(input, 'scan'));
    session.end();
    const { omitted, missed } = session;
    return { findings: this.#findings(session.settled), omitted, ...(missed > 0 && { undecoded: missed }) };
  }

  open({ onRedacted }: SessionOptions = {}): ScanSession {
    this.#mustBeOpen();
    const session = new Session(this.#detector);
    const redactor = onRedacted && new SessionRedactor(session, this.#replacer, onRedacted);
    const mustBeOpen = () => this.#mustBeOpen();
    const handle = new OpenSession(
      session,
      redactor,
      (candidates) => this.#findings(candidates),
      (dropped) => this.#explained(dropped),
      mustBeOpen,
    );
    forgotten.register(handle, session, handle);
    return handle;
  }

  explain(input: string | Uint8Array): Explanation {
    this.#mustBeOpen();
    if (!this.#detector.options.explain) {
      throw new SpectralError('OPTION_INVALID', 'explain(): the scanner was made without the option "explain"');
    }
    const session = new Session(this.#detector);
    session.push(bytesOf(input, 'explain'));
    session.end();
    return { findings: this.#findings(session.settled), dropped: this.#explained(session.dropped) };
  }

  redact(input: string): string;
  redact(input: Uint8Array): Uint8Array;
  redact(input: string | Uint8Array): string | Uint8Array;
  redact(input: string | Uint8Array): string | Uint8Array {
    const redacted = this.redactWith(bytesOf(input, 'redact'), this.#replacer);
    if (redacted === undefined) return input;
    return typeof input === 'string' ? decodeMasked(redacted) : redacted;
  }

  /** A redacted copy, `undefined` if nothing is to be replaced. */
  redactWith(bytes: Uint8Array, replacer: Replacer): Uint8Array | undefined {
    this.#mustBeOpen();
    const session = new Session(this.#detector);
    session.push(bytes);
    session.end();
    if (session.masks.length === 0) return undefined;
    const replacements = joined(session.masks, this.#detector.compare);
    return replaced(bytes, bytes.length, 0, -1, replacements, replacer);
  }

  restore(input: string): string;
  restore(input: Uint8Array): Uint8Array;
  restore(input: string | Uint8Array): string | Uint8Array;
  restore(input: string | Uint8Array): string | Uint8Array {
    const parts: Uint8Array[] = [];
    const restorer = this.#restorer((bytes) => parts.push(bytes));
    restorer.push(bytesOf(input, 'restore'));
    restorer.end();
    const all = concat(parts);
    return typeof input === 'string' ? decodeText(all) : all;
  }

  restoreStream(): TransformStream<Uint8Array, Uint8Array> {
    let restorer: Restorer;
    return new TransformStream<Uint8Array, Uint8Array>({
      start: (controller) => {
        restorer = this.#restorer((bytes) => controller.enqueue(bytes));
      },
      transform(chunk) {
        if (!(chunk instanceof Uint8Array)) throw new InputError('restoreStream(): chunks must be Uint8Arrays');
        restorer.push(chunk);
      },
      flush() {
        restorer.end();
      },
    });
  }

  #restorer(emit: (bytes: Uint8Array) => void): Restorer {
    this.#mustBeOpen();
    if (this.#style !== 'pseudonym') {
      throw new OptionError(
        'redact',
        'must be "pseudonym" for values to be put back: nothing else stands for one value',
      );
    }
    return new Restorer(this.#vault, emit);
  }

  stream(options: StreamOptions = {}): TransformStream<Uint8Array, Uint8Array> {
    this.#mustBeOpen();
    const session = new Session(this.#detector);
    const replacer = this.#replacer;
    let redactor: SessionRedactor;
    const report = () => {
      const findings = this.#findings(session.settled.splice(0));
      if (findings.length > 0) options.onFindings?.(findings, 0);
    };
    const stream = new TransformStream<Uint8Array, Uint8Array>({
      start(controller) {
        redactor = new SessionRedactor(session, replacer, (bytes) => controller.enqueue(bytes));
      },
      transform: (chunk) => {
        this.#mustBeOpen();
        if (!(chunk instanceof Uint8Array)) {
          throw new InputError('stream(): chunks must be Uint8Arrays; put a TextEncoderStream before it for strings');
        }
        redactor.push(chunk);
        report();
      },
      flush: () => {
        this.#mustBeOpen();
        redactor.end();
        report();
      },
    });
    forgotten.register(stream, session);
    return stream;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#detector.free();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #findings(candidates: readonly Candidate[]): Finding[] {
    const { rules } = this.#detector.policy;
    return candidates.map(({ rule, start, end, view }) => {
      const { id, severity, action } = rules[rule]!;
      return { ruleId: id, severity, action, start, end, view };
    });
  }

  #explained(dropped: readonly Dropped[]): Explained[] {
    const { rules } = this.#detector.policy;
    return dropped.map(({ rule, ...rest }) => ({ ruleId: rules[rule]!.id, ...rest }));
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new SpectralError('SCANNER_CLOSED', 'the scanner is closed; create a new one');
  }
}

const NONE: readonly Finding[] = Object.freeze([]);

class OpenSession implements ScanSession {
  #over = false;

  constructor(
    readonly session: Session,
    readonly redactor: SessionRedactor | undefined,
    readonly findings: (candidates: readonly Candidate[]) => Finding[],
    readonly explained: (dropped: readonly Dropped[]) => Explained[],
    readonly mustBeOpen: () => void,
  ) {}

  get undecoded(): number {
    return this.session.missed;
  }

  push(bytes: Uint8Array): readonly Finding[] {
    this.mustBeOpen();
    if (this.#over) throw new InputError('push(): the session has ended; open a new one');
    if (!(bytes instanceof Uint8Array)) throw new InputError('push(bytes): must be a Uint8Array');
    if (this.redactor !== undefined) this.redactor.push(bytes);
    else this.session.push(bytes);
    return this.#taken();
  }

  end(): readonly Finding[] {
    this.mustBeOpen();
    if (this.#over) return [];
    this.#over = true;
    if (this.redactor !== undefined) this.redactor.end();
    else this.session.end();
    forgotten.unregister(this);
    return this.#taken();
  }

  dropped(): readonly Explained[] {
    const { dropped } = this.session;
    return dropped.length === 0 ? [] : this.explained(dropped.splice(0));
  }

  #taken(): readonly Finding[] {
    const { session } = this;
    session.masks.length = 0;
    return session.settled.length === 0 ? NONE : this.findings(session.settled.splice(0));
  }
}
