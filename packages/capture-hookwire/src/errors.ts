import { SpectralError } from '@spectral/core';

/** The `code` of every HookwireError. */
export type HookwireErrorCode =
  /** An address that is neither `unix:PATH` nor `tcp:HOST:PORT`. */
  | 'EADDRESS'
  /** The address of another machine's reach, without leave to listen there. */
  | 'EREMOTE'
  /** The socket cannot be bound: in use, not permitted, no such directory. */
  | 'EBIND'
  /** A field of a frame does not fit into the wire format. */
  | 'EFRAME'
  /** The client's connection is closed. */
  | 'ECLOSED'
  /** Another option is out of range. */
  | 'EOPTION';

/** The feed cannot start, or the client was given what cannot be sent. Holds no payload bytes. */
export class HookwireError extends SpectralError {
  override readonly name = 'HookwireError';

  constructor(code: HookwireErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
