import { FLAGS, type Flag, SHELLS, type Shell } from './flags.js';

/** The completion script of a shell, made from the same table as the parser. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

function wordsOf(flag: Flag): readonly string[] {
  if (flag.choices !== undefined) return flag.choices;
  return flag.kind === 'boolean' ? ['true', 'false'] : [];
}

/** Bash splits `--flag=value` into three words at `=`, so a value is looked up by the flag before it, `=` or not. */
function bash(): string {
  const cases = FLAGS.flatMap((flag) => {
    const names = `-${flag.name}|--${flag.name}`;
    if (flag.kind === 'file') return [`    ${names}) COMPREPLY=($(compgen -f -- "$cur")); return ;;`];
    const words = wordsOf(flag);
    if (flag.kind === 'boolean') {
      return [
        `    ${names}) [ -n "$joined" ] && { COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur")); return; } ;;`,
      ];
    }
    return [`    ${names}) COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur")); return ;;`];
  });
  return `# bash completion of spectral-mesh
_spectral_mesh() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} joined=
  COMPREPLY=()
  if [ "$cur" = = ]; then cur=; joined=1
  elif [ "$prev" = = ]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; joined=1
  fi
  case $prev in
${cases.join('\n')}
    completion) COMPREPLY=($(compgen -W '${SHELLS.join(' ')}' -- "$cur")); return ;;
  esac
  case $cur in
    --*) COMPREPLY=($(compgen -W '${FLAGS.map(({ name }) => `--${name}`).join(' ')} --help' -- "$cur")) ;;
    -*) COMPREPLY=($(compgen -W '${FLAGS.map(({ name }) => `-${name}`).join(' ')} -help' -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W 'completion' -- "$cur")) ;;
  esac
}
complete -F _spectral_mesh spectral-mesh
`;
}

function zsh(): string {
  const quote = (text: string) => text.replace(/[\\[\]:]/g, '\\$&').replaceAll("'", "'\\''");
  const specs = FLAGS.flatMap((flag) => {
    const words = wordsOf(flag);
    const values = flag.kind === 'file' ? '_files' : words.length > 0 ? `(${words.join(' ')})` : ' ';
    const equals = flag.kind === 'boolean' ? '=-' : '=';
    const optional = flag.kind === 'boolean' ? '::' : ':';
    return ['-', '--'].map(
      (dash) => `    '${dash}${flag.name}${equals}[${quote(flag.help)}]${optional}${flag.placeholder}:${values}'`,
    );
  });
  return `#compdef spectral-mesh
# zsh completion of spectral-mesh
_spectral_mesh() {
  local -a specs=(
${specs.join('\n').replaceAll('[HOST]:PORT', 'HOST\\:PORT')}
    '(- *)'{-h,--help}'[print help]'
    '1:command:(completion)'
    '2:shell:(${SHELLS.join(' ')})'
  )
  _arguments $specs
}
if [ "$funcstack[1]" = _spectral_mesh ]; then _spectral_mesh "$@"; else compdef _spectral_mesh spectral-mesh; fi
`;
}

function fish(): string {
  const quote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = FLAGS.flatMap((flag) => {
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
    return ['-l', '-o'].map(
      (style) => `complete -c spectral-mesh ${style} ${flag.name}${value} -d ${quote(flag.help)}`,
    );
  });
  return `# fish completion of spectral-mesh
complete -c spectral-mesh -f
${lines.join('\n')}
complete -c spectral-mesh -s h -l help -d 'print help'
complete -c spectral-mesh -n __fish_use_subcommand -a completion -d 'print a completion script'
complete -c spectral-mesh -n '__fish_seen_subcommand_from completion' -a '${SHELLS.join(' ')}'
`;
}
