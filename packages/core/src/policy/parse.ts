import type { Policy } from './types.js';

/**
 * Reads a policy document: v2 `{"schema_version": 2, "rules": [{id, pattern, severity, action}]}` or the legacy
 * `{"patterns": ["…"]}`.
 * @param label name of the file, for messages
 * @throws PolicyError
 */
export function parsePolicy(_text: string | Uint8Array, _label: string): Policy {
  throw new Error('to come');
}
