import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteCallbackSamples } from '../../../src/runtime/sqlite-callback-samples.ts';
import { createSqliteOutbox } from '../../../src/runtime/sqlite-outbox.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/runtime/sqlite-store.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { blockHeight, unixMs } from '../../../src/units.ts';
import { createCallbackTally } from '../../../src/wiring/poc/callback-tally.ts';
import { silent } from '../small-town.ts';

const windowEndHeight = blockHeight(2_089_325);
const entry = (nonceCount: number) => ({
  leaseId: 'l',
  kind: 'generated' as const,
  url: 'http://x/generated',
  body: Buffer.from('{}'),
  receivedAt: unixMs(1),
  windowEndHeight,
  nonceCount,
});

describe('the series of callbacks', () => {
  const clock = new VirtualClock(1_800_000_000_000);
  let store: SqliteStore;
  beforeEach(() => {
    store = openSqliteStore(':memory:');
  });
  afterEach(() => store.close());

  const made = () => {
    const samples = createSqliteCallbackSamples(store.database);
    const outbox = createSqliteOutbox(store.database);
    const tally = createCallbackTally({ outbox, samples, clock, timeScale: 1, log: silent });
    return { tally, samples, outbox: tally.outbox };
  };
  const figures = ({ samples }: ReturnType<typeof made>) =>
    samples
      .ofWindow(windowEndHeight)
      .map((one) => [one.queuedNonces, one.deliveredNonces, one.undeliverableNonces]);

  it('follows what waits, what was taken and what was lost', async () => {
    const all = made();
    const [first, second, third] = [20, 30, 5].map((count) => all.outbox.put(entry(count)));
    await clock.advanceBy(6_000);
    all.outbox.finish(first?.id ?? 0, 'delivered');
    await clock.advanceBy(6_000);
    all.outbox.finish(second?.id ?? 0, 'delivered');
    all.outbox.finish(third?.id ?? 0, 'refused');
    all.tally.stop();
    expect(figures(all)).toEqual([
      [55, 0, 0],
      [35, 20, 0],
      [0, 50, 5],
    ]);
  });

  it('writes nothing while nothing changes', async () => {
    const all = made();
    all.outbox.put(entry(20));
    await clock.advanceBy(600_000);
    expect(figures(all)).toEqual([[20, 0, 0]]);
  });

  it('goes on after a restart with what still waits', async () => {
    const before = made();
    before.outbox.put(entry(20));
    before.tally.stop();
    const after = made();
    await clock.advanceBy(1);
    const [pending] = after.outbox.pending(10);
    after.outbox.finish(pending?.id ?? 0, 'delivered');
    after.tally.stop();
    expect(figures(after).at(-1)).toEqual([0, 20, 0]);
  });
});
