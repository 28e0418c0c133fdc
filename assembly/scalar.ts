/** The module without vector instructions. */
export * from './exports';
