import { SpectralError } from '@spectral/core';

/** The `code` of every IngestError. */
export type IngestErrorCode =
  /** The address is not one, or cannot be listened on. */
  | 'EADDRESS'
  | 'EBIND'
  /** An address that other machines reach, without a token. */
  | 'ENOTOKEN'
  /** An option is out of range. */
  | 'EOPTION'
  /** The sensor refused a request of the client, or could not be reached. */
  | 'EREFUSED'
  | 'EUNREACHABLE';

/** The feed cannot start, or a client's request failed. Holds neither payload bytes nor the token. */
export class IngestError extends SpectralError {
  override readonly name: string = 'IngestError';

  constructor(code: IngestErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** Why a request is refused, with the answer that says so. */
export class Refusal extends Error {
  constructor(
    readonly status: 400 | 401 | 404 | 405 | 413 | 415 | 500 | 503,
    message: string,
    /** The field that is wrong. */
    readonly field?: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
