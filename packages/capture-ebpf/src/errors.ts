import { SpectralError } from '@spectral/core';

/** The `code` of every CaptureError. */
export type CaptureErrorCode =
  /** Not Linux, not x86-64 or arm64, or a kernel that refuses the programs. */
  | 'EUNSUPPORTED'
  /** The compiled addon or the BPF objects are missing from the package. */
  | 'EADDON'
  /** The process may not load BPF programs or attach probes. */
  | 'EPRIVILEGE'
  /** The kernel has no BTF, which the programs need to find its fields. */
  | 'ENOBTF'
  /** The kernel is locked down so far that no program may read memory. */
  | 'ELOCKDOWN'
  /** Ring buffer size not a power of two, or too small for one record. */
  | 'ERINGSIZE'
  /** The kernel does not permit the block mode. */
  | 'EBLOCKMODE'
  /** The literals of the block rules do not fit into the kernel's table. */
  | 'EBLOCKSET'
  /** Another option is out of range. */
  | 'EOPTION';

/** Capturing cannot start. The message says what to do; `detail` holds what the kernel's verifier said, if anything. */
export class CaptureError extends SpectralError {
  override readonly name = 'CaptureError';
  readonly detail: string;

  constructor(code: CaptureErrorCode, message: string, detail = '', options?: ErrorOptions) {
    super(code, message, options);
    this.detail = detail;
  }
}
