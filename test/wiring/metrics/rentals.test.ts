import { describe, expect, it } from 'vitest';
import type { JournalEntry, RowView } from '../../../src/runtime/interface.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { RentalMeter } from '../../../src/wiring/metrics/rentals.ts';

const start = 1_760_000_000_000;

function meterCase(loaded: Partial<RowView>[] = []) {
  const clock = new VirtualClock(start);
  const open = new Map(loaded.map((row) => [row.id ?? '', row]));
  const done = new Map<string, Partial<RowView>>();
  let tell: (entry: JournalEntry) => void = () => undefined;
  const meter = new RentalMeter(
    {
      rows: ({ chart } = {}) => [...open.values()].filter((row) => row.chart === chart) as RowView[],
      row: (id) => (open.get(id) ?? done.get(id)) as RowView | undefined,
      onStep: (listener) => {
        tell = listener;
        return () => undefined;
      },
    },
    clock,
  );
  meter.start();
  return {
    meter,
    clock,
    step: (row: { id: string; chart: string; value: unknown; context: object }, type: string) => {
      const isOver = row.value === 'gone' || row.value === 'settled' || row.value === 'skipped';
      if (isOver) open.delete(row.id);
      (isOver ? done : open).set(row.id, row);
      tell({ rowId: row.id, chart: row.chart, value: row.value, event: { type } } as JournalEntry);
    },
  };
}

const lease = (value: unknown, context: object = {}) => ({
  id: 'lease:L',
  chart: 'lease',
  value,
  context: { openedAt: start, runningAt: null, readyAt: null, fault: null, ...context },
});
const qualified = 'xstate.done.actor.qualifyMachine';

describe('the meter of rentals', () => {
  it('counts what is paid from running to gone, what is useful while it works, and the boot', async () => {
    const { meter, clock, step } = meterCase();
    step(lease('creating'), 'xstate.init');
    await clock.advanceBy(60_000);
    const runningAt = start + 60_000;
    step(lease('connecting', { runningAt }), 'xstate.done.actor.awaitRunning');
    await clock.advanceBy(120_000);
    const readyAt = start + 180_000;
    step(lease({ held: 'ready' }, { runningAt, readyAt }), qualified);
    await clock.advanceBy(300_000);
    step(lease({ held: 'working' }, { runningAt, readyAt }), 'LEASE.WORK_STARTED');
    await clock.advanceBy(600_000);
    step(lease('releasing', { runningAt, readyAt }), 'LEASE.RELEASE_ASKED');
    await clock.advanceBy(30_000);
    step(lease('gone', { runningAt, readyAt }), 'xstate.done.actor.confirmAbsence');
    await clock.advanceBy(1_000_000);
    const { paidSeconds, usefulSeconds, boots, bootFailures, opened } = meter.figures();
    expect({ paidSeconds, usefulSeconds, opened, bootFailures }).toEqual({
      paidSeconds: 1_050,
      usefulSeconds: 600,
      opened: 1,
      bootFailures: 0,
    });
    expect([boots.count, boots.sum]).toEqual([1, 180]);
  });

  it('counts a boot that came to nothing, and not a release that was asked for', () => {
    const { meter, step } = meterCase();
    step(lease('gone', { fault: { code: 'MACHINE_NEVER_BOOTED' } }), 'xstate.done.actor.confirmAbsence');
    step({ ...lease('gone'), id: 'lease:M' }, 'xstate.done.actor.confirmAbsence');
    expect(meter.figures().bootFailures).toBe(1);
  });

  it('counts a machine that an earlier process rented from now on, so that nothing is counted twice', async () => {
    const { meter, clock } = meterCase([lease({ held: 'ready' }, { runningAt: start - 3_600_000 })]);
    await clock.advanceBy(10_000);
    expect(meter.figures().paidSeconds).toBe(10);
    await clock.advanceBy(10_000);
    expect(meter.figures().paidSeconds).toBe(20);
  });

  it('counts how long machines are listed that no lease knows', async () => {
    const { meter, clock, step } = meterCase();
    const look = (orphans: number) => ({
      id: 'reconciler',
      chart: 'reconciler',
      value: 'destroying',
      context: { orphans: Array.from({ length: orphans }, () => ({})) },
    });
    step(look(2), 'xstate.done.actor.findOrphans');
    await clock.advanceBy(30_000);
    step(look(1), 'xstate.done.actor.findOrphans');
    await clock.advanceBy(10_000);
    step(look(0), 'xstate.done.actor.findOrphans');
    await clock.advanceBy(10_000);
    expect(meter.figures()).toMatchObject({ orphanSeconds: 70, orphans: 0 });
  });

  it('counts PoCs by what became of them', () => {
    const { meter, step } = meterCase();
    for (const [index, outcome] of ['completed', 'missed', 'completed', 'skipped'].entries())
      step(
        {
          id: `epoch:${index}`,
          chart: 'epoch',
          value: outcome === 'skipped' ? 'skipped' : 'settled',
          context: { outcome },
        },
        'x',
      );
    expect(meter.figures().outcomes).toEqual({ completed: 2, missed: 1, failed: 0, skipped: 1 });
  });
});
