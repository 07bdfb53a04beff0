import type { rentAnswer } from '../server/inspection/orders-route.ts';
import type { z } from 'zod';
import { parseArguments, UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { confirmed } from './confirmation.ts';
import { createDaemonClient } from './daemon-client.ts';
import { exitCodes } from './exit-codes.ts';

const help = `
Usage: hybrid-mlnode rent --until validation-end|epoch-end [options]

Rents for the coming PoC now, through the running daemon, whatever its plan says: the manual start. Caps, checks,
callbacks and the return are those of any other rental.

Options:
  --until validation-end|epoch-end  keep it until the PoC is validated, or until the next PoC starts
  --yes   do not ask
  --json  the plan that holds now, one JSON object

Examples:
  hybrid-mlnode rent --until validation-end
  hybrid-mlnode rent --until epoch-end --yes --json

Exit codes: 0 the daemon rents, 1 no daemon answers, 2 wrong arguments, not confirmed, or the daemon refuses.
`;

export const command: Command = {
  name: 'rent',
  summary: 'Rent for the coming PoC now, through the running daemon.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      until: { type: 'string' },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const { until } = values;
    if (until !== 'validation-end' && until !== 'epoch-end')
      throw new UsageError('--until must be validation-end or epoch-end');
    const client = createDaemonClient(io);
    await confirmed(`This rents a GPU machine now and keeps it until ${spoken[until]}.`, values.yes, io);
    const body = await client.post('/v1/orders/rent', { until });
    if (values.json) {
      io.stdout.write(`${body.trim()}\n`);
      return exitCodes.ok;
    }
    const plan = JSON.parse(body) as z.infer<typeof rentAnswer>;
    io.stdout.write(
      `renting at height ${plan.rentHeight} for PoC ${plan.epochIndex}, which starts at ${plan.pocStartHeight}; kept until ${plan.holdUntilHeight}\n`,
    );
    io.stderr.write('follow it: hybrid-mlnode status --watch\n');
    return exitCodes.ok;
  },
};

const spoken = {
  'validation-end': 'the coming PoC is validated',
  'epoch-end': 'the PoC after the coming one starts',
} as const;
