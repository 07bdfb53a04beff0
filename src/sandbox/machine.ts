import type { WorldRequest, WorldOutcome } from '../world/exchange.ts';
import { serveNeighbour, type ServedNeighbour } from './http-neighbour.ts';
import { SandboxMachine } from './machine-container.ts';
import { checkMachineStart, type MachineStart } from './machine-start.ts';
import type { SshPorts } from './machine-ssh-server.ts';
import { ScaledClock } from './scaled-clock.ts';

export interface ServeMachineOptions extends MachineStart {
  /** Port of the control API; 0 = any free one. */
  readonly port: number;
  readonly speed: number;
  /** Unix milliseconds at which the world's clock and the wall's agreed. */
  readonly originMs: number;
  /** Of the sandbox; each machine draws its own delays from it. Default 1. */
  readonly seed?: number;
}

export type ServedMachine = ServedNeighbour & SshPorts;

/**
 * A rented GPU machine: SSH on two ports, `onstart` run by a real shell below a directory of its own, and the control
 * API with `POST /sandbox/keys` (`{"key": "ssh-ed25519 …"}`) beside the usual routes. `close` destroys it: nothing of
 * it is left afterwards. Throws an Error that names a field of the description which is missing or wrong.
 */
export async function serveMachine(options: ServeMachineOptions): Promise<ServedMachine> {
  checkMachineStart(options);
  const machine = new SandboxMachine(options, new ScaledClock(options), options.seed ?? 1);
  try {
    const ports = await machine.boot();
    const control = await serveNeighbour(machine, {
      port: options.port,
      control: async (request) => keyRoute(machine, request),
    });
    const close = async (): Promise<void> => {
      await control.close();
      await machine.destroy();
    };
    return { port: control.port, ...ports, close };
  } catch (error) {
    await machine.destroy();
    throw error;
  }
}

function keyRoute(machine: SandboxMachine, request: WorldRequest): WorldOutcome | undefined {
  if (request.method !== 'POST' || request.path !== '/sandbox/keys') return undefined;
  const { key } = JSON.parse(request.body) as { key: string };
  machine.addKey(key);
  return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"success":true}' };
}
