import { createHttpVast, type Instance, verdict } from '../adapters/vast/index.ts';
import { createOfetchTransport } from '../adapters/ofetch-transport.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { askedAgain } from './asked-again.ts';
import type { Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { operatorSettings } from './operator-settings.ts';
import { createPaint } from './paint.ts';
import { dollars } from './status-page.ts';
import { table } from './table.ts';
import { whileWanted } from './stop-request.ts';

const help = `
Usage: hybrid-mlnode instances [options]

Every instance of the Vast.ai account, as the provider lists it; those of this DEPLOYMENT_ID are marked. Asks the
provider itself: no daemon has to run.

Options:
  --ours  only those of this DEPLOYMENT_ID
  --json  one JSON object: {"deploymentId":...,"instances":[...]}

Examples:
  hybrid-mlnode instances
  hybrid-mlnode instances --ours --json | jq '.instances[].instanceId'

Exit codes: 0 listed, 1 the provider did not answer, 2 wrong arguments or settings.
`;

export const command: Command = {
  name: 'instances',
  summary: 'List the instances of the Vast.ai account, ours marked.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      ours: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const { config, clock, deploymentId } = operatorSettings(io);
    const { apiKey, baseUrl } = config.vast;
    if (apiKey.reveal() === '') throw new UsageError('VASTAI_API_KEY is not set');
    const vast = createHttpVast({ baseUrl, apiKey, clock, transport: createOfetchTransport() });
    const { instances } = await whileWanted(io, (signal) =>
      askedAgain(() => vast.list(signal), clock, signal),
    );
    const rows = instances
      .map((instance) => ({ instance, owner: ownerOf(instance.label, deploymentId) }))
      .filter(({ owner }) => !values.ours || owner.startsWith('ours'));
    if (values.json) {
      const plain = rows.map(({ instance, owner }) => ({ ...instance, owner }));
      io.stdout.write(`${JSON.stringify({ deploymentId: deploymentId ?? null, instances: plain })}\n`);
      return exitCodes.ok;
    }
    if (deploymentId === undefined)
      io.stderr.write('DEPLOYMENT_ID is not known yet, so none can be marked as ours\n');
    const paint = createPaint(io.stdout, io.env);
    io.stdout.write(rows.length === 0 ? 'no instances\n' : table(head, rows.map(cells), paint));
    return exitCodes.ok;
  },
};

const head = ['INSTANCE', 'OWNER', 'STATE', '$/H', 'MACHINE', 'LABEL'];

const cells = ({ instance, owner }: { instance: Instance; owner: string }): string[] => [
  String(instance.instanceId),
  owner,
  stateOf(instance),
  dollars(instance.price),
  String(instance.machineId),
  instance.label ?? '',
];

function stateOf(instance: Instance): string {
  const { kind } = verdict(instance);
  return instance.actualStatus === null || instance.actualStatus === kind
    ? kind
    : `${kind} (${instance.actualStatus})`;
}

/** By the label that every rental of ours bears: `ghm:<DEPLOYMENT_ID>:<lease>:<attempt>`. */
export function ownerOf(label: string | null, deploymentId: string | undefined): string {
  const [mark, deployment] = (label ?? '').split(':');
  if (mark !== 'ghm') return 'foreign';
  if (deploymentId !== undefined && deployment === deploymentId) return 'ours';
  if (deploymentId !== undefined && deployment === `${deploymentId}-rehearsal`) return 'ours (rehearsal)';
  return 'another deployment';
}
