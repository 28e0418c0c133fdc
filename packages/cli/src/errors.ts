import { SpectralError } from '@spectral/core';
import type { ExitCode } from './exit-codes.js';

export type CliErrorCode = 'USAGE' | 'CONFIG_FILE' | 'BIND' | 'KUBERNETES' | 'STDOUT_CLOSED';

const EXIT_CODES: Readonly<Record<CliErrorCode, ExitCode>> = {
  USAGE: 2,
  CONFIG_FILE: 3,
  BIND: 6,
  KUBERNETES: 3,
  STDOUT_CLOSED: 7,
};

/** What the user has to put right before the sensor can run. The message says what was wrong, where, and what to do. */
export class CliError extends SpectralError {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.exitCode = EXIT_CODES[code];
  }
}

/** The text of anything thrown, on one line or several, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
