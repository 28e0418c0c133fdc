/**
 * The state of a decoder of Brotli (RFC 7932). It is some 30 KiB, with a window and the tables of prefix codes besides, which grow.
 *
 *   16  step u32 │ index u32 │ category u32 │ isLast u32 │ left u32 │ rest u32 │ bits u32 │ hold u32
 *   48  window's state (window.ts) │ 72: window u32 │ its bytes u32
 *   80  trees u32 │ their bytes u32 │ postfix u32 │ direct u32 │ runs u32 │ isLost u32 │ wbits u32
 *  112  categories, 32 bytes each: types u32 │ type u32 │ before u32 │ count u32 │ number u32 │ trees u32
 *  208  phase u32 │ inserts u32 │ copies u32 │ copy code u32 │ distance u32 │ isImplicit u32 │ isBegun u32
 *  240  the last four distances u32 × 4, the last one first
 *  256  reader of a prefix code (brotli-code.ts)
 *       context modes u8 × 256 │ context maps of literals u8 × 64 × 256, of distances u8 × 4 × 256
 *       tables of block types × 3, of block counts × 3, of a context map
 *
 *   left         bytes of the meta-block that are still to come
 *   rest         bytes of metadata, or of a size, that are still to come
 *   types, type  how many block types the category has, and the one in force; `before`: the one before that
 *   count        symbols of this block that are still to come
 *   number       prefix codes of the category; `trees`: address of their tables
 *   isBegun      a group of the map is under way, though nothing may be put out yet
 *   isLost       the rest cannot be decoded here, though it may be sound
 */
export const STEP: usize = 16;
export const INDEX: usize = 20;
export const CATEGORY: usize = 24;
export const IS_LAST: usize = 28;
export const LEFT: usize = 32;
export const REST: usize = 36;
export const BITS: usize = 40;
export const HOLD: usize = 44;
export const WINDOW_AT: usize = 48;
export const WINDOW: usize = 72;
export const WINDOW_ROOM: usize = 76;
export const TREES: usize = 80;
export const TREES_ROOM: usize = 84;
export const POSTFIX: usize = 88;
export const DIRECT: usize = 92;
export const RUNS: usize = 96;
export const IS_LOST: usize = 100;
export const WINDOW_BITS: usize = 104;

export const LITERALS: usize = 112;
export const COMMANDS: usize = 144;
export const DISTANCES: usize = 176;
export const CATEGORY_BYTES: usize = 32;
/** Within a category. */
export const TYPES: usize = 0;
export const TYPE: usize = 4;
export const TYPE_BEFORE: usize = 8;
export const COUNT: usize = 12;
export const NUMBER: usize = 16;
export const TABLES: usize = 20;

export const PHASE: usize = 208;
export const INSERTS: usize = 212;
export const COPIES: usize = 216;
export const COPY_CODE: usize = 220;
export const DISTANCE: usize = 224;
export const IS_IMPLICIT: usize = 228;
export const IS_BEGUN: usize = 232;
export const LAST_DISTANCES: usize = 240;

export const CODE: usize = 256;
export const LONGEST_ALPHABET: usize = 704;
/** See brotli-code.ts. */
export const CODE_BYTES: usize = 32 + 24 + 136 + LONGEST_ALPHABET;

export const MODES: usize = CODE + CODE_BYTES;
export const LITERAL_MAP: usize = MODES + 256;
export const DISTANCE_MAP: usize = LITERAL_MAP + 64 * 256;
export const TYPE_TABLES: usize = DISTANCE_MAP + 4 * 256;
/** Short codes of all tables that are not for content. */
export const SHORT_BITS: u32 = 8;
export const TYPE_TABLE: usize = 32 + 512 + 258 * 2;
export const COUNT_TABLES: usize = TYPE_TABLES + 3 * TYPE_TABLE;
export const COUNT_TABLE: usize = 32 + 512 + 26 * 2;
export const MAP_TABLE: usize = COUNT_TABLES + 3 * COUNT_TABLE;
export const BROTLI_STATE: usize = MAP_TABLE + 32 + 512 + 272 * 2;

/** The stream cannot be decoded here: there is no dictionary, or no memory. Beside what `symbols` returns. */
export const LOST: u32 = 5;
