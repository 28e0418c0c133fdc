/**
 * What lets most of the text pass unseen: up to two stages, each a filter over positions and an index of the literals that a
 * position it stops at may belong to. Made from the automaton's literals, never part of its serial form.
 *
 *   prefilter, 16 + 2 × 64 bytes: stages u32 │ ends address u32 │ shortest run u32 │ 0, then per stage
 *      0 kind u32: TEDDY, …   16 scan (sampler, map), number   32 indexes (verify.ts), address u32
 *      4 q u32                20 indexes u32                   36 filter of stretches (filter.ts), 0 for none
 *      8 stride u32           24 fold u32                      40 its mask u32
 *     12 masks or map         28 0                             44 bytes of a stretch that are hashed u32
 */
export const TEDDY: u32 = 1;
export const SAMPLER: u32 = 2;
/** The map, about literals of at least four bytes; SHORT is the stage behind it, about those that it found to be short. */
export const MAP: u32 = 3;
export const SHORT: u32 = 4;

export const F_ENDS: usize = 4;
export const F_SHORTEST: usize = 8;
export const STAGES: usize = 16;
export const STAGE: usize = 64;
export const S_Q: usize = 4;
export const S_STRIDE: usize = 8;
export const S_FILTER: usize = 12;
export const S_SCAN: usize = 16;
export const S_INDEXES: usize = 20;
export const S_FOLD: usize = 24;
export const S_INDEX: usize = 32;
export const S_STRETCHES: usize = 36;
export const S_STRETCH_MASK: usize = 40;
export const S_STRETCH_Q: usize = 44;
export const PREFILTER: usize = STAGES + 2 * STAGE;
