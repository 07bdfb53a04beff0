import { setTimeout as pause } from 'node:timers/promises';
import type { LeasesPage, LeaseSummary } from '../server/inspection/book-answers.ts';
import { parseArguments, UsageError, wholeNumberOption } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { confirmed } from './confirmation.ts';
import { createDaemonClient, type DaemonClient } from './daemon-client.ts';
import { exitCodes } from './exit-codes.ts';
import { createProgressLine } from './progress-line.ts';
import { whileWanted } from './stop-request.ts';

const help = `
Usage: hybrid-mlnode release <id>|--all [options]

Returns one rented machine of the running daemon, by its lease id or its instance number, or all of them, and waits for
the proof: two lists of the provider without it. What the plan still needs a machine for, it rents again; set
RENTAL_POLICY=off, or stop the daemon, to rent no more.

Options:
  --all            every machine
  --yes            do not ask
  --wait <seconds> for the proof, 0 to 3600 (default 180)
  --json           one JSON object: {"returned":[...],"left":[...]}

Examples:
  hybrid-mlnode release 31415926 --yes
  hybrid-mlnode release --all

Exit codes: 0 proven gone, 1 no daemon answers, 2 wrong arguments or not confirmed, 4 not proven gone in time.
`;

export const command: Command = {
  name: 'release',
  summary: 'Return a rented machine, or all of them.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values, positionals } = parseArguments(
      args,
      {
        all: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        wait: { type: 'string', default: '180' },
        json: { type: 'boolean', default: false },
      },
      ['id?'],
    );
    const [id] = positionals;
    if ((id === undefined) !== values.all) throw new UsageError('name one machine, or say --all');
    const waitMs = wholeNumberOption('wait', values.wait, 0, 3600) * 1000;
    const client = createDaemonClient(io);
    const open = await openLeases(client);
    const meant = id === undefined ? open : open.filter((lease) => isCalled(lease, id));
    if (id !== undefined && meant.length === 0)
      throw new UsageError(`no open lease is called ${id}; see "leases --open"`);
    if (meant.length > 0) await confirmed(`This returns ${meant.map(sentence).join(', ')}.`, values.yes, io);
    const order = id === undefined ? { all: true } : { leaseId: meant[0]?.leaseId };
    if (meant.length > 0) await client.post('/v1/orders/release', order);
    const left = await untilGone(client, meant, waitMs, io);
    const returned = meant.filter((lease) => !left.includes(lease));
    if (values.json)
      io.stdout.write(`${JSON.stringify({ returned: returned.map(plain), left: left.map(plain) })}\n`);
    else report(returned, left, io);
    return left.length === 0 ? exitCodes.ok : exitCodes.stopIncomplete;
  },
};

const isCalled = (lease: LeaseSummary, id: string): boolean =>
  lease.leaseId === id || lease.leaseId.endsWith(id.toUpperCase()) || String(lease.instanceId) === id;

const sentence = ({ leaseId, instanceId }: LeaseSummary): string =>
  instanceId === null ? `lease ${leaseId} (no instance yet)` : `instance ${instanceId} (lease ${leaseId})`;

const plain = ({ leaseId, instanceId, label }: LeaseSummary): object => ({ leaseId, instanceId, label });

async function openLeases(client: DaemonClient): Promise<readonly LeaseSummary[]> {
  const { leases } = JSON.parse(await client.get('/v1/leases?limit=500')) as LeasesPage;
  return leases.filter(({ status }) => status !== 'done');
}

/** Resolves with those of `meant` that are still open when the time is over, or Ctrl-C is pressed. */
function untilGone(
  client: DaemonClient,
  meant: readonly LeaseSummary[],
  waitMs: number,
  io: CommandIo,
): Promise<readonly LeaseSummary[]> {
  const line = createProgressLine(io.stderr);
  const until = performance.now() + waitMs;
  return whileWanted(io, async (signal) => {
    for (let left = meant; ; ) {
      if (left.length > 0) {
        const open = await openLeases(client);
        left = left.filter(({ leaseId }) => open.some((lease) => lease.leaseId === leaseId));
      }
      if (left.length === 0 || signal.aborted || performance.now() > until) {
        line.wipe();
        return left;
      }
      line.show(
        `${meant.length - left.length} of ${meant.length} proven gone`,
        1 - left.length / meant.length,
      );
      await pause(500, undefined, { signal }).catch(() => undefined);
    }
  });
}

function report(returned: readonly LeaseSummary[], left: readonly LeaseSummary[], io: CommandIo): void {
  for (const lease of returned) io.stdout.write(`${sentence(lease)} is gone, and two lists prove it\n`);
  for (const lease of left)
    io.stderr.write(`${sentence(lease)} is not proven gone yet; the daemon goes on with it\n`);
  if (returned.length + left.length === 0) io.stderr.write('there is no machine to return\n');
}
