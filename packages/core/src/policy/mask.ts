/**
 * What a literal introduces, and how far the mask of a match therefore reaches behind it. The numbers are the start states
 * of the engine's `extend`.
 *
 *   TOKEN   `ghp_` …      the run of token characters that follows, also behind `": "` or `=`
 *   LINE    `Authorization:` …   the rest of the line
 *   BLOCK   `-----BEGIN …`       everything up to the end of the `-----END …-----` line
 *   VALUE   `password=` …        blanks and quotes, then a token
 */
export const MASK_TOKEN = 1;
export const MASK_LINE = 2;
export const MASK_BLOCK = 3;
export const MASK_VALUE = 4;

/** Characters that a token has at most; as in `assembly/extend.ts`. */
export const TOKEN_BUDGET = 4096;
const RUN = 5;

/** The state of `extend` in the midst of a token that may have so many more characters. */
export function tokenRun(budget: number): number {
  return (budget << 16) | (RUN << 3) | MASK_TOKEN;
}

/** The kind that a pattern's own shape tells. */
export function maskKindOf(pattern: string): number {
  if (pattern.includes('-----BEGIN')) return MASK_BLOCK;
  if (pattern.endsWith(':')) return MASK_LINE;
  if (/(?:=|[:=]\s+)$/.test(pattern)) return MASK_VALUE;
  return MASK_TOKEN;
}
