import { randomUUID } from 'node:crypto';
import { json, type WorldOutcome, type WorldRequest } from '../world/exchange.ts';
import type { MachineHost } from '../world/vast/machine-host.ts';
import { VastWorld, type VastWorldOptions } from '../world/vast/vast-world.ts';
import { serveNeighbour, type ServedNeighbour } from './http-neighbour.ts';
import { ScaledClock } from './scaled-clock.ts';
import { VastMachines, type VastMachinesOptions } from './vast-machines.ts';

type WorldPart = Omit<VastWorldOptions, 'clock' | 'host' | 'apiKey' | 'imageExists' | 'keySalt'>;

/** `speed`: world seconds in a real one; `originMs`: Unix milliseconds at which the two clocks agreed. */
export interface ServeVastOptions extends WorldPart, VastMachinesOptions {
  /** 0 = any free port. */
  readonly port: number;
  readonly seed: number;
  /** The account's key. Default `sandbox-vast-key`. */
  readonly apiKey?: string;
  /** The only images that can be pulled. Default: all but those whose name contains `does-not-exist`. */
  readonly knownImages?: readonly string[];
  /** Runs the containers in this process instead of one each. */
  readonly host?: MachineHost;
}

/**
 * Vast.ai as a process: its API, the control API with the books of all its machines, and `GET /sandbox/machines`,
 * where the control API of each running machine is. `close` kills every machine.
 */
export async function serveVast(options: ServeVastOptions): Promise<ServedNeighbour> {
  const machines = new VastMachines(options);
  const host = options.host ?? machines;
  const { knownImages } = options;
  const world = new VastWorld({
    ...options,
    clock: new ScaledClock(options),
    apiKey: options.apiKey ?? 'sandbox-vast-key',
    host,
    keySalt: randomUUID(),
    ...(knownImages ? { imageExists: (image: string) => knownImages.includes(image) } : {}),
  });
  const served = await serveNeighbour(world, {
    port: options.port,
    control: (request) => machineRoutes(world, host, machines, request),
  });
  return {
    port: served.port,
    close: async () => {
      await served.close();
      await machines.close();
    },
  };
}

async function machineRoutes(
  world: VastWorld,
  host: MachineHost,
  machines: VastMachines,
  request: WorldRequest,
): Promise<WorldOutcome | undefined> {
  switch (`${request.method} ${request.path}`) {
    case 'GET /sandbox/books':
      return json(200, { ...world.books(), machines: await host.books() });
    case 'GET /sandbox/machines':
      return json(200, machines.controlPorts());
    default:
      return undefined;
  }
}
