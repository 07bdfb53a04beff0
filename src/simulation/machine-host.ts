import type { Endpoint } from '../adapters/vast/interface.ts';
import type { WorldClock } from '../world/clock.ts';
import { WorldMachine } from '../world/machine/machine.ts';
import { Random } from '../world/random.ts';
import type { MachineBooks, MachineEndpoints, MachineHost, MachineSpec } from '../world/vast/machine-host.ts';
import { drawMachineMishap } from './machine-mishaps.ts';
import { noncesPerMinuteOf, playedPocV2 } from './nonce-rate.ts';

export interface SimulatedMachineHostOptions {
  readonly clock: WorldClock;
  readonly random: Random;
  /** Factor on the documented mishaps of machines. */
  readonly accidents: number;
  readonly hostFailure: number | undefined;
  /** Called every `beatMs` while a machine runs: its life is to be renewed by then, whatever else is quiet. */
  onBeat(): void;
  readonly beatMs: number;
  /** A machine's own `DELETE` of itself. */
  selfDestroy(instanceId: number, containerApiKey: string): void;
  /** A container has ended; these are its last books. */
  onEnded(books: MachineBooks): void;
}

interface Place extends MachineEndpoints {
  readonly machine: WorldMachine;
}

/** Ports of the world's proxy and of its machines; each container has two of its own. */
const firstPort = 20_000;
const portCount = 40_000;

/** Containers as objects of this process. */
export class SimulatedMachineHost implements MachineHost {
  readonly #options: SimulatedMachineHostOptions;
  readonly #running = new Map<number, Place>();
  #nextPort = 0;

  constructor(options: SimulatedMachineHostOptions) {
    this.#options = options;
  }

  async start(spec: MachineSpec): Promise<MachineEndpoints> {
    const { clock, random, accidents, hostFailure } = this.#options;
    const own = random.fork(spec.instanceId);
    const machine = new WorldMachine({
      spec,
      clock,
      random: own,
      noncesPerMinutePerGroup: noncesPerMinuteOf(spec),
      pocV2: playedPocV2,
      selfDestroy: () => this.#options.selfDestroy(spec.instanceId, spec.containerApiKey),
    });
    for (const fault of drawMachineMishap(own.fork(5), { accidents, hostFailure }))
      machine.faults.set(fault, 1);
    const place = { machine, sshPort: this.#port(), directPort: this.#port() };
    this.#running.set(spec.instanceId, place);
    this.#beat(spec.instanceId);
    return { sshPort: place.sshPort, directPort: place.directPort };
  }

  async attachKey(instanceId: number, key: string): Promise<void> {
    this.#running.get(instanceId)?.machine.access.addKey(key);
  }

  async stop(instanceId: number): Promise<MachineBooks | undefined> {
    const place = this.#running.get(instanceId);
    if (place === undefined) return undefined;
    this.#running.delete(instanceId);
    const books = { ...place.machine.books(), instanceId };
    place.machine.close();
    this.#options.onEnded(books);
    return books;
  }

  /** Of the containers that run; `onEnded` told those of the others. */
  async books(): Promise<readonly MachineBooks[]> {
    return this.booksNow();
  }

  booksNow(): readonly MachineBooks[] {
    return [...this.#running].map(([instanceId, { machine }]) => ({ ...machine.books(), instanceId }));
  }

  /** The machine behind an endpoint. */
  machineAt({ via, port }: Endpoint): WorldMachine | undefined {
    for (const place of this.#running.values()) {
      if ((via === 'direct' ? place.directPort : place.sshPort) === port) return place.machine;
    }
    return undefined;
  }

  /** Those whose container runs, oldest first. */
  get machines(): readonly WorldMachine[] {
    return [...this.#running.values()].map(({ machine }) => machine);
  }

  #beat(instanceId: number): void {
    const { clock, beatMs } = this.#options;
    clock.setTimeout(() => {
      if (!this.#running.has(instanceId)) return;
      this.#options.onBeat();
      this.#beat(instanceId);
    }, beatMs);
  }

  #port(): number {
    return firstPort + (this.#nextPort++ % portCount);
  }
}
