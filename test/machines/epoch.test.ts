import { describe, expect, test } from 'vitest';
import type { EpochPlan } from '../../src/policy/epoch-plan.ts';
import type { EpochContext } from '../../src/machines/epoch-context.ts';
import { blockHeight } from '../../src/units.ts';
import { charts } from '../../src/wiring/charts.ts';
import { leaseInput, samplePlan } from '../model/sample-rows.ts';
import { EpochWorld } from '../model/epoch-world.ts';
import { news, opening, terminal } from './epoch-alone.ts';
import { OneRow } from './one-row.ts';

const minuteMs = 60_000;

async function worldAfter(...events: readonly string[]): Promise<EpochWorld> {
  const world = new EpochWorld('sprint');
  for (const event of events) await world.act(event);
  return world;
}

/** An epoch alone; what it opens and tells is read from its rows. */
const epoch = (plan: EpochPlan) =>
  new OneRow<EpochContext>(charts.epoch, ['findKeptCrew', 'chooseOffer', 'countWork'], { plan }, 'epoch:7');
const hedged = (plan: EpochPlan): EpochPlan => ({
  ...plan,
  crewMax: 3,
  launchHeights: [950, 970, 990].map(blockHeight),
});
async function renting(plan = samplePlan('sprint')): Promise<OneRow<EpochContext>> {
  const row = epoch(plan);
  row.rig.runtime.heightReached(blockHeight(950));
  await row.started();
  await row.done({ from: null, leases: [] });
  return row;
}
const operator = { code: 'VAST_IMAGE_MISSING', class: 'operator', message: 'no such image' };

describe('an epoch', () => {
  test('asks for an offer with its plan, and opens the lease that was chosen in the same step', async () => {
    const row = await renting();
    expect(row.running).toEqual({
      actor: 'chooseOffer',
      input: {
        plan: samplePlan('sprint'),
        owner: 'epoch:7',
        crewMachineIds: [],
        failedMachineIds: [],
        failures: 0,
        crewSize: 0,
        stage: 1,
        isReplacement: false,
      },
    });
    await row.done(opening('A'));
    expect(row.state).toBe('booting');
    expect(row.rig.runtime.row('played:A')).toBeDefined();
    expect(row.context).toMatchObject({
      crew: [{ leaseId: 'A', machineId: 70, isReady: false }],
      rentals: 1,
    });
  });

  test('names the machines that failed for this PoC, and counts the failures', async () => {
    const row = await renting();
    await row.done(opening('A'));
    await row.send(news('LEASE.ENDED', 'A', { fault: terminal }));
    expect(row.state).toBe('renting.choosing');
    expect(row.running?.input).toMatchObject({ failedMachineIds: [70], crewMachineIds: [], failures: 1 });
  });

  test.each([
    ['VAST_OFFER_GONE', 'terminal', 0],
    ['VAST_CREATE_REFUSED', 'terminal', 1],
  ])('%s counts as %s failure number %i', async (code, retryClass, failures) => {
    const row = await renting();
    await row.done(opening('A'));
    await row.send(news('LEASE.ENDED', 'A', { fault: { code, class: retryClass, message: '' } }));
    expect(row.running?.input).toMatchObject({ failures });
  });

  test('waits for a person when no machine can do better, blames no machine, and says so', async () => {
    const row = await renting();
    await row.done(opening('A'));
    await row.send(news('LEASE.ENDED', 'A', { fault: operator }));
    expect(row.state).toBe('renting.waitingForPerson');
    expect(row.alerts).toEqual(['VAST_IMAGE_MISSING']);
    expect(await row.lasts(2 * minuteMs)).toBe(true);
    expect(row.running?.input).toMatchObject({ failedMachineIds: [] });
    await row.done(opening('B'));
    expect(row.alerts).toEqual([]);
  });

  test.each(['LEASE.READY', 'LEASE.ENDED', 'LEASE.GONE'])('%s of another lease is no news', async (type) => {
    const row = await renting();
    await row.done(opening('A'));
    await row.send(news(type, 'B', { fault: terminal }));
    expect(row.state).toBe('booting');
    await row.send(news('LEASE.READY', 'A'));
    for (const [height, state] of [
      [999, 'ready'],
      [1_000, 'generating'],
      [1_060, 'validating'],
      [1_185, 'releasing.returning'],
    ] as const) {
      row.rig.runtime.heightReached(blockHeight(height));
      await row.send(news(type, 'B', { fault: terminal }));
      expect(row.state).toBe(state);
    }
    await row.send(news('LEASE.GONE', 'A'));
    expect(row.state).toBe('releasing.counting');
  });

  test.each([
    ['sprint', 3],
    ['epoch', 1],
  ] as const)(
    'a machine that is lost while it generates is made good in %s by %i at once',
    async (mode, places) => {
      const row = await renting(hedged(samplePlan(mode)));
      await row.done(opening('A'));
      await row.send(news('LEASE.READY', 'A'));
      row.rig.runtime.heightReached(blockHeight(1_000));
      await row.send(news('LEASE.ENDED', 'A', { fault: terminal }));
      for (let place = 0; place < places; place += 1) {
        expect(row.state).toBe('replacing.choosing');
        expect(row.running?.input).toMatchObject({ crewSize: place, isReplacement: true });
        await row.done(opening(`B${place}`));
      }
      expect(row.state).toBe('replacing.awaiting');
      await row.send(news('LEASE.READY', 'B0'));
      expect(row.state).toBe('generating');
      expect(row.context.crew.filter(({ isReady }) => isReady)).toMatchObject([{ leaseId: 'B0' }]);
    },
  );

  test('a PoC of which the Network Node took only one half is missed', async () => {
    const row = await renting();
    row.rig.runtime.heightReached(blockHeight(950));
    await row.done(opening('A'));
    await row.send(news('LEASE.READY', 'A'));
    row.rig.runtime.heightReached(blockHeight(1_200));
    await row.send(news('LEASE.GONE', 'A'));
    await row.done({ noncesDelivered: 10, validationsDelivered: 0, callbacksUndeliverable: 2 });
    expect(row.state).toBe('settled');
    expect(row.context).toMatchObject({ outcome: 'missed', work: { callbacksUndeliverable: 2 } });
  });

  test('the pauses before another search and another count are kept', async () => {
    const row = await renting();
    await row.fail('VAST_NO_OFFER');
    expect(row.state).toBe('renting.pausing');
    expect(await row.lasts(20_000)).toBe(true);
    row.rig.runtime.heightReached(blockHeight(1_060));
    await row.fail('CALLBACK_NOT_TAKEN');
    expect(row.state).toBe('releasing.recounting');
    expect(await row.lasts(5_000)).toBe(true);
    expect(row.state).toBe('releasing.counting');
  });

  test.each([
    ['ready', []],
    ['generating', ['pocStarts']],
    ['validating', ['pocStarts', 'tooLate', 'generationEnds']],
  ])(
    'a chain that halts while the PoC is %s does not keep the machine beyond the limit',
    async (state, further) => {
      const world = await worldAfter(
        'approachReached',
        'rentReached',
        'offerChosen',
        'machineReady',
        ...further,
      );
      try {
        expect(world.state).toBe(state);
        const began = world.rig.clock.now();
        while (world.state === state) await world.rig.clock.advanceBy(minuteMs);
        // At most 125 blocks of 5 s lie ahead; a quarter more, and CHAIN_HALT_LIMIT of half an hour.
        expect(world.rig.clock.now() - began).toBeLessThan(45 * minuteMs);
        expect(world.state).toBe('releasing.returning');
        await world.act('machineGone');
        await world.act('nothingTaken');
        expect((world.rig.context('epoch:7') as EpochContext).outcome).toBe('failed');
        world.rig.check();
      } finally {
        await world.rig.close();
      }
    },
  );

  test('a chain that halts while a machine boots takes it back: nobody would wake the row when it is ready', async () => {
    const world = await worldAfter('approachReached', 'rentReached', 'offerChosen');
    try {
      // The create is out all the while.
      for (let minutes = 0; world.state === 'booting' && minutes < 45; minutes += 1)
        await world.rig.clock.advanceBy(minuteMs);
      expect(world.state).toBe('releasing.returning');
      expect((world.rig.context('epoch:7') as EpochContext).outcome).toBe('failed');
      world.rig.check();
    } finally {
      await world.rig.close();
    }
  });

  test.each([
    ['idle', []],
    ['approaching', ['approachReached']],
  ])('a chain that halts while the PoC is %s rents nothing, however long it lasts', async (state, events) => {
    const world = await worldAfter(...events);
    try {
      for (let days = 0; days < 40; days++) await world.rig.clock.advanceBy(24 * 60 * minuteMs);
      expect(world.state).toBe(state);
      expect((world.rig.context('epoch:7') as EpochContext).rentals).toBe(0);
    } finally {
      await world.rig.close();
    }
  });

  test('heights that passed while the daemon was down are taken in their order at the first head', async () => {
    const world = await worldAfter('approachReached', 'rentReached', 'offerChosen', 'machineReady', 'crash');
    try {
      await world.rig.height(1_058);
      expect(world.state).toBe('generating');
      expect((world.rig.context('epoch:7') as EpochContext).isTooLate).toBe(true);
      expect(world.rig.value('lease:L1')).toEqual({ held: 'working' });
      world.rig.check();
    } finally {
      await world.rig.close();
    }
  });

  test('a lease that its owner asks to end while its create is out is destroyed as soon as it exists', async () => {
    const world = await worldAfter('approachReached', 'rentReached', 'offerChosen', 'pocStarts', 'tooLate');
    try {
      expect(world.rig.value('lease:L1')).toBe('creating');
      await world.rig.settle('lease:L1', 'createInstance', { instanceId: 4_711 });
      expect(world.rig.value('lease:L1')).toEqual({ releasing: 'destroying' });
      world.rig.check();
    } finally {
      await world.rig.close();
    }
  });

  test('opening the same lease again, as a replay would, changes nothing', async () => {
    const world = await worldAfter('approachReached', 'rentReached', 'offerChosen');
    try {
      const before = world.rig.runtime.row('lease:L1');
      world.rig.runtime.open('lease', 'lease:L1', leaseInput('L1', 'epoch:8', 0));
      expect(world.rig.runtime.row('lease:L1')).toEqual(before);
    } finally {
      await world.rig.close();
    }
  });
});
