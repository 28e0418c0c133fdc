import { COMMANDS, type CommandSpec } from './commands.js';
import { FLAGS, type Flag, type Shell } from './flags.js';

/** The completion script of a shell, made from the same tables as the parser. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

/** What may follow a command; the first is the sensor itself, which has no name. */
const CONTEXTS: readonly Pick<CommandSpec, 'name' | 'flags' | 'argument'>[] = [{ name: '', flags: FLAGS }, ...COMMANDS];

const FIRST_WORDS = [...new Set(COMMANDS.map(({ name }) => name.split(' ')[0]!))];
const GROUPS = FIRST_WORDS.filter((word) => COMMANDS.some(({ name }) => name.startsWith(`${word} `)));
const membersOf = (group: string) =>
  COMMANDS.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : []));

function wordsOf(flag: Flag): readonly string[] {
  if (flag.choices !== undefined) return flag.choices;
  return flag.kind === 'boolean' ? ['true', 'false'] : [];
}

/** Bash splits `--flag=value` into three words at `=`, so a value is looked up by the flag before it, `=` or not. */
function bash(): string {
  const offer = (words: readonly string[]) => `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))`;
  const files = 'COMPREPLY=($(compgen -f -- "$cur"))';
  const values = CONTEXTS.flatMap(({ name, flags }) =>
    flags.map((flag) => {
      const pattern = `'${name}':-${flag.name}|'${name}':--${flag.name}`;
      if (flag.kind === 'file') return `    ${pattern}) ${files}; return ;;`;
      if (flag.kind === 'boolean') return `    ${pattern}) [ -n "$joined" ] && { ${offer(wordsOf(flag))}; return; } ;;`;
      return `    ${pattern}) ${offer(wordsOf(flag))}; return ;;`;
    }),
  );
  const words = CONTEXTS.flatMap(({ name, flags, argument }) => {
    const rest = name === '' ? offer(FIRST_WORDS) : argument?.kind === 'choice' ? offer(argument.choices!) : files;
    return [
      `    '${name}':--*) ${offer([...flags.map((flag) => `--${flag.name}`), '--help'])} ;;`,
      `    '${name}':-*) ${offer([...flags.map((flag) => `-${flag.name}`), '-help'])} ;;`,
      `    '${name}':*) ${argument === undefined && name !== '' ? ':' : rest} ;;`,
    ];
  });
  return `# bash completion of spectral-mesh
_spectral_mesh() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} joined= command=
  COMPREPLY=()
  if [ "$cur" = = ]; then cur=; joined=1
  elif [ "$prev" = = ]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; joined=1
  fi
  if [ "$COMP_CWORD" -gt 1 ]; then
    case \${COMP_WORDS[1]} in
      ${GROUPS.join('|')})
        command="\${COMP_WORDS[1]} \${COMP_WORDS[2]}"
        if [ "$COMP_CWORD" -eq 2 ]; then
          case \${COMP_WORDS[1]} in
${GROUPS.map((group) => `            ${group}) ${offer(membersOf(group))} ;;`).join('\n')}
          esac
          return
        fi ;;
      ${FIRST_WORDS.filter((word) => !GROUPS.includes(word)).join('|')}) command=\${COMP_WORDS[1]} ;;
    esac
  fi
  case $command:$prev in
${values.join('\n')}
  esac
  case $command:$cur in
${words.join('\n')}
  esac
}
complete -F _spectral_mesh spectral-mesh
`;
}

function zsh(): string {
  const quote = (text: string) => text.replace(/[\\[\]:]/g, '\\$&').replaceAll("'", "'\\''");
  const specsOf = ({ name, flags, argument }: (typeof CONTEXTS)[number]) => {
    const specs = flags.flatMap((flag) => {
      const words = wordsOf(flag);
      const values = flag.kind === 'file' ? '_files' : words.length > 0 ? `(${words.join(' ')})` : ' ';
      const equals = flag.kind === 'boolean' ? '=-' : '=';
      const optional = flag.kind === 'boolean' ? '::' : ':';
      return ['-', '--'].map(
        (dash) =>
          `    '${dash}${flag.name}${equals}[${quote(flag.help)}]${optional}${quote(flag.placeholder)}:${values}'`,
      );
    });
    specs.push(`    '(- *)'{-h,--help}'[print help]'`);
    if (name === '') specs.push(`    '1:command:(${FIRST_WORDS.join(' ')})'`);
    else if (argument?.kind === 'choice')
      specs.push(`    '1:${argument.placeholder}:(${argument.choices!.join(' ')})'`);
    else if (argument !== undefined) specs.push(`    '*:${quote(argument.placeholder)}:_files'`);
    return specs.join('\n');
  };
  const groups = GROUPS.map((group) => `    ${group}) specs=('1:command:(${membersOf(group).join(' ')})') ;;`);
  const commands = CONTEXTS.slice(1).map((context) => `    '${context.name}') specs=(\n${specsOf(context)}\n  ) ;;`);
  return `#compdef spectral-mesh
# zsh completion of spectral-mesh
_spectral_mesh() {
  local -a specs=(
${specsOf(CONTEXTS[0]!)}
  )
  local command=
  if (( CURRENT > 2 )); then
    case $words[2] in
      ${FIRST_WORDS.join('|')}) command=$words[2]; shift words; (( CURRENT-- )) ;;
    esac
    case $command in
      ${GROUPS.join('|')}) if (( CURRENT > 2 )); then command="$command $words[2]"; shift words; (( CURRENT-- )); fi ;;
    esac
  fi
  case $command in
${[...groups, ...commands].join('\n')}
  esac
  _arguments $specs
}
if [ "$funcstack[1]" = _spectral_mesh ]; then _spectral_mesh "$@"; else compdef _spectral_mesh spectral-mesh; fi
`;
}

function fish(): string {
  const quote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const inside = (name: string) => {
    const words = name.split(' ');
    if (name === '') return `not __fish_seen_subcommand_from ${FIRST_WORDS.join(' ')}`;
    return words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
  };
  const flagLines = CONTEXTS.flatMap(({ name, flags }) =>
    flags.flatMap((flag) => {
      const words = wordsOf(flag);
      // A switch completes without a value: fish would otherwise swallow the next word.
      const value =
        flag.kind === 'boolean'
          ? ''
          : flag.kind === 'file'
            ? ' -rF'
            : words.length > 0
              ? ` -xa ${quote(words.join(' '))}`
              : ' -x';
      const styles = flag.name.length === 1 ? ['-s'] : ['-l', '-o'];
      const where = quote(inside(name));
      return styles.map(
        (style) => `complete -c spectral-mesh -n ${where} ${style} ${flag.name}${value} -d ${quote(flag.help)}`,
      );
    }),
  );
  const commandLines = COMMANDS.map(({ name, help }) => {
    const [first, second] = name.split(' ') as [string, string?];
    const others = second === undefined ? '' : `; and not __fish_seen_subcommand_from ${membersOf(first).join(' ')}`;
    const where = second === undefined ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${first}${others}`;
    return `complete -c spectral-mesh -n ${quote(where)} -a ${second ?? first} -d ${quote(help)}`;
  });
  const argumentLines = COMMANDS.flatMap(({ name, argument }) => {
    if (argument === undefined) return [];
    const what = argument.kind === 'choice' ? `-a ${quote(argument.choices!.join(' '))}` : '-F';
    return [`complete -c spectral-mesh -n ${quote(inside(name))} ${what}`];
  });
  return `# fish completion of spectral-mesh
complete -c spectral-mesh -f
${flagLines.join('\n')}
complete -c spectral-mesh -s h -l help -d 'print help'
${GROUPS.map((group) => `complete -c spectral-mesh -n __fish_use_subcommand -a ${group}`).join('\n')}
${commandLines.join('\n')}
${argumentLines.join('\n')}
`;
}
