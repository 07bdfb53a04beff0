import type { HelpOption } from './help-options.ts';

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  /** What may stand behind it at once. */
  readonly words: readonly string[];
  readonly options: readonly HelpOption[];
}

const names = ({ words, options }: CompletedCommand): string =>
  [
    ...words,
    '--help',
    ...options.flatMap(({ name, short }) => (short === null ? [name] : [name, short])),
  ].join(' ');

/** What an option takes, where its help lists it: `a|b`. */
const choices = ({ value }: HelpOption): readonly string[] =>
  value !== null && /^<?[\w-]+(\|[\w-]+)+>?$/.test(value) ? value.replaceAll(/[<>]/g, '').split('|') : [];
const isPath = ({ value }: HelpOption): boolean => value === '<path>' || value === '<file>';

/** For bash; needs nothing but bash itself. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const all = commands.map(({ name }) => name).join(' ');
  const cases = commands.map((command) => `    ${command.name}) words='${names(command)}' ;;`);
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      const listed = choices(option);
      return listed.length === 0
        ? []
        : [
            `    '${name} ${option.name}') COMPREPLY=($(compgen -W '${listed.join(' ')}' -- "$word")); return ;;`,
          ];
    }),
  );
  const paths = new Set(commands.flatMap(({ options }) => options.filter(isPath).map(({ name }) => name)));
  return `# bash completion of hybrid-mlnode; written by "hybrid-mlnode completion bash"
_hybrid_mlnode() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${all} help --help --version'
  else
    case "\${COMP_WORDS[1]} $before" in
${values.join('\n')}
    *' '${[...paths].join("|*' '")}) compopt -o filenames 2> /dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    esac
    case \${COMP_WORDS[1]} in
    help) words='${all}' ;;
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _hybrid_mlnode hybrid-mlnode
`;
}

/** For zsh, with the descriptions of commands and options; as a file of fpath, or sourced. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const list = commands.map(({ name, summary }) => `    '${name}:${zsh(summary)}'`);
  const cases = commands.map(({ name, words, options }) => {
    const lines = options.map((option) => `'${zshOption(option)}'`);
    const rest = words.length === 0 ? "'*: :'" : `'1: :(${words.join(' ')})' '*: :'`;
    return `    ${name}) _arguments '(- *)--help[its help]' ${lines.join(' ')} ${rest} ;;`;
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
    _arguments '--help[the list of commands]' '--version[the version]'
    return
  fi
  local command=$words[2]
  (( CURRENT -= 1 ))
  shift words
  case $command in
    help) _describe -t commands command commands ;;
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _hybrid-mlnode ]; then _hybrid_mlnode "$@"; else compdef _hybrid_mlnode hybrid-mlnode; fi
`;
}

function zshOption(option: HelpOption): string {
  const listed = choices(option);
  const values = isPath(option) ? '_files' : listed.length === 0 ? ' ' : `(${listed.join(' ')})`;
  const value = option.value === null ? '' : `:value:${values}`;
  const spec = (name: string): string => `${name}[${zsh(option.text)}]${value}`;
  return option.short === null ? spec(option.name) : `${spec(option.name)}' '${spec(option.short)}`;
}

/** For fish, with the descriptions of commands and options. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const own = commands.flatMap(({ name, summary, words, options }) => {
    const behind = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c hybrid-mlnode -n __fish_use_subcommand -a ${name} -d '${fish(summary)}'`,
      ...(words.length === 0
        ? []
        : [
            `complete -c hybrid-mlnode -n '__fish_seen_subcommand_from ${name}; and not __fish_seen_subcommand_from ${words.join(' ')}' -a '${words.join(' ')}'`,
          ]),
      ...options.map((option) => `complete -c hybrid-mlnode ${behind} ${fishOption(option)}`),
    ];
  });
  return `# fish completion of hybrid-mlnode; written by "hybrid-mlnode completion fish"
complete -c hybrid-mlnode -f
complete -c hybrid-mlnode -l help -s h -d 'what it does, and how'
complete -c hybrid-mlnode -n __fish_use_subcommand -l version -s v -d 'the version'
complete -c hybrid-mlnode -n __fish_use_subcommand -a help -d 'what a command does'
complete -c hybrid-mlnode -n '__fish_seen_subcommand_from help' -a '${commands.map(({ name }) => name).join(' ')}'
${own.join('\n')}
`;
}

function fishOption(option: HelpOption): string {
  const listed = choices(option);
  const values = listed.length === 0 ? (isPath(option) ? ' -r -F' : ' -x') : ` -x -a '${listed.join(' ')}'`;
  const short = option.short === null ? '' : ` -s ${option.short.slice(1)}`;
  return `-l ${option.name.slice(2)}${short}${option.value === null ? '' : values} -d '${fish(option.text)}'`;
}

/** Safe between single quotes and brackets of zsh's specifications. */
const zsh = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, '\\$&');
const fish = (text: string): string => text.replaceAll(/['\\]/g, '\\$&');
