import { Argument, Command, CommanderError, Option } from 'commander';
import { COMMANDS, type CommandSpec } from './commands.js';
import { CliError } from './errors.js';
import { EXIT_CODE_HELP } from './exit-codes.js';
import { ENVIRONMENT, FLAGS, type Flag, type FlagName, SHELLS, type Shell } from './flags.js';
import { normalise } from './go-flags.js';

/** What the user asked for. `values` holds only the flags that were given, as they were written. */
export type Request =
  | { readonly kind: 'run' | 'version'; readonly values: ReadonlyMap<FlagName, string> }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'completion'; readonly shell: Shell }
  | CommandRequest;

/** One of `COMMANDS`. */
export interface CommandRequest {
  readonly kind: 'command';
  readonly command: CommandSpec;
  readonly values: ReadonlyMap<string, string>;
  readonly args: readonly string[];
}

const EXIT_CODES = EXIT_CODE_HELP.map(([code, meaning]) => `  ${code}  ${meaning}`).join('\n');

const EXAMPLES = `
Commands (spectral-mesh COMMAND --help says more):
${COMMANDS.map(({ name, help }) => `  ${name.padEnd(16)}${help}`).join('\n')}

Both spellings work: -policy FILE, --policy FILE, -policy=FILE. Switches take a value only with '=': -log-redacted-preview=false.
Durations: 500ms, 30s, 1m, 1h30m.

Examples:
  sudo spectral-mesh
  sudo spectral-mesh -policy policy.json -metrics-addr :9090
  sudo spectral-mesh -alert-dedupe-window 1m -alert-max-per-pid-per-window 20 -log-format json
  spectral-mesh -feeds ingest,hookwire -capture-hook-socket unix:/run/spectral.sock
  jq -c '{text: .body}' requests.json | spectral-mesh -feeds stdin
  spectral-mesh scan src/
  spectral-mesh completion bash > /etc/bash_completion.d/spectral-mesh

Environment:
${ENVIRONMENT.map(([name, meaning]) => `  ${name.padEnd(22)}${meaning}`).join('\n')}

Signals:
  SIGHUP      read the policy and the allowlist again; a bad file changes nothing
  SIGTERM     deliver what is buffered, detach the probes, exit; so does SIGINT; the second one exits at once

Exit codes:
${EXIT_CODES}
`;

function optionOf(flag: Flag): Option {
  const value = flag.kind === 'boolean' ? `[${flag.placeholder}]` : `<${flag.placeholder}>`;
  const fallback = ['', '0', 'false'].includes(flag.fallback) ? '' : ` (default ${flag.fallback})`;
  const choices = flag.choices === undefined || flag.kind === 'list' ? '' : `; one of ${flag.choices.join(', ')}`;
  const option = new Option(`--${flag.name} ${value}`, `${flag.help}${choices}${fallback}`);
  return option.helpGroup(`${flag.topic}:`);
}

/** Commander's own words, in the terms of this program and without the value, which may be a secret. */
function usageError(error: CommanderError, program: Command, name: string): CliError {
  const hint = `'${name} --help' lists them all`;
  if (error.code === 'commander.excessArguments') {
    const extra = program.args.at(-1) ?? '';
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

/** The command that the line begins with, if any. */
function commandOf(argv: readonly string[]): CommandSpec | undefined {
  const named = COMMANDS.find(({ name }) => name === argv.slice(0, name.split(' ').length).join(' '));
  const rest = COMMANDS.filter(({ name }) => name.startsWith(`${argv[0]} `)).map(({ name }) => name.split(' ')[1]);
  if (named === undefined && rest.length > 0 && !['-h', '--help', '-help'].includes(argv[1] ?? '')) {
    throw new CliError('USAGE', `${argv[0]}: needs one of ${rest.join(', ')}; 'spectral-mesh --help' lists them`);
  }
  return named;
}

/**
 * Reads the command line (without node and script).
 * @throws CliError code `USAGE`
 */
export function parseArguments(argv: readonly string[]): Request {
  const command = commandOf(argv);
  if (command === undefined) {
    const plain = COMMANDS.some(({ name }) => name.startsWith(`${argv[0]} `)) ? argv.slice(1) : argv;
    const read = readLine<FlagName>(plain, sensorCommand(), FLAGS, 'spectral-mesh');
    if ('text' in read) return read;
    return { kind: read.values.get('version') === 'true' ? 'version' : 'run', values: read.values };
  }
  const name = `spectral-mesh ${command.name}`;
  const words = command.name.split(' ').length;
  const read = readLine<string>(argv.slice(words), commandParser(command, name), command.flags, name);
  if ('text' in read) return read;
  if (command.name !== 'completion') return { kind: 'command', command, ...read };
  const shell = SHELLS.find((known) => known === read.args[0]);
  if (shell !== undefined) return { kind: 'completion', shell };
  throw new CliError('USAGE', `completion: no script for '${read.args[0]}'; one of ${SHELLS.join(', ')}`);
}

function sensorCommand(): Command {
  return new Command('spectral-mesh')
    .description('Sees what leaves this host inside TLS and reports secrets and personal data, redacted.')
    .usage('[flags]')
    .addHelpText('after', EXAMPLES);
}

function commandParser({ help, flags, argument, examples }: CommandSpec, name: string): Command {
  const several = argument !== undefined && argument.most > 1;
  const shown = argument === undefined ? '' : several ? ` [${argument.placeholder}…]` : ` ${argument.placeholder}`;
  const parser = new Command(name)
    .description(`${help[0]!.toUpperCase()}${help.slice(1)}.`)
    .usage(`${flags.length > 0 ? '[flags]' : ''}${shown}`.trim());
  if (argument !== undefined) {
    const bounds = argument.least > 0 ? ['<', '>'] : ['[', ']'];
    parser.addArgument(new Argument(`${bounds[0]}${argument.placeholder}${several ? '...' : ''}${bounds[1]}`));
  }
  const lines = examples === undefined ? '' : `\nExamples:\n  ${examples.join('\n  ')}\n`;
  return parser.addHelpText('after', `${lines}\nExit codes:\n${EXIT_CODES}\n`);
}

type Line<Name> =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly values: ReadonlyMap<Name, string>; readonly args: readonly string[] };

function readLine<Name extends string>(
  argv: readonly string[],
  parser: Command,
  flags: readonly Flag[],
  name: string,
): Line<Name> {
  let help = '';
  parser
    .addHelpOption(new Option('-h, --help', 'print this text').helpGroup('Other:'))
    .helpCommand(false)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => {}, getOutHelpWidth: () => 110 })
    .action(() => {});
  for (const flag of flags) parser.addOption(optionOf(flag));
  try {
    parser.parse(normalise(argv, flags), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code !== 'commander.helpDisplayed') throw usageError(error, parser, name);
    return { kind: 'help', text: help };
  }
  const values = new Map<Name, string>();
  for (const flag of flags) {
    const value: unknown = parser.getOptionValue(camelCase(flag.name));
    if (typeof value === 'string') values.set(flag.name as Name, value);
  }
  return { values, args: parser.args };
}

function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
