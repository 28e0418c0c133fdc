export type { MeshConfig } from './config.js';
export { EXIT, type ExitCode } from './exit-codes.js';
export { type MeshOptions, runMesh } from './main.js';
