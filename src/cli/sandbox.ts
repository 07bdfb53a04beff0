import { once } from 'node:events';
import { parseArguments, numberOption, UsageError, wholeNumberOption } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { faultsOf, isNeighbour, neighbours, serve, type Served } from './sandbox-neighbour.ts';
import { serveTown, townSpeed } from './sandbox-town.ts';
import { readLine } from './stdin-line.ts';

const help = `
Usage: hybrid-mlnode sandbox town [--settings <path>] [options]
       hybrid-mlnode sandbox ${neighbours.join('|')} [options]

Serves what a daemon needs around it on loopback, as it really behaves: "town" is all of it at once, to go through
init, doctor and start without a key; or one neighbour alone.
Prints one JSON line when it is ready ({"port":n,...}) and lives until SIGTERM or SIGINT.

Options:
  --settings <path> of a town: writes the settings that lead into it; a file that is there is not touched
  --list-faults     the faults a neighbour can show, then end
  --port <n>        port of a neighbour on 127.0.0.1 (default 0: any free one)
  --speed <x>       world seconds in a real one (default 1; of a town ${townSpeed})
  --origin <ms>     Unix milliseconds at which world and real time agree (default: now)
  --seed <n>        seed of its chances (default 1)
  --options <json>  further options, one JSON object; of a town for example {"flavour":"v2-confirmation"}
  --with-parent     end also when stdin closes, so that no orphan stays

A machine reads its specification as one JSON line on stdin first.
Beside its own API each serves GET /sandbox/ready, GET /sandbox/books, GET and POST /sandbox/faults.

Examples:
  hybrid-mlnode sandbox town --settings .env
  hybrid-mlnode sandbox vast --list-faults
  hybrid-mlnode sandbox chain --port 8000 --speed 60

Exit codes: 0 it was stopped, 1 it could not be served, 2 wrong arguments.
`;

const options = {
  settings: { type: 'string' },
  'list-faults': { type: 'boolean', default: false },
  port: { type: 'string', default: '0' },
  speed: { type: 'string' },
  origin: { type: 'string' },
  seed: { type: 'string', default: '1' },
  options: { type: 'string', default: '{}' },
  'with-parent': { type: 'boolean', default: false },
} as const;

export const command: Command = {
  name: 'sandbox',
  summary: `Serve the world in a box, whole (town) or one neighbour (${neighbours.join(', ')}).`,
  help: help.trimStart(),
  run: async (args, io) => {
    const { values, positionals } = parseArguments(args, options, ['neighbour']);
    const name = positionals[0] ?? '';
    const isTown = name === 'town';
    if (!isTown && !isNeighbour(name))
      throw new UsageError(`"${name}" is no neighbour; there are ${neighbours.join(', ')}, and town`);
    if (!isTown && values.settings !== undefined)
      throw new UsageError('--settings goes with town: one neighbour is not enough for a daemon');
    const common = {
      port: wholeNumberOption('port', values.port, 0, 65_535),
      speed: numberOption('speed', values.speed ?? (isTown ? `${townSpeed}` : '1'), 0.001, 100_000),
      originMs:
        values.origin === undefined ? Date.now() : wholeNumberOption('origin', values.origin, 0, 1e14),
      seed: wholeNumberOption('seed', values.seed, 0, 2 ** 32 - 1),
    };
    const own = objectOf('--options', values.options);
    const isLed = values['with-parent'];
    if (isTown) {
      const { speed, seed } = common;
      const settingsPath = values.settings;
      return live(() => serveTown({ ...own, speed, seed, settingsPath }, io), isLed, io);
    }
    if (values['list-faults']) return listFaults(name, { ...common, ...own, port: 0 }, io);
    return live(
      async (input) => {
        const spec = name === 'machine' ? objectOf('the first line of stdin', await readLine(input)) : {};
        return serve(name, { ...common, ...own, ...spec });
      },
      isLed,
      io,
    );
  },
};

/** Serves until a stop is asked for; `isLed`: or stdin ends. */
async function live(
  serveIt: (input: AsyncIterator<Buffer | string>) => Promise<Served>,
  isLed: boolean,
  io: CommandIo,
): Promise<number> {
  const stop = stopRequest(io);
  const input = io.stdin[Symbol.asyncIterator]();
  const served = await serveIt(input);
  io.stdout.write(`${JSON.stringify(served)}\n`);
  await (isLed ? Promise.race([stop, ended(input)]) : stop);
  await served.close();
  return exitCodes.ok;
}

async function listFaults(name: (typeof neighbours)[number], given: object, io: CommandIo): Promise<number> {
  const faults = await faultsOf(name, given);
  const width = Math.max(0, ...faults.map((fault) => fault.name.length));
  for (const fault of faults) io.stdout.write(`${fault.name.padEnd(width)}  ${fault.sentence}\n`);
  return exitCodes.ok;
}

async function stopRequest(io: CommandIo): Promise<void> {
  const request = new EventTarget();
  const asked = once(request, 'stop');
  const remove = io.onStopSignal(() => request.dispatchEvent(new Event('stop')));
  await asked;
  remove();
}

/** Resolves when the parent closed its end, whatever it still said. */
async function ended(input: AsyncIterator<Buffer | string>): Promise<void> {
  while (!(await input.next()).done);
}

function objectOf(what: string, text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${what} is no JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${what} is no JSON object`);
  }
  return value;
}
