import type { Config } from '../../src/config/config.ts';
import type { EpochContext } from '../../src/machines/epoch-context.ts';
import type { LeaseContext } from '../../src/machines/lease-context.ts';
import type { OpenAlert, RowView } from '../../src/runtime/interface.ts';
import type { Daemon } from '../../src/wiring/daemon.ts';
import { type DaemonProcess, startDaemonProcess, type StopReport } from '../../src/wiring/daemon-process.ts';
import { RecordingHost } from '../world/vast/recording-host.ts';
import { buildSmallTown, silent, type SmallTown, type SmallTownOptions } from './small-town.ts';
import { untilStep } from './until-step.ts';

/** What Vast.ai's own books say of one rental. */
interface RentalBooks {
  readonly machineId: number;
  readonly state: string;
}

export interface VastBooks {
  readonly instancesCreated: number;
  readonly live: number;
  readonly instances: readonly RentalBooks[];
}

/** One daemon process after another on the same STATE_DIR, in a small town. */
export class DaemonCase {
  readonly town: SmallTown;
  #running: DaemonProcess | undefined;

  private constructor(town: SmallTown) {
    this.town = town;
  }

  static async build(options: Partial<SmallTownOptions> = {}): Promise<DaemonCase> {
    return new DaemonCase(await buildSmallTown({ speed: 200, host: new RecordingHost(), ...options }));
  }

  /** Throws what the start throws. */
  async start(settings?: Readonly<Record<string, string>>): Promise<DaemonProcess> {
    return this.startWith(await this.town.config(settings));
  }

  async startWith(config: Config): Promise<DaemonProcess> {
    this.#running = await startDaemonProcess(config, silent);
    return this.#running;
  }

  /** As `--keep` does, or with every machine returned. */
  async stop(keep = false): Promise<StopReport> {
    const running = this.#running;
    this.#running = undefined;
    return running === undefined ? { returned: [], left: [], kept: [] } : running.stop({ keep });
  }

  async close(): Promise<void> {
    await this.stop();
    await this.town.close();
  }

  get daemon(): Daemon {
    if (this.#running === undefined) throw new Error('no daemon runs');
    return this.#running.daemon;
  }

  alerts(): readonly OpenAlert[] {
    return [...this.daemon.rows.alerts(), ...this.daemon.volatileRows.alerts()];
  }

  /** Resolves with the alert of that key, as soon as it is raised. */
  async alert(key: string): Promise<OpenAlert> {
    await untilStep(this.daemon, () => this.alerts().some((alert) => alert.key === key));
    return this.alerts().find((alert) => alert.key === key)!;
  }
  async noAlert(key: string): Promise<void> {
    await untilStep(this.daemon, () => this.alerts().every((alert) => alert.key !== key));
  }

  /** Resolves with the row of the next PoC once it is in `renting.<state>`. */
  async epochRenting(state: string): Promise<EpochContext> {
    const epoch = (): RowView | undefined =>
      this.daemon.rows
        .rows({ chart: 'epoch' })
        .find((row) => (row.value as { renting?: string }).renting === state);
    await untilStep(this.daemon, () => epoch() !== undefined);
    return epoch()?.context as EpochContext;
  }

  /** Resolves with all leases, oldest first, once `isSo` holds for them. */
  async leases(isSo: (leases: readonly RowView[]) => boolean): Promise<readonly LeaseContext[]> {
    const leases = (): readonly RowView[] =>
      this.daemon.rows.rows({ chart: 'lease', all: true }).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    await untilStep(this.daemon, () => isSo(leases()));
    return leases().map((row) => row.context as LeaseContext);
  }

  vastBooks(): Promise<VastBooks> {
    return this.town.books<VastBooks>('vast');
  }
}
