import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import { epochId, EpochWorld } from './epoch-world.ts';
import { LeaseHand } from './lease-hand.ts';
import { ModelRig } from './rig.ts';

type Act =
  | { readonly kind: 'good' | 'bad' | 'work' | 'release' }
  | { readonly kind: 'fail'; readonly code: ErrorCode }
  | { readonly kind: 'crash' | 'wait'; readonly ms: number };

const codes = [
  'VAST_CREATE_UNKNOWN',
  'VAST_NO_CREDIT',
  'VAST_RATE_LIMITED',
  'VAST_LIST_UNKNOWN',
  'SSH_LOST',
  'WIRE_TIMEOUT',
  'MACHINE_NEVER_BOOTED',
] as const satisfies readonly ErrorCode[];
const ms = fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 4_000_000 }));
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ kind: 'good' } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: 'bad' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('fail' as const), code: fc.constantFrom(...codes) }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'work' } as const, { kind: 'release' } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('crash' as const, 'wait' as const), ms }) },
);

async function play(rig: ModelRig, lease: LeaseHand, step: Act): Promise<void> {
  const actor = rig.running(lease.rowId);
  const isWatching = actor === 'watchMachine' || actor === undefined;
  switch (step.kind) {
    case 'good':
      return isWatching ? undefined : lease.goOn();
    case 'bad':
      return actor === undefined ? undefined : lease.goWrong();
    case 'fail':
      return actor === undefined ? undefined : rig.fail(lease.rowId, actor, step.code);
    case 'crash':
      return rig.crash(step.ms);
    case 'wait':
      await rig.clock.advanceBy(step.ms);
      return;
    case 'work':
      await rig.send(lease.rowId, { type: 'LEASE.WORK_STARTED' });
      return;
    case 'release':
      await rig.send(lease.rowId, { type: 'LEASE.RELEASE_ASKED', reason: 'the operator said so' });
  }
}

test('whatever befalls a lease, its rows hold, and a release ends it', async () => {
  const walk = fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (steps) => {
    const rig = new ModelRig();
    try {
      const lease = LeaseHand.opened(rig, 'A');
      for (const step of steps) {
        await play(rig, lease, step);
        rig.check();
      }
      await rig.send(lease.rowId, { type: 'LEASE.RELEASE_ASKED', reason: 'the walk is over' });
      await lease.toGone();
      rig.check();
      expect(rig.invariants.mayExist(lease.rowId)).toBe(false);
      expect(rig.runtime.alerts()).toEqual([]);
    } finally {
      await rig.close();
    }
  });
  await fc.assert(walk, { numRuns: 150 });
});

type EpochAct = Act | { readonly kind: 'blocks'; readonly blocks: number } | { readonly kind: 'choose' };

const epochAct: fc.Arbitrary<EpochAct> = fc.oneof(
  { weight: 4, arbitrary: act },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('blocks' as const), blocks: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'choose' } as const) },
);

/** Plays a step for the epoch's machines in turn, and for the epoch itself. */
class EpochWalk {
  readonly world: EpochWorld;
  readonly leases: LeaseHand[] = [];
  #height = 890;
  #turn = 0;

  constructor(mode: 'sprint' | 'epoch') {
    this.world = new EpochWorld(mode);
  }

  async play(step: EpochAct): Promise<void> {
    const { rig } = this.world;
    if (step.kind === 'blocks') {
      this.#height += step.blocks;
      return rig.height(this.#height);
    }
    if (step.kind === 'choose') return this.choose();
    this.#turn += 1;
    const lease = this.leases[this.#turn % Math.max(1, this.leases.length)];
    if (lease !== undefined) return play(rig, lease, step);
    if (step.kind === 'crash') return rig.crash(step.ms);
    if (step.kind === 'fail' && rig.running(epochId) !== undefined) {
      return rig.fail(epochId, rig.running(epochId) ?? '', step.code);
    }
  }

  async choose(): Promise<void> {
    if (this.world.rig.running(epochId) !== 'chooseOffer') return;
    await this.world.act('offerChosen');
    if (this.world.lease !== undefined) this.leases.push(this.world.lease);
  }

  /** Everything goes well from here on. */
  async finish(): Promise<void> {
    const { rig } = this.world;
    await rig.height(2_000);
    for (let steps = 0; rig.runtime.row(epochId)?.status !== 'done'; steps++) {
      if (steps > 200) throw new Error(`the epoch stays ${this.world.state}`);
      if (rig.running(epochId) === 'countWork') await this.world.act('allTaken');
      else if (this.world.state === 'releasing.returning') await this.world.lease?.toGone();
      else await rig.clock.advanceBy(5_000);
    }
    for (const lease of this.leases) await lease.toGone();
  }

  check(): void {
    const live = this.leases.filter(({ state }) => !/^(releasing|confirmingGone|gone)/.test(state));
    if (live.length > 1) throw new Error(`${live.length} machines are rented at once`);
    this.world.rig.check();
  }
}

test('whatever befalls a PoC and its machines, one machine at most is rented and none is left', async () => {
  const walk = fc.asyncProperty(
    fc.constantFrom('sprint' as const, 'epoch' as const),
    fc.array(epochAct, { maxLength: 60 }),
    async (mode, steps) => {
      const walker = new EpochWalk(mode);
      const { rig } = walker.world;
      try {
        for (const step of steps) {
          await walker.play(step);
          walker.check();
        }
        await walker.finish();
        walker.check();
        expect(walker.leases.filter(({ rowId }) => rig.invariants.mayExist(rowId))).toEqual([]);
        expect(rig.work).toEqual([]);
      } finally {
        await rig.close();
      }
    },
  );
  await fc.assert(walk, { numRuns: 150 });
});
