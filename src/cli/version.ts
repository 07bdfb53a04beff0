import { readFileSync } from 'node:fs';
import { parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';

const help = `
Usage: hybrid-mlnode version [options]

The version of this program and of the Node that runs it.

Options:
  --json  one JSON object

Examples:
  hybrid-mlnode version --json

Exit codes: 0.
`;

export const command: Command = {
  name: 'version',
  summary: 'Print the version of this program and of its Node.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, { json: { type: 'boolean', default: false } });
    const node = process.versions.node;
    const at = import.meta.url.endsWith('.js') ? 'compiled' : 'source';
    if (values.json) io.stdout.write(`${JSON.stringify({ version: packageVersion(), node, runs: at })}\n`);
    else io.stdout.write(`gonka-hybrid-mlnode ${packageVersion()}, Node ${node}\n`);
    return exitCodes.ok;
  },
};

/** As package.json says it, which stands beside `src` and beside `dist`. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
