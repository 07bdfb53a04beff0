import { parseArguments, UsageError } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { createDaemonClient } from './daemon-client.ts';
import { exitCodes } from './exit-codes.ts';
import { createPaint } from './paint.ts';
import { table } from './table.ts';

const help = `
Usage: hybrid-mlnode hosts [--json]
       hybrid-mlnode hosts clear <machine id>
       hybrid-mlnode hosts clear --all --yes

The machines of the market that disappointed this daemon, with the reasons and the trust that is left: the ranking of
offers multiplies their chance to be ready by it. Trust comes back by itself; what was our own fault (a wrong image, a
wrong key, an empty account) is never remembered against a machine.

Options:
  --json  one JSON object: {"hosts":[...]}
  --all   of clear: every machine
  --yes   of clear --all: without it nothing happens

Examples:
  hybrid-mlnode hosts
  hybrid-mlnode hosts clear 48211

Exit codes: 0 done, 1 the daemon did not answer, 2 wrong arguments or settings.
`;

export const command: Command = {
  name: 'hosts',
  summary: 'List machines that failed before, and trust them again.',
  help: help.trimStart(),
  run: async (args, io) => {
    if (args[0] === 'clear') return clear(args.slice(1), io);
    const { values } = parseArguments(args, { json: { type: 'boolean', default: false } });
    const body = await createDaemonClient(io).get('/v1/hosts');
    if (values.json) {
      io.stdout.write(`${body.trim()}\n`);
      return exitCodes.ok;
    }
    const { hosts } = JSON.parse(body) as { hosts: readonly Host[] };
    const paint = createPaint(io.stdout, io.env);
    io.stdout.write(hosts.length === 0 ? 'every machine is trusted\n' : table(head, hosts.map(cells), paint));
    return exitCodes.ok;
  },
};

interface Host {
  readonly machineId: number;
  readonly trust: number;
  readonly reasons: readonly { readonly reason: string; readonly at: number }[];
  readonly rentals: number;
  readonly ready: number;
}

const head = ['MACHINE', 'TRUST', 'RENTALS', 'READY', 'LAST', 'REASONS'];

const cells = ({ machineId, trust, reasons, rentals, ready }: Host): string[] => [
  String(machineId),
  `${Math.round(100 * trust)}%`,
  String(rentals),
  String(ready),
  new Date(Math.max(0, ...reasons.map(({ at }) => at))).toISOString().slice(0, 16),
  reasons.map(({ reason }) => reason).join(', '),
];

async function clear(args: readonly string[], io: CommandIo): Promise<number> {
  const isAll = args.includes('--all');
  const { values, positionals } = parseArguments(
    args,
    { all: { type: 'boolean', default: false }, yes: { type: 'boolean', default: false } },
    isAll ? [] : ['machine id'],
  );
  if (values.all && !values.yes) throw new UsageError('clear --all wants --yes');
  const machineId = Number(positionals[0]);
  if (!values.all && !(Number.isSafeInteger(machineId) && machineId >= 0))
    throw new UsageError(`"${positionals[0]}" is no machine id`);
  const order = values.all ? { all: true } : { machineId };
  const { forgiven } = JSON.parse(await createDaemonClient(io).post('/v1/orders/forgive', order)) as {
    forgiven: number;
  };
  if (forgiven === 0)
    io.stdout.write(values.all ? 'every machine was trusted\n' : `machine ${machineId} was trusted\n`);
  else
    io.stdout.write(
      forgiven === 1 ? '1 machine is trusted again\n' : `${forgiven} machines are trusted again\n`,
    );
  return exitCodes.ok;
}
