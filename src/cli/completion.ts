import { parseArguments, UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { bashCompletion, fishCompletion, zshCompletion } from './completion-script.ts';
import { exitCodes } from './exit-codes.ts';
import { helpOptions, helpWords } from './help-options.ts';

const help = `
Usage: hybrid-mlnode completion bash|zsh|fish

Prints the completion script of a shell: commands, their words and options. For this shell only, or for good:

Examples:
  source <(hybrid-mlnode completion bash)
  hybrid-mlnode completion bash > /etc/bash_completion.d/hybrid-mlnode
  hybrid-mlnode completion zsh > "\${fpath[1]}/_hybrid-mlnode"
  hybrid-mlnode completion fish > ~/.config/fish/completions/hybrid-mlnode.fish

Exit codes: 0 printed, 2 wrong arguments.
`;

export const command: Command = {
  name: 'completion',
  summary: 'Print the completion script of a shell.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { positionals } = parseArguments(args, {}, ['shell']);
    const [shell = ''] = positionals;
    const write = shells[shell];
    if (write === undefined) throw new UsageError(`"${shell}" is none of ${Object.keys(shells).join(', ')}`);
    // Loaded only here: the list of commands loads this one.
    const { commandNames, loadCommand } = await import('./commands.ts');
    const commands = await Promise.all(commandNames.map((name) => loadCommand(name)));
    io.stdout.write(
      write(
        commands.flatMap((command) =>
          command === undefined
            ? []
            : [
                {
                  name: command.name,
                  summary: command.summary,
                  words: helpWords(command.help, command.name),
                  options: helpOptions(command.help),
                },
              ],
        ),
      ),
    );
    return exitCodes.ok;
  },
};

const shells: Readonly<Record<string, typeof bashCompletion>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};
