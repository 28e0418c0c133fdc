import { CliError } from './errors.js';
import type { Flag } from './flags.js';

/**
 * Rewrites Go's spelling of flags into the one that commander reads: `-policy X` → `--policy=X`, `-k8s-enrich` →
 * `--k8s-enrich=true`. A switch never takes the next token, as in Go.
 * @throws CliError a flag stands where a value should be
 */
export function normalise(argv: readonly string[], flags: readonly Flag[]): string[] {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  /** The flag that a token names, with its value when that is joined by `=`. */
  const flagOf = (token: string): { flag: Flag; value: string | undefined } | undefined => {
    const parts = /^--?([a-z0-9][a-z0-9-]*)(?:=(.*))?$/s.exec(token);
    const flag = parts === null ? undefined : byName.get(parts[1]!);
    return flag && { flag, value: parts?.[2] };
  };
  const out: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const token = argv[i]!;
    if (token === '--') return [...out, ...argv.slice(i)];
    const named = flagOf(token);
    if (named === undefined) {
      // Without a value: commander suggests by the whole token, and prints it.
      const name = token.startsWith('-') ? token.split('=', 1)[0]! : token;
      out.push(/^-[a-z0-9][a-z0-9-]+/.test(name) ? `-${name}` : name);
      continue;
    }
    const { flag } = named;
    let { value } = named;
    if (value === undefined && flag.kind === 'boolean') value = 'true';
    if (value === undefined && flag.bare !== undefined && (argv[i + 1] === undefined || flagOf(argv[i + 1]!))) {
      value = flag.bare;
    }
    if (value === undefined) {
      value = argv[++i];
      if (value === undefined) throw new CliError('USAGE', `flag -${flag.name} needs a value: ${flag.placeholder}`);
      if (flagOf(value) !== undefined) {
        const meant = `write -${flag.name}=${value} if that is the value`;
        throw new CliError('USAGE', `flag -${flag.name} needs a value, but the flag ${value} follows; ${meant}`);
      }
    }
    out.push(`--${flag.name}=${value}`);
  }
  return out;
}
