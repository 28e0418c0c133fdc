/** Whose alerts are not reported. */
export interface Allowlist {
  /** A process whose name begins with one of these is skipped by the host sensor. */
  readonly commPrefixes: readonly string[];
  /** The same by HTTP User-Agent, for the gateway. */
  readonly userAgentPrefixes: readonly string[];
}

/**
 * Reads an allowlist document: `{"comm_prefixes": [...], "user_agent_prefixes": [...]}`, both optional.
 * @param label name of the file, for messages
 * @throws AllowlistError
 */
export function parseAllowlist(_text: string | Uint8Array, _label: string): Allowlist {
  throw new Error('to come');
}
