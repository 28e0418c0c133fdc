import type { LogLevel } from '../config.js';
import type { Fields } from './log.js';

const COLOURS: Readonly<Record<LogLevel, number>> = { debug: 90, info: 36, warn: 33, error: 31 };

/** Fields of an alert that say nothing where nothing is blocked, or repeat others: left out for people, kept in JSON. */
const DULL: Readonly<Record<string, unknown>> = {
  schema_version: undefined,
  sensor_kind: undefined,
  direction: 'egress',
  action: 'observe',
  enforcement_mode: 'observe',
  bpf_blocking_enabled: false,
  kernel_wipe_eligible: false,
  kernel_wipe_applied: false,
  bytes_not_scanned: 0,
  match_count: 1,
};

/** `03:04:05.678 WARN  policy_alert rule_id=project-ethos pid=42 comm=curl …`, with a newline. */
export function textLine(time: Date, level: LogLevel, event: string, fields: Fields, colour: boolean): string {
  const paint = (code: number, text: string) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const parts = Object.entries(fields)
    .filter(([name, value]) => value !== undefined && !isDull(event, name, value, fields))
    .map(([name, value]) => `${paint(90, `${printable(name)}=`)}${printable(valueText(value))}`);
  const clock = paint(90, time.toISOString().slice(11, 23));
  return `${[clock, paint(COLOURS[level], level.toUpperCase().padEnd(5)), paint(1, printable(event)), ...parts].join(' ')}\n`;
}

function isDull(event: string, name: string, value: unknown, fields: Fields): boolean {
  if (event !== 'policy_alert') return false;
  if (name === 'matched_rule_ids') return Array.isArray(value) && value.length === 1 && value[0] === fields.rule_id;
  return name in DULL && (DULL[name] === undefined || DULL[name] === value);
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(',');
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  const text = String(value);
  return typeof value === 'string' && (text === '' || /[\s"=]/.test(text)) ? JSON.stringify(text) : text;
}

/** Process names and paths are chosen by others: what could steer the terminal or turn the text around is escaped. */
function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
