import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliPages } from '../../docs/cli-pages.ts';
import { notice } from '../../docs/generate.ts';
import { commandNames, loadCommand } from '../../src/cli/commands.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { helpOptions } from '../../src/cli/help-options.ts';

const root = join(import.meta.dirname, '../..');
const pages = await cliPages(notice);

describe('the pages of the command line', () => {
  it.each(pages.map(({ path }) => path))('%s is as the commands say (npm run docs)', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(pages.find((page) => page.path === path)?.text);
  });

  it('tell every exit code', () => {
    const page = pages.find(({ path }) => path.endsWith('exit-codes.md'))?.text ?? '';
    for (const code of Object.values(exitCodes)) expect(page).toContain(`| ${code} | `);
  });
});

describe.each(commandNames)('the help of %s', (name) => {
  it('has a usage, examples and exit codes, and lines that fit a terminal', async () => {
    const help = (await loadCommand(name))?.help.trim() ?? '';
    expect(help).toMatch(new RegExp(`^Usage: hybrid-mlnode ${name}`));
    expect(help).toMatch(new RegExp(`^Examples:\n {2}.*hybrid-mlnode ${name}`, 'm'));
    expect(help).toMatch(/^Exit codes: /m);
    // The one list that is as long as the world has faults is broken by the terminal.
    const long = help.split('\n').filter((line) => line.length > 120 && !line.startsWith('Faults: '));
    expect(long).toEqual([]);
  });

  it('describes its options in the form that completion reads', async () => {
    const help = (await loadCommand(name))?.help ?? '';
    const section = help.split(/^Options:$/m)[1]?.split(/^\S/m)[0] ?? '';
    const lines = section.split('\n').filter((line) => /^ {2}-/.test(line));
    expect(helpOptions(help).length).toBe(lines.length);
  });
});
