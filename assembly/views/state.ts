/**
 * What all decoders have in common.
 *
 *   state   kind u32 │ held u32 │ seen u32 │ status u32 │ 16: the decoder's own
 *
 *   held     bytes of the stream before the next input that the decoder has taken but not dealt with yet; it finds them in
 *            front of the input
 *   seen     bytes that lie in front of the input, 1,024 at most
 *   status   what the last call reports, bits:
 */
/**
 * Nothing is under way, and what comes out next does not continue what came out before. Until a trigger of this kind comes, the
 * decoder may be passed over (`decoderSkip`).
 */
export const IDLE: u32 = 1;
/** The input is damaged, or its checksum does not agree; what was put out stands. */
export const DAMAGED: u32 = 2;
/** The compressed stream is over; the rest is swallowed. */
export const OVER: u32 = 4;
/** The output of this call belongs to a run that holds a gzip stream, a zlib stream, text in UTF-16. */
export const GZIP_RUN: u32 = 8;
export const ZLIB_RUN: u32 = 64;
export const UTF16_RUN: u32 = 128;
/** … and the run ends with this call: the last byte is the separator. */
export const RUN_END: u32 = 16;

/** Nothing more is decoded, the rest is swallowed: it is damaged, or nobody here can decode it. */
export const STOPPED: u32 = 32;

export const KIND: usize = 0;
export const HELD: usize = 4;
export const SEEN: usize = 8;
export const STATUS: usize = 12;

export const JSON_ESCAPES: u32 = 1;
export const PERCENT_ESCAPES: u32 = 2;
export const ENTITIES: u32 = 3;
export const RUNS: u32 = 4;
export const QUOTED: u32 = 5;
export const JSON_TEXT: u32 = 6;
export const FORM: u32 = 7;
export const GZIP: u32 = 8;
export const ZLIB: u32 = 9;
export const RAW: u32 = 10;
export const BROTLI: u32 = 11;
export const UTF16_LE: u32 = 12;
export const UTF16_BE: u32 = 13;

/** Bytes of the stream that the caller keeps in front of the input. */
export const LOOKBACK: u32 = 1024;

/**
 * Notes where the cursor stands, and returns how many bytes of the input are taken: all, except when the output is full;
 * then as far as the cursor has come.
 */
export function leave(d: usize, input: usize, length: usize, p: usize, isFull: bool): usize {
  const taken = isFull ? (p > input ? p - input : 0) : length;
  store<u32>(d, <u32>(input + taken - p), HELD);
  return taken;
}
