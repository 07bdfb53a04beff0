import type { ErrorCode } from '../../src/errors.ts';
import type { MachineEndpoint } from '../../src/machines/lease-context.ts';
import type { ModelRig } from './rig.ts';
import { bootLimits, leaseInput } from './sample-rows.ts';

const endpoints: readonly MachineEndpoint[] = [{ via: 'direct', host: '203.0.113.9', port: 40_022 }];
/** What each actor of the lease chart returns when all goes well. */
const goodEnds: Readonly<Record<string, (instanceId: number) => unknown>> = {
  createInstance: (instanceId) => ({ instanceId }),
  lookUpLabel: (instanceId) => ({ instanceId }),
  awaitRunning: () => ({ endpoints, price: 1_000_000 }),
  openTunnel: () => ({ hostKey: 'ssh-ed25519 AAAA' }),
  awaitMlnode: () => null,
  loadModel: () => null,
  qualifyMachine: () => ({ gpus: ['H100, 81559', 'H100, 81559'] }),
  destroyInstance: () => 'accepted',
  confirmAbsence: () => ({ isGone: true }),
};

/** How the work of a lease may end badly; what looks around answers instead that there is nothing. */
const badEnds: Readonly<Record<string, { readonly fault: ErrorCode } | { readonly answer: unknown }>> = {
  createInstance: { fault: 'VAST_OFFER_GONE' },
  lookUpLabel: { answer: { instanceId: null } },
  awaitRunning: { fault: 'VAST_INSTANCE_FAILED' },
  openTunnel: { fault: 'SSH_UNREACHABLE' },
  awaitMlnode: { fault: 'MLNODE_BAD_ANSWER' },
  loadModel: { fault: 'MODEL_START_FAILED' },
  qualifyMachine: { fault: 'MACHINE_NO_GPU' },
  watchMachine: { fault: 'VAST_INSTANCE_FAILED' },
  destroyInstance: { fault: 'VAST_RATE_LIMITED' },
  confirmAbsence: { answer: { isGone: false } },
};

/** Limits of the boot phases, by state. */
export const limitsMs: Readonly<Record<string, number>> = {
  loading: bootLimits.loadMs,
  connecting: bootLimits.connectMs,
  starting: bootLimits.startMs,
  loadingModel: 2_700_000,
  qualifying: 300_000,
};

/** One lease and the provider's hand in it. */
export class LeaseHand {
  readonly rowId: string;
  readonly #rig: ModelRig;
  readonly #instanceId: number;

  constructor(rig: ModelRig, leaseId: string, instanceId = 4_711) {
    this.rowId = `lease:${leaseId}`;
    this.#rig = rig;
    this.#instanceId = instanceId;
  }

  /** Opens a lease row of its own, as if some epoch had chosen its offer. */
  static opened(rig: ModelRig, leaseId: string): LeaseHand {
    rig.runtime.open('lease', `lease:${leaseId}`, leaseInput(leaseId, 'epoch:7', rig.clock.now()));
    return new LeaseHand(rig, leaseId);
  }

  get state(): string {
    const value = this.#rig.value(this.rowId);
    return typeof value === 'string'
      ? value
      : Object.entries(value as object)
          .flat()
          .join('.');
  }

  /** The running actor ends well. */
  async goOn(): Promise<void> {
    const actor = this.#rig.running(this.rowId);
    const end = actor === undefined ? undefined : goodEnds[actor];
    if (actor === undefined || end === undefined)
      throw new Error(`${this.rowId} (${this.state}) runs ${actor}`);
    await this.#rig.settle(this.rowId, actor, end(this.#instanceId));
  }

  /** Everything ends well until the machine is usable. */
  async toHeld(): Promise<void> {
    await this.#until((state) => state.startsWith('held'));
  }

  /** Everything ends well until the machine is proven gone; pauses are waited out. */
  async toGone(): Promise<void> {
    await this.#until((state) => state === 'gone');
  }

  /** The running actor ends badly, in its own way. */
  async goWrong(): Promise<void> {
    const actor = this.#rig.running(this.rowId) ?? '';
    const end = badEnds[actor];
    if (end === undefined) throw new Error(`${this.rowId} (${this.state}) runs ${actor}`);
    if ('fault' in end) await this.#rig.fail(this.rowId, actor, end.fault);
    else await this.#rig.settle(this.rowId, actor, end.answer);
  }

  /** Boots up to the first state in which the machine runs and fails there. */
  async failBoot(code: 'VAST_INSTANCE_FAILED' | 'VAST_IMAGE_MISSING'): Promise<void> {
    await this.#until((state) => state === 'loading');
    await this.#rig.fail(this.rowId, 'awaitRunning', code);
  }

  /** The last list still shows the machine that was destroyed. */
  async stillListed(): Promise<void> {
    await this.#until((state) => state.startsWith('confirmingGone'));
    await this.#rig.settle(this.rowId, 'confirmAbsence', { isGone: false });
  }

  async #until(reached: (state: string) => boolean): Promise<void> {
    for (let steps = 0; !reached(this.state); steps++) {
      if (steps > 100) throw new Error(`${this.rowId} stays ${this.state}`);
      if (this.#rig.running(this.rowId) === undefined) await this.#rig.clock.advanceBy(3_000);
      else await this.goOn();
    }
  }
}
