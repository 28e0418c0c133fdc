import { SpectralError } from '@spectral/core';

/** The `code` of every StdinError. */
export type StdinErrorCode =
  /** An option is out of range. */
  'EOPTION';

/** The feed cannot be made. */
export class StdinError extends SpectralError {
  override readonly name = 'StdinError';

  constructor(code: StdinErrorCode, message: string) {
    super(code, message);
  }
}
