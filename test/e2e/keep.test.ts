import { describe, it } from 'vitest';
import type { VastBooks } from '../../src/figures/books.ts';
import { figuresOf } from '../../src/sandbox/figures.ts';
import { readBooks } from '../../src/sandbox/run.ts';
import { found, inhabitedTown } from '../support/inhabited-town.ts';
import { inState } from '../support/journal-watch.ts';

const limitMs = 60_000;
const noClients = { requests: 0, failed: 0, streamed: 0, failures: {} };

describe('start --keep', () => {
  it.concurrent('leaves the machine at a stop; the next start takes it over and PoC completes on it', {
    timeout: 120_000,
  }, async ({ onTestFinished, expect }) => {
    const live = await inhabitedTown(onTestFinished, { speed: 60, blocksBeforePoc: 130 });
    const { town, journal, start, log } = live;
    const first = await start(['--keep']);
    const { rowId } = await journal.until(inState('lease', 'held.ready'), { limitMs });
    first.signal('SIGTERM');
    expect(await first.exited).toBe(0);
    expect((await town.vast.books<VastBooks>()).live).toBe(1);
    expect(log()).toContain('stopping; machines are kept\n');

    const second = await start();
    await journal.until(inState('epoch', 'settled'), { limitMs });
    second.signal('SIGTERM');
    expect(await second.exited).toBe(0);
    const rows = journal.entries.filter((entry) => entry.chart === 'lease').map((entry) => entry.rowId);
    expect(new Set(rows)).toEqual(new Set([rowId]));
    expect(figuresOf(await readBooks(town), 1, noClients)).toMatchObject({
      completed: 1,
      leases: 1,
      leakedInstances: 0,
      callbacksLost: 0,
    });
  });

  it.concurrent('prints the time at which the machine ends; without a daemon it destroys itself then', {
    timeout: 120_000,
  }, async ({ onTestFinished, expect }) => {
    const speed = 150;
    const live = await inhabitedTown(onTestFinished, {
      speed,
      blocksBeforePoc: 130,
      settings: { LEASE_TTL: '600' },
    });
    const { town, journal, start, log } = live;
    const daemon = await start(['--keep']);
    await journal.until(inState('lease', 'held.ready'), { limitMs });
    daemon.signal('SIGTERM');
    expect(await daemon.exited).toBe(0);
    const printed = /instance (\d+) is kept; it destroys itself at (\S+)\n/.exec(log());
    const gone = await found(async () => {
      const { instances } = await town.vast.books<VastBooks>();
      return instances.find(({ destroyedAt }) => destroyedAt !== null);
    }, limitMs);

    expect(printed?.[1]).toBe(`${gone.instanceId}`);
    // The printed time is the latest: the machine looks once a (real) second and counts whole ones, so that it ends
    // within its life. Then the provider takes up to a minute of its own.
    const lateMs = (gone.destroyedAt ?? 0) - Date.parse(printed?.[2] ?? '');
    expect(lateMs).toBeGreaterThan(-2_000 * speed);
    expect(lateMs).toBeLessThan(60_000 + 500 * speed);
  });
});
