import type { Action, Severity } from '../types.js';

/** One literal to look for. */
export interface Rule {
  readonly id: string;
  /** Text to look for; compared as UTF-8 bytes. */
  readonly pattern: string;
  readonly severity: Severity;
  readonly action: Action;
  /** ASCII letters match in either case. Default false. */
  readonly ignoreCase?: boolean;
}

/** A set of rules. Frozen once checked: to change it, make a new one and hand it to `Sensor.setPolicy`. */
export interface Policy {
  /** 2: `rules`; 1: a legacy list of `patterns`. */
  readonly schemaVersion: 1 | 2;
  /** In the order of the document; at least one. */
  readonly rules: readonly Rule[];
}

/** Weakest first. */
export const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical'];
/** Weakest first. */
export const ACTIONS: readonly Action[] = ['observe', 'block'];
