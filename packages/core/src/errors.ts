/** Every error that this package throws on purpose. `code` is stable; messages are for people and hold no payload bytes. */

export type ErrorCode =
  | 'POLICY_INVALID'
  | 'REGEX_INVALID'
  | 'ALLOWLIST_INVALID'
  | 'OPTION_INVALID'
  | 'CHUNK_INVALID'
  | 'BATCH_INVALID'
  | 'SENSOR_CLOSED'
  | 'SENSOR_BUSY'
  | 'SCANNER_CLOSED'
  | 'INPUT_INVALID'
  | 'ENGINE_LOAD'
  | 'ENGINE_MEMORY'
  | 'ENGINE_COMPILE'
  | 'ENGINE_FORMAT';

/** Base of all errors of Spectral. Catch it, and look at `code`. */
export class SpectralError extends Error {
  override readonly name: string = 'SpectralError';
  readonly code: string;

  constructor(code: ErrorCode | (string & {}), message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** One thing that is wrong with a document. */
export interface Problem {
  /** Where, as a path into the document: `rules[3].severity`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
}

/** At most this many problems are listed; the rest is only counted. */
export const MAX_PROBLEMS = 20;

/** A document (policy, allowlist) was refused. Lists all that is wrong with it, at most `MAX_PROBLEMS` in full. */
class DocumentError extends SpectralError {
  readonly label: string;
  readonly problems: readonly Problem[];
  /** Number of problems beyond those listed. */
  readonly more: number;

  constructor(code: ErrorCode, label: string, found: readonly Problem[], more = 0) {
    const problems = found.slice(0, MAX_PROBLEMS);
    const rest = more + found.length - problems.length;
    const lines = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    if (rest > 0) lines.push(`and ${rest} more`);
    super(code, lines.length === 1 ? `${label}: ${lines[0]}` : `${label}:\n  ${lines.join('\n  ')}`);
    this.label = label;
    this.problems = problems;
    this.more = rest;
  }
}

/** The policy document was refused; the policy in force stays. */
export class PolicyError extends DocumentError {
  override readonly name = 'PolicyError';
  constructor(label: string, problems: readonly Problem[], more = 0) {
    super('POLICY_INVALID', label, problems, more);
  }
}

/** The allowlist document was refused. */
export class AllowlistError extends DocumentError {
  override readonly name = 'AllowlistError';
  constructor(label: string, problems: readonly Problem[], more = 0) {
    super('ALLOWLIST_INVALID', label, problems, more);
  }
}

/** A regular expression was refused: it is malformed, too large, or uses what cannot be matched in linear time. */
export class RegexError extends SpectralError {
  override readonly name = 'RegexError';
  /** Where in the source, counted in UTF-16 code units from 0. */
  readonly position: number;
  constructor(position: number, message: string) {
    super('REGEX_INVALID', `regular expression, at character ${position + 1}: ${message}`);
    this.position = position;
  }
}

/** An option of a public function has the wrong type or is out of range. */
export class OptionError extends SpectralError {
  override readonly name = 'OptionError';
  readonly option: string;
  constructor(option: string, message: string) {
    super('OPTION_INVALID', `option ${option}: ${message}`);
    this.option = option;
  }
}

/** A chunk given to `handleChunk` is malformed. It was not scanned and changed nothing. */
export class ChunkError extends SpectralError {
  override readonly name = 'ChunkError';
  /** Name of the field; empty for the chunk itself. */
  readonly field: string;
  constructor(field: string, message: string) {
    super('CHUNK_INVALID', `${field === '' ? 'chunk' : `chunk.${field}`}: ${message}`);
    this.field = field;
  }
}

/** Something other than text was given to a scanner. */
export class InputError extends SpectralError {
  override readonly name = 'InputError';
  constructor(message: string) {
    super('INPUT_INVALID', message);
  }
}

/** The WebAssembly engine could not be loaded, ran out of memory or refused a set of literals. */
export class EngineError extends SpectralError {
  override readonly name = 'EngineError';
}
