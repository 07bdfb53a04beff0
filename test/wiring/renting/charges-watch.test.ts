import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulatedVast } from '../../../src/adapters/vast/index.ts';
import type { Vast } from '../../../src/adapters/vast/interface.ts';
import { createSqliteHistory } from '../../../src/runtime/sqlite-history.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/runtime/sqlite-store.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { Secret } from '../../../src/secret.ts';
import { gigabytes, megabytes, microUsdOfDollars, microUsdPerHour } from '../../../src/units.ts';
import { type ChargesWatch, createChargesWatch } from '../../../src/wiring/renting/charges-watch.ts';
import { VastWorld } from '../../../src/world/vast/vast-world.ts';
import { RecordingHost } from '../../world/vast/recording-host.ts';
import { silent } from '../small-town.ts';

const signal = AbortSignal.timeout(60_000);

describe('a settled lease beside what the provider charged', () => {
  let clock: VirtualClock;
  let world: VastWorld;
  let vast: Vast;
  let store: SqliteStore;
  let watch: ChargesWatch;

  beforeEach(() => {
    clock = new VirtualClock(1_800_000_000_000);
    world = new VastWorld({
      clock,
      seed: 3,
      apiKey: 'key',
      host: new RecordingHost(),
      accidents: 0,
      creditUsd: 50,
    });
    vast = createSimulatedVast({
      world,
      apiKey: new Secret('key'),
      clock,
      timers: clock,
      random: () => 0,
    });
    store = openSqliteStore(':memory:');
    watch = watchOf(vast);
  });
  afterEach(() => {
    world.close();
    store.close();
  });

  const watchOf = (of: Pick<Vast, 'charges'>): ChargesWatch =>
    createChargesWatch({ vast: of, history: createSqliteHistory(store.database), store, clock, log: silent });
  /** The adapter waits on the virtual clock between calls. */
  async function passing<Result>(work: Promise<Result>): Promise<Result> {
    work.catch(() => undefined);
    await clock.advanceBy(60_000);
    return work;
  }

  async function rentedAndReturned(): Promise<number> {
    const needs = {
      gpuRamMbMin: megabytes(20_000),
      gpuTotalRamMbMin: megabytes(20_000),
      diskGb: gigabytes(40),
      priceMax: microUsdPerHour(5_000_000),
      reliabilityMin: 0,
      inetDownMbpsMin: 0,
      durationSecondsMin: 0,
    };
    const [offer] = await passing(vast.search(needs, signal));
    const { instanceId } = await passing(
      vast.create(
        {
          offerId: offer!.offerId,
          label: `l${clock.now()}`,
          image: 'a/b:1',
          diskGb: gigabytes(40),
          onstart: 'true',
          env: {},
        },
        signal,
      ),
    );
    await clock.advanceBy(3_600_000);
    await passing(vast.destroy(instanceId, signal));
    return instanceId;
  }

  function settle(instanceId: number, settled: number): void {
    const context = { leaseId: 'A', instanceId, openedAt: clock.now() - 2 * 3_600_000 };
    const snapshot = JSON.stringify({ value: 'gone', context });
    store.database
      .prepare(
        "INSERT INTO row (id, chart, version, row_seq, status, snapshot, opened_at, updated_at) VALUES ('lease:A', 'lease', 1, 1, 'done', ?, 0, ?)",
      )
      .run(snapshot, clock.now());
    store.database
      .prepare("INSERT INTO reservation (row_id, reserved, settled, opened_at) VALUES ('lease:A', 0, ?, 0)")
      .run(settled);
  }

  it('is what its meter said, and the difference is in the journal, once', async () => {
    const instanceId = await rentedAndReturned();
    settle(instanceId, 100_000);
    const billedUsd = 50 - (await passing(vast.account(signal))).creditUsd;
    expect(billedUsd).toBeGreaterThan(0.01);
    await passing(watch.look());
    const charged = Math.round(billedUsd * 1_000) * 1_000;
    expect(watch.chargedFor('A')).toBe(charged);
    expect(watch.view()).toMatchObject({
      leases: 1,
      settledMicroUsd: 100_000,
      chargedMicroUsd: charged,
      differenceMicroUsd: charged - 100_000,
      fault: null,
    });
    await passing(watch.look());
    expect(store.journal.since(0, 100).map(({ rowId, event }) => [rowId, event])).toEqual([
      ['lease:A', { type: 'LEASE.CHARGED', settled: 100_000, charged, difference: charged - 100_000 }],
    ]);
    expect(watchOf(vast).chargedFor('A')).toBe(charged);
  });

  it('is unknown to a key that may not read charges, and to a provider that is down', async () => {
    settle(await rentedAndReturned(), 100_000);
    world.faults.set('keyRefused', 1);
    await passing(watch.look());
    expect(watch.view()).toMatchObject({ leases: 0, fault: 'VAST_KEY_REFUSED', readAt: null });
    expect(watch.chargedFor('A')).toBeNull();
  });

  it('is left alone where charges cannot be read at all, or nothing ended lately', async () => {
    await watchOf({}).look();
    await passing(watch.look());
    expect(watch.view()).toMatchObject({ leases: 0, fault: null, readAt: null });
  });

  it('reads every page, and takes amounts by instance', async () => {
    for (let count = 0; count < 3; count += 1) await rentedAndReturned();
    const all = await passing(vast.charges!({ from: clock.now() - 86_400_000, until: clock.now() }, signal));
    expect(all.size).toBe(3);
    for (const amount of all.values()) expect(amount).toBeGreaterThan(microUsdOfDollars(0.001));
  });
});
