import type { HelpOption } from './help-options.ts';

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly HelpOption[];
}

const names = ({ options }: CompletedCommand): string =>
  ['--help', ...options.flatMap(({ name, short }) => (short === null ? [name] : [name, short]))].join(' ');

/** For bash; needs nothing but bash itself. Options that take a value are completed with file names behind them. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const cases = commands.map((command) => `    ${command.name}) words='${names(command)}' ;;`);
  return `# bash completion of hybrid-mlnode; written by "hybrid-mlnode completion bash"
_hybrid_mlnode() {
  local word=\${COMP_WORDS[COMP_CWORD]} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${commands.map(({ name }) => name).join(' ')} help --help --version'
  else
    case \${COMP_WORDS[1]} in
    help) words='${commands.map(({ name }) => name).join(' ')}' ;;
${cases.join('\n')}
    esac
    case $word in -*) ;; *) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _hybrid_mlnode hybrid-mlnode
`;
}

/** For zsh, with the descriptions of commands and options. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const list = commands.map(({ name, summary }) => `    '${name}:${zsh(summary)}'`);
  const cases = commands.map(({ name, options }) => {
    const lines = options.map(
      (option) => `'${option.name}[${zsh(option.text)}]${option.value === null ? '' : ':value:_files'}'`,
    );
    return `    ${name}) _arguments '--help[its help]' ${lines.join(' ')} '*:file:_files' ;;`;
  });
  return `#compdef hybrid-mlnode
# zsh completion of hybrid-mlnode; written by "hybrid-mlnode completion zsh"
_hybrid_mlnode() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    return
  fi
  local command=$words[2]
  (( CURRENT -= 1 ))
  shift words
  case $command in
${cases.join('\n')}
  esac
}
_hybrid_mlnode "$@"
`;
}

/** For fish, with the descriptions of commands and options. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const own = commands.flatMap(({ name, summary, options }) => [
    `complete -c hybrid-mlnode -n __fish_use_subcommand -f -a ${name} -d '${fish(summary)}'`,
    ...options.map(
      (option) =>
        `complete -c hybrid-mlnode -n '__fish_seen_subcommand_from ${name}' -l ${option.name.slice(2)}` +
        `${option.short === null ? '' : ` -s ${option.short.slice(1)}`}${option.value === null ? '' : ' -r'} -d '${fish(option.text)}'`,
    ),
  ]);
  return `# fish completion of hybrid-mlnode; written by "hybrid-mlnode completion fish"\n${own.join('\n')}\n`;
}

/** Safe between single quotes and brackets of zsh's specifications. */
const zsh = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, '\\$&');
const fish = (text: string): string => text.replaceAll(/['\\]/g, '\\$&');
