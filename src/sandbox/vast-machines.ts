import type { MachineBooks, MachineEndpoints, MachineHost, MachineSpec } from '../world/vast/machine-host.ts';
import { programPath } from './program.ts';
import { VastMachineProcess } from './vast-machine-process.ts';

export interface VastMachinesOptions {
  readonly speed: number;
  readonly originMs: number;
  readonly seed: number;
  /** Program whose `sandbox machine` is a machine. Default: this package's own. */
  readonly mainPath?: string;
  /** Further fields of every machine's line of JSON: its faults and delays (`MachineStart`). */
  readonly machine?: Readonly<Record<string, unknown>>;
}

/** Containers as processes of their own, `node src/main.ts sandbox machine …` each. */
export class VastMachines implements MachineHost {
  readonly #options: VastMachinesOptions;
  readonly #running = new Map<number, VastMachineProcess>();
  /** In the order of their starts; the last books of those that are gone. */
  readonly #books = new Map<number, MachineBooks>();
  readonly #killAll = (): void => {
    for (const machine of this.#running.values()) machine.killNow();
  };

  constructor(options: VastMachinesOptions) {
    this.#options = options;
    process.on('exit', this.#killAll);
  }

  async start(spec: MachineSpec): Promise<MachineEndpoints> {
    const { speed, originMs, seed, machine: extras } = this.#options;
    const mainPath = this.#options.mainPath ?? programPath('main');
    const flags = { port: 0, speed, origin: originMs, seed: (seed * 1_000_003 + spec.instanceId) % 2 ** 32 };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const machine = new VastMachineProcess(
      spec.instanceId,
      [mainPath, 'sandbox', 'machine', ...args, '--with-parent'],
      { ...extras, ...spec },
    );
    this.#running.set(spec.instanceId, machine);
    this.#books.set(spec.instanceId, { instanceId: spec.instanceId });
    try {
      return await machine.ready();
    } catch (error) {
      await machine.kill();
      this.#running.delete(spec.instanceId);
      process.stderr.write(`sandbox vast: ${String(error)}\n`);
      throw error;
    }
  }

  async attachKey(instanceId: number, key: string): Promise<void> {
    await this.#running
      .get(instanceId)
      ?.attachKey(key)
      .catch(() => undefined);
  }

  async stop(instanceId: number): Promise<MachineBooks | undefined> {
    const machine = this.#running.get(instanceId);
    if (!machine) return undefined;
    await this.#fetchBooks(machine);
    await machine.kill();
    this.#running.delete(instanceId);
    return this.#books.get(instanceId);
  }

  async books(): Promise<readonly MachineBooks[]> {
    await Promise.all([...this.#running.values()].map((machine) => this.#fetchBooks(machine)));
    return [...this.#books.values()];
  }

  /** Where the control API of each running machine is. */
  controlPorts(): { instanceId: number; port: number }[] {
    return [...this.#running.values()].flatMap(({ instanceId, controlPort }) =>
      controlPort === undefined ? [] : [{ instanceId, port: controlPort }],
    );
  }

  /** Kills every machine that runs, books or not. */
  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((machine) => machine.kill()));
    this.#running.clear();
    process.off('exit', this.#killAll);
  }

  async #fetchBooks(machine: VastMachineProcess): Promise<void> {
    const books = await machine.books();
    if (books) this.#books.set(machine.instanceId, books);
  }
}
