import type {
  MachineBooks,
  MachineEndpoints,
  MachineHost,
  MachineSpec,
} from '../../../src/world/vast/machine-host.ts';

/** Containers that do nothing but remember what was asked of them. */
export class RecordingHost implements MachineHost {
  readonly started: MachineSpec[] = [];
  readonly stopped: number[] = [];
  readonly attached: string[] = [];
  /** Ids whose start fails, as on a broken host. */
  readonly broken = new Set<number>();
  #nextPort = 30_000;

  get running(): number[] {
    return this.started.map(({ instanceId }) => instanceId).filter((id) => !this.stopped.includes(id));
  }
  async start(spec: MachineSpec): Promise<MachineEndpoints> {
    if (this.broken.has(spec.instanceId)) throw new Error('no such container');
    this.started.push(spec);
    return { sshPort: this.#nextPort++, directPort: this.#nextPort++ };
  }
  async attachKey(instanceId: number, key: string): Promise<void> {
    this.attached.push(`${instanceId} ${key}`);
  }
  async stop(instanceId: number): Promise<MachineBooks | undefined> {
    if (!this.running.includes(instanceId)) return undefined;
    this.stopped.push(instanceId);
    return { instanceId, downloadedGb: 10, uploadedGb: 1 };
  }
  async books(): Promise<readonly MachineBooks[]> {
    return this.started.map(({ instanceId }) => ({ instanceId }));
  }
}
