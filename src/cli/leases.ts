import type { LeasesPage } from '../server/inspection/book-answers.ts';
import { parseArguments, wholeNumberOption } from './arguments.ts';
import type { Command } from './command.ts';
import { createDaemonClient } from './daemon-client.ts';
import { exitCodes } from './exit-codes.ts';
import { leaseLines } from './lease-lines.ts';
import { createPaint } from './paint.ts';

const help = `
Usage: hybrid-mlnode leases [options]

Rentals of the running daemon, newest first: state, instance, GPU, price, what it cost, why it ended. "instances" has
the provider's own list.

Options:
  --open       only those that are not proven gone
  --limit <n>  how many, 1 to 500 (default 20)
  --json       one JSON object

Examples:
  hybrid-mlnode leases --open
  hybrid-mlnode leases --limit 200 --json

Exit codes: 0 it answered, 1 it did not, 2 wrong arguments.
`;

export const command: Command = {
  name: 'leases',
  summary: 'List the rentals of the running daemon.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      open: { type: 'boolean', default: false },
      limit: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
    });
    const limit = wholeNumberOption('limit', values.limit, 1, 500);
    const page = JSON.parse(await createDaemonClient(io).get(`/v1/leases?limit=${limit}`)) as LeasesPage;
    const leases = values.open ? page.leases.filter(({ status }) => status !== 'done') : page.leases;
    if (values.json) io.stdout.write(`${JSON.stringify({ ...page, leases })}\n`);
    else if (leases.length === 0) io.stdout.write(values.open ? 'no open leases\n' : 'no leases yet\n');
    else io.stdout.write(leaseLines(leases, createPaint(io.stdout, io.env)));
    return exitCodes.ok;
  },
};
