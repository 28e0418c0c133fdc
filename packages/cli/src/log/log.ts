import pino from 'pino';
import type { LogLevel } from '../config.js';
import { textLine } from './text.js';

export type Fields = Readonly<Record<string, unknown>>;

/** One event a line: a short stable name, and fields. */
export type Log = Readonly<Record<LogLevel, (event: string, fields?: Fields) => void>>;

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  /** Text form only. */
  readonly colour: boolean;
  /** Takes a whole line with its newline. `minor`: may be dropped first. */
  readonly write: (line: string, minor: boolean) => void;
  readonly clock?: () => Date;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** The names that the line itself uses; a field that has one of them is renamed, so that no feed can forge a line. */
const RESERVED = ['time', 'level', 'msg'];

/**
 * A log in the shape of Go's `log/slog`: `{"level":"WARN","time":"2026-01-02T03:04:05.678Z","msg":"policy_alert",…}`,
 * or the same for people.
 */
export function createLog({ level, format, colour, write, clock = () => new Date() }: LogOptions): Log {
  let minor = true;
  const json = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${clock().toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    },
    { write: (line: string) => write(line, minor) },
  );
  const least = LEVELS.indexOf(level);
  const at = (name: LogLevel) => {
    if (LEVELS.indexOf(name) < least) return () => {};
    return (event: string, fields: Fields = {}) => {
      minor = name === 'debug' || name === 'info';
      const own = withoutReserved(fields);
      if (format === 'json') json[name]({ msg: event, ...own });
      else write(textLine(clock(), name, event, own, colour), minor);
    };
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function withoutReserved(fields: Fields): Fields {
  if (!RESERVED.some((name) => name in fields)) return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [RESERVED.includes(name) ? `field_${name}` : name, value]),
  );
}
