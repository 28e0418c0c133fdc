import { parseDuration } from './duration.js';
import { CliError } from './errors.js';
import type { Flag } from './flags.js';

const MAX_COUNT = 2 ** 31 - 1;
const MAX_DURATION_MS = 366 * 24 * 3_600_000;

/** Reads what flags were set to, or the environment says in their place. @throws CliError `USAGE`, naming the flag or variable */
export class FlagReader<Name extends string> {
  constructor(
    private readonly flags: readonly Flag[],
    private readonly values: ReadonlyMap<Name, string>,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  text(name: Name): string {
    return this.source(name).value;
  }

  /** A path; an empty one is a mistake of the caller's script, not a wish for the default. */
  file(name: Name): string | undefined {
    if (!this.values.has(name)) return undefined;
    const path = this.text(name);
    if (path === '') throw bad(`flag -${name}`, path, 'the path of a file');
    return path;
  }

  /** The file of `-policy`. Beside it `-rules` has no say; both on the command line are a mistake. */
  policyFile(this: FlagReader<Name | 'policy' | 'rules'>): string | undefined {
    const file = this.file('policy');
    if (file !== undefined && this.values.has('rules')) {
      const how = 'keep one, or let the file say "extends": ["secrets"]';
      throw new CliError('USAGE', `flags -policy and -rules: both say what to look for; ${how}`);
    }
    return file;
  }

  boolean(name: Name): boolean {
    const { value, from } = this.source(name);
    if (['true', 't', '1'].includes(value.toLowerCase())) return true;
    if (['false', 'f', '0'].includes(value.toLowerCase())) return false;
    throw bad(from, value, 'true or false');
  }

  count(name: Name): number {
    const { value, from } = this.source(name);
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
    if (number <= MAX_COUNT) return number;
    throw bad(from, value, `a whole number from 0 to ${MAX_COUNT}`);
  }

  /** Rounded up to whole milliseconds, so that a tiny window does not become 0, which means "off". */
  duration(name: Name): number {
    const { value, from } = this.source(name);
    const ms = parseDuration(value);
    if (ms === undefined) throw bad(from, value, 'a duration such as 500ms, 30s, 1m or 1h30m');
    if (ms > MAX_DURATION_MS) throw bad(from, value, 'a duration of at most 366 days (8784h)');
    return Math.ceil(ms);
  }

  choice(name: Name): string {
    const { value: written, from } = this.source(name);
    const value = from.startsWith('environment') ? written.toLowerCase() : written;
    const choices = this.flag(name).choices ?? [];
    if (choices.includes(value)) return value;
    throw bad(from, value, `one of ${choices.join(', ')}`);
  }

  private flag(name: Name): Flag {
    return this.flags.find((candidate) => candidate.name === name)!;
  }

  private source(name: Name): { value: string; from: string } {
    const given = this.values.get(name);
    if (given !== undefined) return { value: given, from: `flag -${name}` };
    const flag = this.flag(name);
    const variable = flag.env;
    const inherited = variable === undefined ? undefined : this.env[variable];
    if (inherited) return { value: inherited, from: `environment variable ${variable}` };
    return { value: flag.fallback, from: `flag -${name}` };
  }
}

export function bad(from: string, value: string, wanted: string): CliError {
  return new CliError('USAGE', `${from}: ${JSON.stringify(value)} is not ${wanted}`);
}
