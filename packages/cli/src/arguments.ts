import { Command, CommanderError, Option } from 'commander';
import { CliError } from './errors.js';
import { EXIT_CODE_HELP } from './exit-codes.js';
import { ENVIRONMENT, FLAGS, type Flag, type FlagName, SHELLS, type Shell } from './flags.js';

/** What the user asked for. `values` holds only the flags that were given, as they were written. */
export type Request =
  | { readonly kind: 'run' | 'version'; readonly values: ReadonlyMap<FlagName, string> }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'completion'; readonly shell: Shell };

const BY_NAME = new Map<string, Flag>(FLAGS.map((flag) => [flag.name, flag]));

const EXAMPLES = `
Both spellings work: -policy FILE, --policy FILE, -policy=FILE. Switches take a value only with '=': -log-redacted-preview=false.
Durations: 500ms, 30s, 1m, 1h30m.

Examples:
  sudo spectral-mesh
  sudo spectral-mesh -policy policy.json -metrics-addr :9090
  sudo spectral-mesh -alert-dedupe-window 1m -alert-max-per-pid-per-window 20 -log-format json
  spectral-mesh -feeds ingest,hookwire -capture-hook-socket unix:/run/spectral.sock
  jq -c '{text: .body}' requests.json | spectral-mesh -feeds stdin
  spectral-mesh completion bash > /etc/bash_completion.d/spectral-mesh

Environment:
${ENVIRONMENT.map(([name, meaning]) => `  ${name.padEnd(22)}${meaning}`).join('\n')}

Signals:
  SIGHUP      read the policy and the allowlist again; a bad file changes nothing
  SIGTERM     deliver what is buffered, detach the probes, exit; so does SIGINT; the second one exits at once

Exit codes:
${EXIT_CODE_HELP.map(([code, meaning]) => `  ${code}  ${meaning}`).join('\n')}
`;

/** The flag that a token names, with its value when that is joined by `=`. */
function flagOf(token: string): { flag: Flag; value: string | undefined } | undefined {
  const parts = /^--?([a-z0-9][a-z0-9-]*)(?:=(.*))?$/s.exec(token);
  const flag = parts === null ? undefined : BY_NAME.get(parts[1]!);
  return flag && { flag, value: parts?.[2] };
}

/**
 * Rewrites Go's spelling of flags into the one that commander reads: `-policy X` → `--policy=X`, `-k8s-enrich` →
 * `--k8s-enrich=true`. A switch never takes the next token, as in Go.
 * @throws CliError a flag stands where a value should be
 */
export function normalise(argv: readonly string[]): string[] {
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

function optionOf(flag: Flag): Option {
  const value = flag.kind === 'boolean' ? `[${flag.placeholder}]` : `<${flag.placeholder}>`;
  const fallback = ['', '0', 'false'].includes(flag.fallback) ? '' : ` (default ${flag.fallback})`;
  const choices = flag.choices === undefined ? '' : `; one of ${flag.choices.join(', ')}`;
  const option = new Option(`--${flag.name} ${value}`, `${flag.help}${choices}${fallback}`);
  return option.helpGroup(`${flag.topic}:`);
}

/** Commander's own words, in the terms of this program and without the value, which may be a secret. */
function usageError(error: CommanderError, program: Command): CliError {
  const hint = "'spectral-mesh --help' lists them all";
  if (error.code === 'commander.excessArguments') {
    const extra = program.args[0] ?? '';
    return new CliError(
      'USAGE',
      `unexpected argument '${extra}'; a switch takes its value with '=', as in -name=false`,
    );
  }
  const message = error.message
    .replace(/^error: /, '')
    .replace(/^unknown option '(.*?)'/s, 'unknown flag $1')
    .replace(/\s*\(Did you mean (.*)\?\)$/s, '; did you mean $1?')
    .replace(/(?<=[\s'])--(?=[a-z])/g, '-');
  return new CliError('USAGE', `${message.endsWith('?') ? message : `${message};`} ${hint}`);
}

/**
 * Reads the command line (without node and script).
 * @throws CliError code `USAGE`
 */
export function parseArguments(argv: readonly string[]): Request {
  let help = '';
  let request: Request | undefined;
  const program = new Command('spectral-mesh')
    .description('Sees what leaves this host inside TLS and reports secrets and personal data, redacted.')
    .usage('[flags]')
    .addHelpOption(new Option('-h, --help', 'print this text').helpGroup('Other:'))
    .helpCommand(false)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => {}, getOutHelpWidth: () => 110 })
    .addHelpText('after', EXAMPLES);
  for (const flag of FLAGS) program.addOption(optionOf(flag));
  program.action(() => {
    const values = new Map<FlagName, string>();
    for (const { name } of FLAGS) {
      const value: unknown = program.getOptionValue(camelCase(name));
      if (typeof value === 'string') values.set(name, value);
    }
    request = { kind: values.get('version') === 'true' ? 'version' : 'run', values };
  });
  program
    .command('completion')
    .description(`print the completion script of a shell: ${SHELLS.join(', ')}`)
    .argument('<shell>')
    .allowExcessArguments(false)
    .action((shell: string) => {
      const known = SHELLS.find((name) => name === shell);
      if (known === undefined) {
        throw new CliError('USAGE', `completion: no script for '${shell}'; one of ${SHELLS.join(', ')}`);
      }
      request = { kind: 'completion', shell: known };
    });

  try {
    program.parse(normalise(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code !== 'commander.helpDisplayed') throw usageError(error, program);
    request = { kind: 'help', text: help };
  }
  return request!;
}

function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
