/** The module with 128-bit vectors. */
export * from './exports';
