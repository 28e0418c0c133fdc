/// <reference lib="esnext.disposable" />
import type { Policy, Rule, SchemaVersion } from '../policy/types.js';
import type { RedactStyle } from '../redact/styles.js';
import type { Finding } from '../types.js';
import type { Validator } from '../validate/index.js';

/** Rules to look for: a `Policy`, or an object that has rules. */
export interface ScannerPolicy {
  /** At least one; ids must differ. */
  readonly rules: readonly Rule[];
  /** As in `Policy`; default: what the rules' fields need. */
  readonly schemaVersion?: SchemaVersion;
}

/** What `Scanner.scan` found. */
export interface ScanResult {
  /** All occurrences of all rules, overlapping ones too; by end, then start, then order in the policy. */
  readonly findings: readonly Finding[];
  /**
   * Findings beyond those listed: of every 65,536 bytes of input, at most 65,536 findings are listed. Under a policy of format v3: places
   * that looked like a finding and were not judged, for there were too many of them.
   */
  readonly omitted: number;
  /**
   * Bytes of compressed streams that were not decompressed, and so not looked through: damaged, beyond what a stream may expand to, or
   * Brotli without its dictionary. Absent if there are none.
   */
  readonly undecoded?: number;
}

/** Options of `createScanner`. */
export interface ScannerOptions {
  /**
   * Whether decoded forms of the text are looked at, too: escaped, encoded, compressed, in the frames of protocols. Default: for a
   * policy of format v3. An offset is always one of the input.
   */
  readonly views?: boolean;
  /** Whether `explain` may be called, which costs time in every other call. Default false. */
  readonly explain?: boolean;
  /**
   * What stands in the place of what is redacted: as many `*` (default), the rule's name, that and a keyed hash, or that and a
   * number. Hashes and numbers are the same for the same value, within one scanner.
   */
  readonly redact?: RedactStyle;
  /** Validators beside the built-in ones, by the names that rules use. */
  readonly validators?: ReadonlyMap<string, Validator>;
  /**
   * What `brotliDictionary` returns. Compressors of Brotli write words of it at will: bodies that have any are not decoded without it.
   */
  readonly brotliDictionary?: Uint8Array;
}

/** Something that looked like a finding, and why it is none. Holds no text of the input. */
export interface Explained {
  readonly ruleId: string;
  /** Inclusive, in bytes. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly view: string;
  /** The test that it failed, or the rule that it gave way to. */
  readonly reason: string;
}

/** What `Scanner.explain` tells. */
export interface Explanation {
  readonly findings: readonly Finding[];
  /** At most 10,000. */
  readonly dropped: readonly Explained[];
}

/** Options of `Scanner.open`. */
export interface SessionOptions {
  /** Gets the redacted bytes as they become certain; together they are those of `redact`. */
  readonly onRedacted?: (bytes: Uint8Array) => void;
}

/** One flow of bytes that comes in pieces. What is found does not depend on where it is cut. */
export interface ScanSession {
  /** Findings that have become certain, by start; their offsets count from the flow's first byte. @throws SpectralError, InputError */
  push(bytes: Uint8Array): readonly Finding[];
  /** The rest: nothing follows. */
  end(): readonly Finding[];
  /** What looked like a finding since the last call; always empty if the scanner was made without the option `explain`. */
  dropped(): readonly Explained[];
  /** Bytes so far of compressed streams that were not decompressed, as in `ScanResult`. */
  readonly undecoded: number;
}

/** Options of `Scanner.stream`. */
export interface StreamOptions {
  /**
   * Called with what was found in a chunk, or in a part of a large one, once its redacted bytes are passed on. Offsets are
   * bytes since the stream began. A throw makes the stream fail.
   * @param omitted findings beyond those listed, as in `ScanResult`
   */
  readonly onFindings?: (findings: readonly Finding[], omitted: number) => void;
}

/**
 * Finds and masks what a policy names. Text is compared as bytes, and a string as its UTF-8: offsets are then those of its
 * UTF-8 bytes, not of its UTF-16 code units.
 *
 * A scanner belongs to one thread. Its calls and streams may be mixed in any order.
 */
export interface Scanner {
  /** The policy in force. */
  readonly policy: Policy;

  /**
   * Finds every occurrence of every rule.
   * @throws InputError the input is neither a string nor a Uint8Array
   * @throws SpectralError `SCANNER_CLOSED`
   */
  scan(input: string | Uint8Array): ScanResult;

  /**
   * Masks every occurrence, and the secret that it introduces, with as many `*` as it has bytes. What is behind a match and
   * belongs to it is told by the match's own shape: a token, the rest of a line, a whole PEM block.
   *
   * Returns the input itself if there is nothing to mask, else a copy with as many bytes. The halves of a broken surrogate
   * pair come back as U+FFFD from a string that was masked.
   * @throws InputError the input is neither a string nor a Uint8Array
   * @throws SpectralError `SCANNER_CLOSED`
   */
  redact(input: string): string;
  /** The same for bytes. */
  redact(input: Uint8Array): Uint8Array;
  /** The same for what may be either. */
  redact(input: string | Uint8Array): string | Uint8Array;

  /**
   * A stream that redacts the bytes that flow through it. What comes out is the same whatever the cut, and equals `redact` of
   * the whole. Chunks that are clean are passed on as they are, without a copy.
   *
   * Only bytes that may be the beginning of a match or of what a mask covers are held back until more are known: at most as
   * many as the longest pattern has, or 16 if that is more. The stream's end lets go of them; an abort or a cancel drops them.
   *
   * In Node, `Duplex.fromWeb(scanner.stream())` of `node:stream` makes it a Node stream.
   */
  stream(options?: StreamOptions): TransformStream<Uint8Array, Uint8Array>;

  /**
   * A flow of bytes that comes in pieces.
   * @throws SpectralError `SCANNER_CLOSED`
   */
  open(options?: SessionOptions): ScanSession;

  /**
   * As `scan`, and tells what else looked like a finding.
   * @throws SpectralError `SCANNER_CLOSED`, `OPTION_INVALID`: the scanner was made without the option `explain`
   */
  explain(input: string | Uint8Array): Explanation;

  /**
   * Puts back what pseudonyms stand for that this scanner gave: `restore(redact(text))` is the text, if it had none in it before.
   * @throws OptionError the scanner was made with another style of redaction than `pseudonym`
   * @throws InputError, SpectralError `SCANNER_CLOSED`
   */
  restore(input: string): string;
  /** The same for bytes. */
  restore(input: Uint8Array): Uint8Array;
  /** The same for what may be either. */
  restore(input: string | Uint8Array): string | Uint8Array;

  /** A stream that does so for the bytes that flow through it, whatever the cut. @throws as `restore` */
  restoreStream(): TransformStream<Uint8Array, Uint8Array>;

  /** Frees the memory. Idempotent; later calls throw, and streams that are still open fail, with `SCANNER_CLOSED`. */
  close(): void;

  /** The same as `close()`, for `using`. */
  [Symbol.dispose](): void;
}
