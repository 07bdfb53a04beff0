import { expect } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import type { EpochContext } from '../../src/machines/epoch-context.ts';
import type { EpochPlan } from '../../src/policy/epoch-plan.ts';
import { blockHeight } from '../../src/units.ts';
import { LeaseHand } from './lease-hand.ts';
import { ModelRig } from './rig.ts';
import { leaseInput, samplePlan } from './sample-rows.ts';

export const epochId = 'epoch:7';

const realState: Readonly<Record<string, string>> = {
  choosing: 'renting.choosing',
  pausing: 'renting.pausing',
  waitingForPerson: 'renting.waitingForPerson',
  choosingAgain: 'replacing.choosing',
  pausingAgain: 'replacing.pausing',
  waitingAgain: 'replacing.waitingForPerson',
  bootingAgain: 'replacing.awaiting',
  returning: 'releasing.returning',
  counting: 'releasing.counting',
  recounting: 'releasing.recounting',
  settledInVain: 'settled',
};
const pausesMs: Readonly<Record<string, number>> = {
  'renting.pausing': 20_000,
  'renting.waitingForPerson': 120_000,
  'replacing.pausing': 20_000,
  'replacing.waitingForPerson': 120_000,
  'releasing.recounting': 5_000,
};
/** Heights of the plan by the events of the model. */
const heights = {
  approachReached: 'approachHeight',
  rentReached: 'rentHeight',
  pocStarts: 'pocStartHeight',
  tooLate: 'tooLateHeight',
  generationEnds: 'generationEndHeight',
  validationEnds: 'validationEndHeight',
  holdEnds: 'holdUntilHeight',
} as const satisfies Record<string, keyof EpochPlan>;
/** States in which the PoC counts on a machine; in the first it may still be on its way. */
const counting = ['booting', 'bootingAgain', 'ready', 'generating', 'validating', 'holding'];
const over = ['counting', 'recounting', 'settled', 'settledInVain'];
const ending = /^(releasing|confirmingGone|gone)/;

/** A real epoch row with real lease rows; the test is provider, chain and Network Node. */
export class EpochWorld {
  readonly rig = new ModelRig();
  readonly #mode: EpochPlan['mode'];
  plan: EpochPlan;
  /** The machine that the epoch counts on, and the one before it that is not proven gone. */
  lease: LeaseHand | undefined;
  old: LeaseHand | undefined;
  #leases = 0;

  constructor(mode: EpochPlan['mode']) {
    this.#mode = mode;
    this.plan = samplePlan(mode);
    this.rig.runtime.open('epoch', epochId, { plan: this.plan });
  }

  get state(): string {
    const value = this.rig.value(epochId);
    return typeof value === 'string'
      ? value
      : Object.entries(value as object)
          .flat()
          .join('.');
  }

  async act(event: string): Promise<void> {
    if (event in heights) {
      await this.rig.height(this.plan[heights[event as keyof typeof heights]]);
      return this.keepNothing();
    }
    const acts = { ...this.#plans, ...this.#machines, ...this.#work } as Record<
      string,
      () => Promise<unknown>
    >;
    const act = acts[event];
    if (act === undefined) throw new Error(`nobody plays "${event}"`);
    await act();
    await this.keepNothing();
  }

  /** The row before holds nothing. */
  async keepNothing(): Promise<void> {
    if (this.rig.running(epochId) === 'findKeptCrew')
      await this.rig.settle(epochId, 'findKeptCrew', { from: null, leases: [] });
  }

  readonly #plans = {
    planMoved: async () => {
      const isOpen = this.state === 'idle' || this.state === 'approaching';
      const moved = samplePlan(this.#mode, isOpen ? 10 : 40);
      if (isOpen) this.plan = moved;
      await this.#change(moved);
    },
    /** The measured block time drifted by a percent: nothing to re-arm. */
    planJitters: () => this.#change({ ...this.plan, rentHeight: blockHeight(this.plan.rentHeight + 1) }),
    planOff: async () => {
      this.plan = { ...this.plan, mode: 'off' };
      await this.#change(this.plan);
    },
    chainLeaps: () => this.rig.height(this.plan.validationEndHeight + 20),
    crash: () => this.rig.crash(),
    pauseOver: () => this.rig.clock.advanceBy(pausesMs[this.state] ?? 0),
    tenMinutesPass: () => this.rig.clock.advanceBy(600_000),
  };

  readonly #machines = {
    offerChosen: async () => {
      this.#leases += 1;
      const leaseId = `L${this.#leases}`;
      this.lease = new LeaseHand(this.rig, leaseId, 4_000 + this.#leases);
      const input = leaseInput(leaseId, epochId, this.rig.clock.now());
      const opening = { chart: 'lease', id: this.lease.rowId, input };
      await this.rig.settle(epochId, 'chooseOffer', { leaseId, machineId: 70 + this.#leases, opening });
    },
    noOffer: () => this.rig.fail(epochId, 'chooseOffer', 'VAST_NO_OFFER'),
    keyRefused: () => this.rig.fail(epochId, 'chooseOffer', 'VAST_KEY_REFUSED'),
    machineReady: () => this.#mine().toHeld(),
    bootFailed: () => this.#lose((lease) => lease.failBoot('VAST_INSTANCE_FAILED')),
    imageMissing: () => this.#lose((lease) => lease.failBoot('VAST_IMAGE_MISSING')),
    machineLost: () =>
      this.#lose((lease) => this.rig.fail(lease.rowId, 'watchMachine', 'SSH_LOST', 'terminal')),
    createRefused: async () => {
      const { rowId, state } = this.#mine();
      this.lease = undefined;
      // After a crash the create is not known to have been refused, but no instance bears its label.
      if (state === 'creating') await this.rig.fail(rowId, 'createInstance', 'VAST_OFFER_GONE');
      else await this.rig.settle(rowId, 'lookUpLabel', { instanceId: null });
    },
    machineGone: async () => {
      const mine = this.#mine();
      this.lease = undefined;
      await mine.toGone();
    },
    machineStillListed: () => this.#mine().stillListed(),
    oldStillListed: () => this.old?.stillListed() ?? Promise.reject(new Error('no old machine')),
    oldGone: async () => {
      await this.old?.toGone();
      this.old = undefined;
    },
  };

  readonly #work = {
    allTaken: () => this.#count(1_000, 3),
    nothingTaken: () => this.#count(0, 0),
    stillQueued: () => this.rig.fail(epochId, 'countWork', 'CALLBACK_NOT_TAKEN'),
  };

  compare(model: AnyMachineSnapshot): void {
    const { rig } = this;
    const expected = String(model.value);
    const told = model.context as { poc: boolean; late: boolean; alarmed: boolean; outcome: string | null };
    expect(this.state).toBe(realState[expected] ?? expected);
    expect(rig.tags(epochId).includes('following'), 'following').toBe(model.hasTag('following'));
    const context = rig.context(epochId) as EpochContext;
    expect(context.plan).toEqual(this.plan);
    expect(context.outcome).toBe(outcomeOf(expected, told.outcome));
    // From counting on the last machine is only remembered.
    if (!over.includes(expected)) expect(context.crew[0]?.leaseId ?? null).toBe(this.#leaseIdOf(expected));
    expect(context.crew.length).toBeLessThanOrEqual(context.plan.crewMax);
    if (counting.includes(expected)) expect(context.hasPocStarted).toBe(told.poc);
    if (expected === 'generating') expect(context.isTooLate).toBe(told.late);
    expect(rig.runtime.alerts().some(({ key }) => key.startsWith('return:'))).toBe(told.alarmed);
    this.#compareMachines(expected);
    rig.check();
  }

  /** Invariants I4 and I6: one machine at most, and one that a PoC counts on is there until its hold height. */
  #compareMachines(expected: string): void {
    const live = this.rig.runtime
      .rows({ chart: 'lease' })
      .map(({ id }) => new LeaseHand(this.rig, id.slice('lease:'.length)).state)
      .filter((state) => !ending.test(state));
    if (counting.includes(expected)) {
      expect(live).toHaveLength(1);
      if (expected === 'ready') expect(live).toEqual(['held.ready']);
      else if (!expected.startsWith('booting')) expect(live).toEqual(['held.working']);
    } else if (expected === 'returning') {
      // Released, or noted on a create that is still out.
      for (const state of live) expect(state).toMatch(/^(creating|lookingUp)/);
    } else expect(live).toEqual([]);
  }

  #leaseIdOf(expected: string): string | null {
    const isHeld = counting.includes(expected) || expected === 'returning';
    return isHeld ? (this.lease?.rowId.slice('lease:'.length) ?? null) : null;
  }

  async #change(plan: EpochPlan): Promise<void> {
    await this.rig.send(epochId, { type: 'PLAN.CHANGED', plan });
  }

  async #lose(end: (lease: LeaseHand) => Promise<void>): Promise<void> {
    const lost = this.#mine();
    this.old = lost;
    this.lease = undefined;
    await end(lost);
  }

  #count(noncesDelivered: number, validationsDelivered: number): Promise<void> {
    const work = { noncesDelivered, validationsDelivered, callbacksUndeliverable: 0 };
    return this.rig.settle(epochId, 'countWork', work);
  }

  #mine(): LeaseHand {
    if (this.lease === undefined) throw new Error(`${epochId} (${this.state}) has no machine`);
    return this.lease;
  }
}

/** What was lost before stays lost; otherwise what the Network Node took decides. */
function outcomeOf(state: string, before: string | null): string | null {
  if (state === 'settled') return before ?? 'completed';
  return state === 'settledInVain' ? (before ?? 'missed') : before;
}
