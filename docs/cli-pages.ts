import { commandNames, loadCommand } from '../src/cli/commands.ts';
import { exitCodeMeanings, exitCodes } from '../src/cli/exit-codes.ts';
import { commandHelp, programHelp } from '../src/cli/help.ts';
import type { GeneratedPage } from './generate.ts';

/** The pages of the command line, printed from the commands themselves. */
export async function cliPages(notice: string): Promise<readonly GeneratedPage[]> {
  return [
    { path: 'docs/reference/cli.md', text: await commandsPage(notice) },
    { path: 'docs/reference/exit-codes.md', text: exitCodesPage(notice) },
  ];
}

async function commandsPage(notice: string): Promise<string> {
  const loaded = await Promise.all(commandNames.map((name) => loadCommand(name)));
  const commands = loaded.flatMap((command) => command ?? []);
  const list = commands.map(({ name, summary }) => `| [\`${name}\`](#${name}) | ${summary} |`);
  const sections = commands.flatMap((command) => [
    '',
    `## ${command.name}`,
    '',
    '```',
    commandHelp(command).trimEnd(),
    '```',
  ]);
  return `${[
    notice,
    '# Command line',
    '',
    'Data goes to stdout, talk to stderr; `--json` gives data for programs. Colour and progress are for terminals only (`NO_COLOR` and `--no-color` switch colour off). Nothing is rented, returned, removed or overwritten without `--yes` or a person who says yes; without a terminal nobody is asked. [Exit codes](exit-codes.md).',
    '',
    '| Command | What it does |',
    '| --- | --- |',
    ...list,
    '',
    '```',
    programHelp(commands).trimEnd(),
    '```',
    ...sections,
  ].join('\n')}\n`;
}

function exitCodesPage(notice: string): string {
  const rows = Object.entries(exitCodes).map(
    ([name, code]) => `| ${code} | ${exitCodeMeanings[name as keyof typeof exitCodes]} |`,
  );
  return `${[
    notice,
    '# Exit codes',
    '',
    'The same for every command; the last lines of its `--help` say what a code means there.',
    '',
    '| Code | Meaning |',
    '| --- | --- |',
    ...rows,
    '',
    'A process that a second Ctrl-C ends while it stops says 4. Death by a signal is, as ever, 128 and its number.',
  ].join('\n')}\n`;
}
