import { createOfetchTransport } from '../adapters/ofetch-transport.ts';
import { HybridError } from '../errors.ts';
import { createHttpNeighbours } from '../wiring/http-neighbours.ts';
import { parseArguments } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { gatewayAddress } from './gateway-address.ts';
import { operatorSettings } from './operator-settings.ts';
import { createPaint } from './paint.ts';
import { table } from './table.ts';
import { whileWanted } from './stop-request.ts';

const help = `
Usage: hybrid-mlnode models [options]

The models that the inference APIs list, with context and price, the one that this node presents marked. Asks the APIs
themselves; with --gateway the running node, as its callers see it.

Options:
  --gateway  what this host's own gateway offers
  --json     one JSON object: {"presented":...,"models":[...]}

Examples:
  hybrid-mlnode models
  hybrid-mlnode models --gateway --json

Exit codes: 0 listed, 1 nobody answered, 2 wrong arguments or settings.
`;

interface Row {
  readonly id: string;
  readonly backEnd: string;
  readonly contextLength: number | null;
  readonly inputUsdPerMillion: number | null;
  readonly outputUsdPerMillion: number | null;
}

export const command: Command = {
  name: 'models',
  summary: 'List the models of the inference APIs, or of this node.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      gateway: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const { config, clock } = operatorSettings(io);
    const models = await whileWanted(io, (signal) =>
      values.gateway
        ? offered(gatewayAddress(config), signal)
        : listed(
            createHttpNeighbours({ ...config, rental: { ...config.rental, policy: 'off' } }, clock),
            signal,
            io,
          ),
    );
    if (models.length === 0) return exitCodes.failed;
    const served = new Set(config.backEnds.map(({ model }) => model).concat(config.model));
    const rows = models.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((model) => cells(model, served));
    if (values.json) io.stdout.write(`${JSON.stringify({ presented: config.model, models })}\n`);
    else io.stdout.write(table(head, rows, createPaint(io.stdout, io.env)));
    return exitCodes.ok;
  },
};

const head = ['MODEL', 'AT', 'CONTEXT', '$/M IN', '$/M OUT', ''];

const cells = (model: Row, served: ReadonlySet<string>): string[] => [
  model.id,
  model.backEnd,
  model.contextLength === null ? '-' : String(model.contextLength),
  model.inputUsdPerMillion === null ? '-' : model.inputUsdPerMillion.toFixed(2),
  model.outputUsdPerMillion === null ? '-' : model.outputUsdPerMillion.toFixed(2),
  served.has(model.id) ? 'presented' : '',
];

/** Of every back end that answers; those that do not are told on stderr. */
async function listed(
  { backEnds }: Pick<ReturnType<typeof createHttpNeighbours>, 'backEnds'>,
  signal: AbortSignal,
  io: CommandIo,
): Promise<readonly Row[]> {
  const lists = await Promise.all(
    backEnds.map(async ({ upstream }) => {
      try {
        return (await upstream.models(signal)).map((model) => ({ ...model, backEnd: upstream.name }));
      } catch (error) {
        if (!(error instanceof HybridError)) throw error;
        io.stderr.write(`${upstream.name}: ${error.code}: ${error.message}\n`);
        return [];
      }
    }),
  );
  return lists.flat();
}

async function offered(gateway: string, signal: AbortSignal): Promise<readonly Row[]> {
  const url = `${gateway}/v1/models`;
  const answer = await createOfetchTransport()({ method: 'GET', url, timeoutMs: 10_000, signal });
  if (answer.status !== 200)
    throw new HybridError({ code: 'DAEMON_BAD_ANSWER', message: `${url} answered ${answer.status}` });
  const { data } = JSON.parse(answer.body) as { data: readonly { id: string }[] };
  const unknown = { contextLength: null, inputUsdPerMillion: null, outputUsdPerMillion: null };
  return data.map(({ id }) => ({ id, backEnd: 'gateway', ...unknown }));
}
