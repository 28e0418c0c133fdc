/** Bounds of a policy document. What is over them is refused, never cut. */

export const MAX_RULES = 10_000;
/** Of one pattern, as UTF-8. The least is 1. */
export const MAX_PATTERN_BYTES = 4096;
/** Of all patterns together: the automaton has at most one state per byte. */
export const MAX_TOTAL_PATTERN_BYTES = 1024 * 1024;
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** Rule ids go into logs and metric labels. */
export const RULE_ID = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
export const RULE_ID_WORDS = '1 to 128 letters, digits or any of . _ : / - and begins with a letter or digit';
