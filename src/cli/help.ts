import type { Command } from './command.ts';

/** What `hybrid-mlnode --help` prints. */
export function programHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const list = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    'One permanent Gonka ML node without a GPU of its own.',
    '',
    'Usage: hybrid-mlnode <command> [options]',
    '',
    'Commands:',
    ...list,
    '',
    'Options:',
    '  -h, --help     this text, or that of a command',
    '  -v, --version  the version',
    '  --no-color     no colour, as NO_COLOR=1',
    '',
    'Settings come from the environment, then .env, then config/.env; docs/reference/configuration.md lists them.',
    'Exit codes: 0 done, 1 failed, 2 wrong arguments or settings, 3 store in use, 4 a machine is not proven gone,',
    '130 cancelled; docs/reference/exit-codes.md.',
    '',
  ].join('\n');
}

/** What `hybrid-mlnode <command> --help` prints. */
export const commandHelp = (command: Command): string => `${command.summary}\n\n${command.help.trim()}\n`;

/** True when `-h` or `--help` stands among the options. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  return options.includes('--help') || options.includes('-h');
}
