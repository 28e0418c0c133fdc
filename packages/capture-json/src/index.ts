export { type ChunkFields, ChunkMaker } from './fields.js';
export { type LineSink, LineSplitter } from './lines.js';
export { ChunkReader } from './reader.js';
export { CHUNK_SCHEMA, type ChunkDocument, MAX_COMM_CHARACTERS, MAX_FLOW_CHARACTERS } from './schema.js';
