import { OptionError } from '../errors.js';
import { ensurePolicy } from '../policy/check.js';
import type { Policy } from '../policy/types.js';
import type { Sink } from '../types.js';
import type { Allowlist } from './allowlist.js';
import type { Enforcement, SensorOptions } from './options.js';

/** Options with every default filled in. */
export interface Settings {
  readonly policy: Policy;
  readonly sinks: readonly Sink[];
  readonly sensorKind: NonNullable<SensorOptions['sensorKind']>;
  readonly maxFlows: number;
  readonly flowIdleMs: number;
  readonly settleMs: number;
  readonly views: boolean | undefined;
  readonly validators: SensorOptions['validators'];
  readonly brotliDictionary: SensorOptions['brotliDictionary'];
  readonly allowlist: Allowlist | undefined;
  readonly dedupeWindowMs: number;
  readonly alertMaxPerWindow: number;
  readonly alertMaxPerPidPerWindow: number;
  readonly alertWindowMs: number;
  readonly redactedPreview: boolean;
  readonly payloadSha256: boolean;
  readonly enforcement: Enforcement;
  readonly enrich: SensorOptions['enrich'];
  readonly clock: () => number;
}

const KNOWN: Record<keyof Settings, true> = {
  policy: true,
  sinks: true,
  sensorKind: true,
  maxFlows: true,
  flowIdleMs: true,
  settleMs: true,
  views: true,
  validators: true,
  brotliDictionary: true,
  allowlist: true,
  dedupeWindowMs: true,
  alertMaxPerWindow: true,
  alertMaxPerPidPerWindow: true,
  alertWindowMs: true,
  redactedPreview: true,
  payloadSha256: true,
  enforcement: true,
  enrich: true,
  clock: true,
};

const MAX_FLOWS = 1 << 20;
const MAX_CAP = 1_000_000_000;
/** 365 days. */
const MAX_MS = 31_536_000_000;
const MODES = ['observe', 'redact', 'deny', 'kill'];

/** @throws OptionError, PolicyError */
export function readOptions(options: SensorOptions): Settings {
  if (typeof options !== 'object' || options === null) throw new OptionError('options', 'must be an object');
  for (const name of Object.keys(options)) {
    if (!(name in KNOWN)) throw new OptionError(name, `is unknown; known are ${Object.keys(KNOWN).join(', ')}`);
  }
  if (typeof options.policy !== 'object' || options.policy === null) {
    throw new OptionError('policy', 'is missing; use DEFAULT_POLICY or parsePolicy()');
  }
  const policy = ensurePolicy(options.policy);
  const { sinks = [], sensorKind = 'library', enforcement = { mode: 'observe', bpfBlockingEnabled: false } } = options;
  if (!Array.isArray(sinks))
    throw new OptionError('sinks', 'must be an array of objects with alert(), gap() or block()');
  for (const sink of sinks as unknown[]) {
    if (typeof sink !== 'object' || sink === null) throw new OptionError('sinks', 'must hold objects only');
    for (const name of ['alert', 'gap', 'block'] as const) {
      const method = (sink as Sink)[name];
      if (method !== undefined && typeof method !== 'function') {
        throw new OptionError('sinks', `has a sink whose ${name} is not a function`);
      }
    }
  }
  if (!['mesh', 'edge', 'library'].includes(sensorKind)) {
    throw new OptionError('sensorKind', 'must be mesh, edge or library');
  }
  if (!MODES.includes(enforcement?.mode) || typeof enforcement.bpfBlockingEnabled !== 'boolean') {
    throw new OptionError('enforcement', `must be {mode: ${MODES.join(' | ')}, bpfBlockingEnabled: boolean}`);
  }
  return {
    policy,
    sinks: [...sinks],
    sensorKind,
    maxFlows: integer(options, 'maxFlows', 8192, 1, MAX_FLOWS),
    flowIdleMs: integer(options, 'flowIdleMs', 600_000, 1, MAX_MS),
    settleMs: integer(options, 'settleMs', 250, 0, MAX_MS),
    views: options.views === undefined ? undefined : boolean(options, 'views', false),
    validators: readValidators(options.validators),
    brotliDictionary: options.brotliDictionary,
    allowlist: checkAllowlist(options.allowlist),
    dedupeWindowMs: integer(options, 'dedupeWindowMs', 0, 0, MAX_MS),
    alertMaxPerWindow: integer(options, 'alertMaxPerWindow', 0, 0, MAX_CAP),
    alertMaxPerPidPerWindow: integer(options, 'alertMaxPerPidPerWindow', 0, 0, MAX_CAP),
    alertWindowMs: integer(options, 'alertWindowMs', 60_000, 1, MAX_MS),
    redactedPreview: boolean(options, 'redactedPreview', true),
    payloadSha256: boolean(options, 'payloadSha256', false),
    enforcement,
    enrich: optionalFunction(options, 'enrich'),
    clock: optionalFunction(options, 'clock') ?? Date.now,
  };
}

/** @throws OptionError */
export function checkAllowlist(allowlist: Allowlist | undefined): Allowlist | undefined {
  if (allowlist === undefined) return undefined;
  const { commPrefixes, userAgentPrefixes } = allowlist ?? {};
  for (const list of [commPrefixes, userAgentPrefixes] as unknown[]) {
    if (!Array.isArray(list) || list.some((prefix) => typeof prefix !== 'string' || prefix === '')) {
      throw new OptionError('allowlist', 'must hold two lists of prefixes; use parseAllowlist()');
    }
  }
  return allowlist;
}

function readValidators(validators: SensorOptions['validators']): SensorOptions['validators'] {
  if (validators !== undefined && !(validators instanceof Map)) throw new OptionError('validators', 'must be a Map');
  return validators;
}

type NameOf<T> = {
  [K in keyof SensorOptions]-?: NonNullable<SensorOptions[K]> extends T ? K : never;
}[keyof SensorOptions];

function integer(options: SensorOptions, name: NameOf<number>, byDefault: number, least: number, most: number): number {
  const value = options[name] ?? byDefault;
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new OptionError(name, `must be an integer from ${least} to ${most}`);
  }
  return value;
}

function boolean(options: SensorOptions, name: NameOf<boolean>, byDefault: boolean): boolean {
  const value = options[name] ?? byDefault;
  if (typeof value !== 'boolean') throw new OptionError(name, 'must be true or false');
  return value;
}

function optionalFunction<K extends 'enrich' | 'clock'>(options: SensorOptions, name: K): SensorOptions[K] {
  const value = options[name];
  if (value !== undefined && typeof value !== 'function') throw new OptionError(name, 'must be a function');
  return value;
}
