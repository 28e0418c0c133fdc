/**
 * A batch of records in Wasm memory: a table of fixed 64-byte rows and the payload bytes they point at. A native feed
 * fills it with one call; `handleChunks` fills it from JS chunks. All fields are little-endian.
 *
 *   byte  0        4        8        12       16                24                32
 *        ┌────────┬────────┬────────┬────────┬─────────────────┬─────────────────┐
 *        │ data   │ length │ slot   │ kind   │ flow       f64  │ offset     f64  │
 *        │ u32    │ u32    │ u32 *  │ u32    │                 │ (-1: unknown)   │
 *        ├────────┴────────┼────────┼────────┼─────────────────┴─────────────────┤
 *     32 │ time  f64, ms   │ pid    │ detail │ comm, 16 bytes, NUL-padded        │
 *        └─────────────────┴────────┴────────┴───────────────────────────────────┘
 *       32                40       44       48                                  64
 *
 *   data    address of the payload in Wasm memory        kind    RECORD_*
 *   slot    filled in by the sensor (*)                   flow    number < 2^53, unique over the life of the feed
 *   offset  bytes of the flow before this record          detail  RECORD_LOST: LOST_* reason; else 0
 */
export const RECORD_BYTES = 64;

/** `length` bytes of plaintext at `data`. */
export const RECORD_DATA = 0;
/** `length` bytes at `offset` were not captured; `detail` says why. */
export const RECORD_LOST = 1;
/** The flow is over; `offset` is its final length. */
export const RECORD_CLOSE = 2;
/** Process `pid` is gone or has replaced its image: all its flows are over. */
export const RECORD_EXIT = 3;

/**
 * A write of the flow holds a literal that blocks, or could not be read to its end; what was done about it is at `data`, drawn in
 * `bpf/spectral.h` as `spectral_verdict`. It stands before the write's data.
 */
export const RECORD_BLOCK = 4;

/** Why bytes are missing, in `detail` of a `RECORD_LOST`: the ring between feed and sensor was full. */
export const LOST_RING_FULL = 1;
/** The memory that held them could not be read. */
export const LOST_FAULT = 2;
/** A write was longer than what is captured of one. */
export const LOST_TRUNCATED = 3;
/** They went from a file to the connection without passing through the process. */
export const LOST_SENDFILE = 4;

/** Where a feed may write, valid until the next call into the sensor (memory may grow and move then). */
export interface ChunkBatch {
  /** All of Wasm memory. Ask again after every call. */
  readonly memory: Uint8Array;
  /** Address of row 0 and number of rows. */
  readonly table: number;
  readonly rows: number;
  /** Address and size of the payload area. */
  readonly data: number;
  readonly dataBytes: number;
}
