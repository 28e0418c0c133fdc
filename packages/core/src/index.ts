export type { Automaton, Literal, Match, MatchKind, MatchOptions } from './engine/automaton.js';
export { brotliDictionary } from './engine/brotli-dictionary.js';
export { compileLiterals, restoreLiterals } from './engine/compile.js';
export type { MatchStream } from './engine/stream.js';
export * from './errors.js';
export type { ChunkHandler, Feed } from './feed.js';
export { createScanner } from './library/scanner.js';
export type {
  Explained,
  Explanation,
  Scanner,
  ScannerOptions,
  ScannerPolicy,
  ScanResult,
  ScanSession,
  SessionOptions,
  StreamOptions,
} from './library/types.js';
export { type BlockSet, compileBlockSet } from './policy/block-set.js';
export { definePolicy } from './policy/check.js';
export { DEFAULT_POLICY } from './policy/defaults.js';
export { type Override, overridePolicy } from './policy/overrides.js';
export { parsePolicy, policyOf } from './policy/parse.js';
export type { PolicyOptions } from './policy/parse-v3.js';
export {
  type Allowances,
  type ContextWords,
  type Examples,
  literalsOf,
  type Policy,
  type Rule,
  type SchemaVersion,
} from './policy/types.js';
export type { RedactStyle } from './redact/styles.js';
export { type Allowlist, parseAllowlist } from './sensor/allowlist.js';
export * from './sensor/batch.js';
export { SensorCounters } from './sensor/counters.js';
export type { AlertContext, Enforcement, SensorOptions } from './sensor/options.js';
export { Sensor } from './sensor/sensor.js';
export type * from './types.js';
export { entropy, rarity, VALIDATORS, type Validator, type ValidatorSet } from './validate/index.js';
