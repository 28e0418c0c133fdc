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

/** Of format v3, counted for each rule. */
export const MAX_LITERALS = 128;
/** Characters of a regex, and of an entry of `allow` or `words`. */
export const MAX_REGEX_LENGTH = 8192;
export const MAX_WORD_LENGTH = 256;
export const MAX_WORDS = 256;
export const MAX_CONTEXT_BYTES = 256;
export const MAX_VALIDATORS = 8;
/** A byte has no more than 8 bits; a rare pair of characters may surprise by more. */
export const MAX_ENTROPY = 8;
export const MAX_RARITY = 32;
export const MAX_EXAMPLES = 64;
export const MAX_EXAMPLE_LENGTH = 16_384;
export const MAX_DESCRIPTION_LENGTH = 1024;
export const MAX_TAGS = 32;
/** Families and tags go into reports and are selected by. */
export const LABEL = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const LABEL_WORDS = '1 to 64 small letters, digits or any of . _ - and begins with a letter or digit';

/** Of a document. */
export const MAX_EXTENDS = 16;
export const MAX_OVERRIDES = 10_000;
