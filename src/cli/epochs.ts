import type { EpochStory, EpochsPage, EpochSummary } from '../server/inspection/book-answers.ts';
import { parseArguments, UsageError, wholeNumberOption } from './arguments.ts';
import type { Command } from './command.ts';
import { createDaemonClient } from './daemon-client.ts';
import { exitCodes } from './exit-codes.ts';
import { leaseLines } from './lease-lines.ts';
import { createNarrator } from './narrator.ts';
import { createPaint, type Paint } from './paint.ts';
import { dollars } from './status-page.ts';
import { table } from './table.ts';

const help = `
Usage: hybrid-mlnode epochs [<epoch>] [options]

PoC epochs as the running daemon remembers them, newest first: outcome, work, cost. With the number of one: its plan,
its machines and its journal, step by step.

Options:
  --limit <n>  how many, 1 to 500 (default 20)
  --json       the daemon's answer, one JSON object

Examples:
  hybrid-mlnode epochs
  hybrid-mlnode epochs 135
  hybrid-mlnode epochs --limit 100 --json

Exit codes: 0 it answered, 1 it did not, 2 wrong arguments, or no such epoch.
`;

export const command: Command = {
  name: 'epochs',
  summary: 'List past and coming PoC epochs, or tell one step by step.',
  help: help.trimStart(),
  run: async (args, io) => {
    const options = {
      limit: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
    } as const;
    const { values, positionals } = parseArguments(args, options, ['epoch?']);
    const limit = wholeNumberOption('limit', values.limit, 1, 500);
    const [asked] = positionals;
    if (asked !== undefined && !/^\d{1,9}$/.test(asked)) throw new UsageError(`"${asked}" is no epoch`);
    const client = createDaemonClient(io);
    const body = await client.get(asked === undefined ? `/v1/epochs?limit=${limit}` : `/v1/epochs/${asked}`);
    const paint = createPaint(io.stdout, io.env);
    if (values.json) io.stdout.write(`${body.trim()}\n`);
    else if (asked === undefined) io.stdout.write(list(JSON.parse(body) as EpochsPage, paint));
    else io.stdout.write(story(JSON.parse(body) as EpochStory, paint));
    return exitCodes.ok;
  },
};

const head = ['EPOCH', 'STATE', 'OUTCOME', 'NONCES', 'VALIDATED', 'RENTALS', 'SPENT', '$/1000'];

const list = ({ epochs }: EpochsPage, paint: Paint): string =>
  epochs.length === 0 ? 'no epochs yet\n' : table(head, epochs.map(cells), paint);

function cells(epoch: EpochSummary): string[] {
  const { work, costPerThousandNoncesMicroUsd: rate } = epoch;
  const done = (name: string): string => (typeof work?.[name] === 'number' ? `${work[name]}` : '-');
  return [
    String(epoch.epochIndex),
    epoch.state,
    epoch.outcome ?? 'open',
    done('noncesDelivered'),
    done('validationsDelivered'),
    String(epoch.rentals),
    dollars(epoch.spentMicroUsd),
    rate === null ? '-' : dollars(rate),
  ];
}

function story({ epoch, leases, journal, isJournalCut }: EpochStory, paint: Paint): string {
  const tell = createNarrator();
  const steps = journal.flatMap((entry) => {
    const told = tell(entry);
    if (told === null) return [];
    const text = `${paint.cyan(told.subject)} ${told.text}`;
    return [`${paint.dim(new Date(entry.at).toISOString())}  ${told.isBad ? paint.yellow(text) : text}\n`];
  });
  const machines = leases.length === 0 ? 'no machine was rented\n' : leaseLines(leases, paint);
  const cut = isJournalCut ? 'the journal holds more of it; --json has the raw entries\n' : '';
  return [table(head, [cells(epoch)], paint), '\n', machines, '\n', ...steps, cut].join('');
}
