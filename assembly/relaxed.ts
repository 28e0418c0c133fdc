/** The module with relaxed vector instructions: a table lookup is one instruction less. */
export * from './exports';
