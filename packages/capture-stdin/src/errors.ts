import { SpectralError } from '@spectral/core';

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
