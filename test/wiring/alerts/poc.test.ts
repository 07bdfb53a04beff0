import { describe, expect, it } from 'vitest';
import type { ChainHead } from '../../../src/adapters/chain/interface.ts';
import type { JournalEntry, RowView } from '../../../src/runtime/interface.ts';
import { blockCount, milliseconds, unixMs } from '../../../src/units.ts';
import { createPocWatch } from '../../../src/wiring/alerts/poc.ts';

const start = unixMs(1_760_000_000_000);
const plan = {
  epochIndex: 7,
  mode: 'epoch',
  width: 1,
  rentHeight: 800,
  pocStartHeight: 1_000,
  tooLateHeight: 1_060,
};

/** The watch over rows that a test writes. */
function watchCase() {
  let open: Partial<RowView>[] = [];
  let done: Partial<RowView>[] = [];
  let head: Partial<ChainHead> | undefined;
  const meta = new Map<string, string>();
  const renewed = new Map<string, number>();
  const listeners: ((entry: JournalEntry) => void)[] = [];
  const build = () =>
    createPocWatch({
      rows: {
        rows: ({ chart, all } = {}) =>
          [...open, ...(all === true ? done : [])].filter((row) => row.chart === chart) as RowView[],
        onStep: (listener) => {
          listeners.push(listener);
          return () => undefined;
        },
      },
      follower: { head: () => head as ChainHead | undefined },
      lifeLine: { renewedAt: (leaseId) => renewed.get(leaseId) as never },
      meta: { get: (key) => meta.get(key), set: (key, value) => void meta.set(key, value) },
      pocBlocks: blockCount(100),
      leaseTtlMs: milliseconds(900_000),
      startedAt: start,
    });
  let watch = build();
  return {
    renewed,
    restart: () => {
      watch = build();
    },
    keys: (afterMs = 0) => watch(unixMs(start + afterMs)).map(({ key }) => key),
    at: (height: number, isConfirmationPocActive = false) => {
      head = { height, isConfirmationPocActive } as unknown as ChainHead;
    },
    rows: (rows: Partial<RowView>[]) => {
      open = rows;
    },
    settled: (rows: Partial<RowView>[]) => {
      done = rows;
      for (const listener of listeners) listener({ chart: 'epoch' } as JournalEntry);
    },
  };
}

const epoch = (value: unknown, context: object = {}, status: RowView['status'] = 'active') => ({
  id: 'epoch:7',
  chart: 'epoch',
  value,
  status,
  context: { plan, crew: [], outcome: null, fault: null, ...context },
});
const over = (epochIndex: number, outcome: string) =>
  epoch('settled', { plan: { ...plan, epochIndex }, outcome }, 'done');

describe('PoC is endangered', () => {
  it('once no machine is ready within the blocks that were asked for, until it is too late', () => {
    const watch = watchCase();
    watch.rows([epoch('booting')]);
    const found = [880, 899, 900, 1_000, 1_060, 1_061].map((height) => {
      watch.at(height);
      return watch.keys();
    });
    const endangered = ['poc-endangered:7'];
    expect(found).toEqual([[], [], endangered, endangered, endangered, []]);
  });

  it('at half of a short lead, not at its begin', () => {
    const watch = watchCase();
    watch.rows([epoch({ renting: 'choosing' }, { plan: { ...plan, rentHeight: 960 } })]);
    watch.at(979);
    expect(watch.keys()).toEqual([]);
    watch.at(980);
    expect(watch.keys()).toEqual(['poc-endangered:7']);
  });

  it('while fewer machines are ready than wanted, and by nothing that is ready or not wanted', () => {
    const watch = watchCase();
    watch.at(950);
    const wide = { ...plan, width: 2 };
    const member = (isReady: boolean) => ({ leaseId: 'L', machineId: 1, isReady });
    watch.rows([epoch('booting', { plan: wide, crew: [member(true), member(false)] })]);
    expect(watch.keys()).toEqual(['poc-endangered:7']);
    watch.rows([epoch('booting', { plan: wide, crew: [member(true), member(true)] })]);
    expect(watch.keys()).toEqual([]);
    for (const state of ['idle', 'ready', 'generating', 'holding']) {
      watch.rows([epoch(state)]);
      expect(watch.keys()).toEqual([]);
    }
  });
});

describe('a missed PoC', () => {
  it('is the newest that was due; a completed one after it is the end', () => {
    const watch = watchCase();
    watch.settled([over(5, 'completed'), over(6, 'missed')]);
    expect(watch.keys()).toEqual(['poc-missed:6']);
    watch.settled([over(5, 'completed'), over(6, 'missed'), over(7, 'failed')]);
    expect(watch.keys()).toEqual(['poc-missed:7']);
    watch.settled([over(7, 'failed'), over(8, 'skipped')]);
    expect(watch.keys()).toEqual(['poc-missed:7']);
    watch.settled([over(7, 'failed'), over(9, 'completed')]);
    expect(watch.keys()).toEqual([]);
  });
});

describe('a machine that hears no pulse', () => {
  const lease = (value: unknown, runningAt: number | null = start) => ({
    id: 'lease:L',
    chart: 'lease',
    value,
    status: 'active' as const,
    context: { leaseId: 'L', instanceId: 7, runningAt },
  });

  it('is one whose renewals have failed for a third of its life, whatever was before', () => {
    const watch = watchCase();
    watch.rows([lease({ held: 'ready' })]);
    expect(watch.keys(314_000)).toEqual([]);
    expect(watch.keys(316_000)).toEqual(['pulse:L']);
    watch.renewed.set('L', start + 310_000);
    expect(watch.keys(316_000)).toEqual([]);
    expect(watch.keys(630_000)).toEqual(['pulse:L']);
    watch.rows([lease('releasing'), lease('loading', null)]);
    expect(watch.keys(630_000)).toEqual([]);
  });
});

describe('a sprint on a chain that runs confirmation PoC', () => {
  it('is told of once one was seen, over restarts, until a week without one', () => {
    const watch = watchCase();
    const sprint = epoch('idle', { plan: { ...plan, mode: 'sprint' } });
    watch.rows([sprint]);
    watch.at(10);
    expect(watch.keys()).toEqual([]);
    watch.at(20, true);
    expect(watch.keys()).toEqual(['sprint']);
    watch.restart();
    watch.at(30);
    expect(watch.keys(6 * 86_400_000)).toEqual(['sprint']);
    expect(watch.keys(8 * 86_400_000)).toEqual([]);
    watch.rows([epoch('idle')]);
    expect(watch.keys()).toEqual([]);
  });
});
