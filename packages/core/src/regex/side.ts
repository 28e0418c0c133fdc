/** Kinds of bytes that may stand beside a literal, as bits; where nothing stands counts as OTHER. */
export const LETTER = 1;
export const DIGIT = 2;
export const UNDERSCORE = 4;
export const OTHER = 8;

/** Kinds that are left out where words end: `\b`. */
export const WORD_SIDES = [LETTER, DIGIT, UNDERSCORE] as const;

/** The kind of each byte. */
export const SIDE_OF: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, byte) => {
  const lower = byte | 0x20;
  if (lower >= 0x61 && lower <= 0x7a) return LETTER;
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  return byte === 0x5f ? UNDERSCORE : OTHER;
});

/** What may stand in front, and behind it in the upper four bits. */
export const ANY_SIDES = 0xff;
export const BEHIND_SHIFT = 4;
