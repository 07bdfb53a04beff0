import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type TokenPrice, tokenPrice, unknownPrice } from '../../../src/policy/token-cost.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/runtime/sqlite-store.ts';
import { createSqliteUsage } from '../../../src/runtime/sqlite-usage.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import type { InferenceUsage } from '../../../src/server/inference/desk.ts';
import { microUsd } from '../../../src/units.ts';
import { createUsageAccountant, writePauseMs } from '../../../src/wiring/gateway/usage-accountant.ts';
import { utcDay } from '../../../src/wiring/gateway/usage-day.ts';
import { temporaryDir } from '../../runtime/rig.ts';
import { silent } from '../small-town.ts';

const dayMs = 86_400_000;
const noon = 20_000 * dayMs + dayMs / 2;

const answer = (change: Partial<InferenceUsage> = {}): InferenceUsage => ({
  upstream: 'hyperbolic',
  model: 'gov/model',
  upstreamModel: 'their/model',
  caller: 'alice',
  isStream: false,
  promptTokens: 700,
  completionTokens: 300,
  isComplete: true,
  ...change,
});

interface Settings {
  readonly capUsd?: number;
  readonly price?: TokenPrice;
  readonly timeScale?: number;
}

/** Daemons that live one after the other on one store file and under one clock. */
function daemons() {
  const path = join(temporaryDir(), 's.sqlite');
  const clock = new VirtualClock(noon);
  const start = ({ capUsd, price = tokenPrice(1, 2), timeScale = 1 }: Settings = {}) => {
    const store = openSqliteStore(path);
    onTestFinished(() => store.close());
    const accountant = createUsageAccountant({
      ledger: createSqliteUsage(store.database),
      store,
      clock,
      timeScale,
      priceOf: (name, model) => (name === 'hyperbolic' && model === 'their/model' ? price : unknownPrice),
      fallbackPrice: microUsd(4_000_000),
      ...(capUsd === undefined ? {} : { spendPerDay: microUsd(capUsd * 1e6) }),
      log: silent,
    });
    accountant.start();
    return { ...accountant, store };
  };
  return { clock, start };
}
const written = (store: SqliteStore) => createSqliteUsage(store.database).ofDay(utcDay(noon));
const alerts = (store: SqliteStore) => store.alerts.open(9);

describe('the accountant of inference', () => {
  it('books each answer under caller, back end and its own model, at the price of that model', () => {
    const { account, day, view } = daemons().start();
    account(answer());
    account(answer({ isComplete: false }));
    account(answer({ caller: 'network-node', promptTokens: 1, completionTokens: 0 }));
    const one = { backEnd: 'hyperbolic', model: 'their/model', assumedTokens: 0, requestsOfUnknownCost: 0 };
    expect(view()).toEqual({
      day: '2024-10-04',
      spentTodayMicroUsd: 2_601,
      ofThatAssumedMicroUsd: 0,
      requestsOfUnknownCost: 0,
      dailyCapMicroUsd: null,
      fallbackPricePerMillionTokensMicroUsd: 4_000_000,
      usage: [
        { caller: 'alice', requests: 2, failed: 1, promptTokens: 1_400, completionTokens: 600, cost: 2_600 },
        { caller: 'network-node', requests: 1, failed: 0, promptTokens: 1, completionTokens: 0, cost: 1 },
      ].map(({ cost, ...row }) => ({ ...one, ...row, costMicroUsd: cost, assumedMicroUsd: 0 })),
    });
    expect([day.tokens('alice'), day.tokens('nobody'), day.spent()]).toEqual([2_000, 0, 2_601]);
  });

  it('shows a cost that nobody states as unknown, and counts the fallback for caps', () => {
    const { account, day, view } = daemons().start();
    account(answer({ upstream: 'upstream-2' }));
    expect(view()).toMatchObject({
      spentTodayMicroUsd: 4_000,
      ofThatAssumedMicroUsd: 4_000,
      requestsOfUnknownCost: 1,
      usage: [{ promptTokens: 700, costMicroUsd: null, requestsOfUnknownCost: 1, assumedMicroUsd: 4_000 }],
    });
    expect(day.spent()).toBe(4_000);
  });

  it('counts an answer that broke off by what was seen of it, for caps only', () => {
    const { account, day, view } = daemons().start();
    const seen = { promptTokens: 500, completionTokens: 20 };
    account(answer({ promptTokens: null, completionTokens: null, isComplete: false, seen }));
    account(answer({ completionTokens: null, seen }));
    account(answer({ promptTokens: null, completionTokens: null }));
    expect(view()).toMatchObject({
      usage: [
        {
          requests: 3,
          failed: 1,
          promptTokens: 700,
          completionTokens: 0,
          assumedTokens: 540,
          costMicroUsd: null,
          requestsOfUnknownCost: 3,
          assumedMicroUsd: 540 + 740,
        },
      ],
    });
    expect(day.tokens('alice')).toBe(1_240);
  });

  it('takes a count that no request can have for none', () => {
    const { account, day } = daemons().start();
    account(answer({ promptTokens: Number.MAX_SAFE_INTEGER, completionTokens: 3 }));
    expect([day.tokens('alice'), day.spent()]).toEqual([3, 6]);
  });
});

describe('the books', () => {
  it('are written every few seconds, and a crash loses what came after', async () => {
    const { clock, start } = daemons();
    const first = start();
    first.account(answer());
    first.account(answer());
    expect(written(first.store)).toEqual([]);
    await clock.advanceBy(writePauseMs);
    expect(written(first.store)).toMatchObject([{ requests: 2, promptTokens: 1_400, cost: 2_600 }]);
    first.account(answer());
    first.store.close();
    const second = start();
    expect([second.day.tokens('alice'), second.day.spent()]).toEqual([2_000, 2_600]);
    second.account(answer());
    await clock.advanceBy(writePauseMs);
    expect(written(second.store)).toMatchObject([{ requests: 3, cost: 3_900 }]);
  });

  it('are whole after a stop', () => {
    const { start } = daemons();
    const first = start();
    first.account(answer());
    first.stop();
    first.store.close();
    expect(start().day.spent()).toBe(1_300);
  });

  it('are written once when the store can be written again, and count on meanwhile', async () => {
    const { clock, start } = daemons();
    const { account, day, store } = start();
    const other = openSqliteStore(store.database.location() ?? '');
    onTestFinished(() => other.close());
    other.database.exec('BEGIN IMMEDIATE');
    account(answer());
    await clock.advanceBy(writePauseMs);
    account(answer());
    await clock.advanceBy(writePauseMs);
    expect([written(store), day.spent()]).toEqual([[], 2_600]);
    other.database.exec('ROLLBACK');
    await clock.advanceBy(writePauseMs);
    expect(written(store)).toMatchObject([{ requests: 2, cost: 2_600 }]);
  });

  it('begin anew at midnight, UTC, and an answer counts on the day on which it ends', async () => {
    const { clock, start } = daemons();
    const { account, day, store } = start();
    await clock.advanceTo(noon + dayMs / 2 - 1);
    account(answer());
    expect([day.spent(), day.leftMs()]).toEqual([1_300, 1]);
    await clock.advanceBy(1);
    expect([day.spent(), day.tokens('alice'), day.leftMs()]).toEqual([0, 0, dayMs]);
    account(answer({ caller: 'bob' }));
    await clock.advanceBy(writePauseMs);
    expect(written(store)).toMatchObject([{ caller: 'alice', requests: 1 }]);
    expect(createSqliteUsage(store.database).ofDay(utcDay(noon) + 1)).toMatchObject([{ caller: 'bob' }]);
  });

  it('state the rest of the day in real time', () => {
    expect(daemons().start({ timeScale: 100 }).day.leftMs()).toBe(dayMs / 2 / 100);
  });
});

describe('the cap of a day', () => {
  it('is told once reached, over a restart, until midnight', async () => {
    const { clock, start } = daemons();
    const first = start({ capUsd: 0.0026 });
    first.account(answer());
    await clock.advanceBy(writePauseMs);
    expect(alerts(first.store)).toEqual([]);
    first.account(answer());
    await clock.advanceBy(writePauseMs);
    expect(alerts(first.store)).toMatchObject([
      {
        code: 'INFERENCE_CAP_REACHED',
        rowId: 'inference',
        since: noon + 2 * writePauseMs,
        message: expect.stringContaining('$0.0026') as string,
      },
    ]);
    first.stop();
    first.store.close();
    await clock.advanceBy(60_000);
    const second = start({ capUsd: 0.0026 });
    expect(alerts(second.store)).toMatchObject([{ since: noon + 2 * writePauseMs }]);
    await clock.advanceBy(dayMs);
    expect(alerts(second.store)).toEqual([]);
  });

  it('is forgotten when it is raised', () => {
    const { start } = daemons();
    const first = start({ capUsd: 0.001 });
    first.account(answer());
    first.stop();
    expect(alerts(first.store)).toHaveLength(1);
    first.store.close();
    expect(alerts(start({ capUsd: 1 }).store)).toEqual([]);
  });

  it('is reached by assumed cost too', () => {
    const { account, store, stop } = daemons().start({ capUsd: 0.004, price: unknownPrice });
    account(answer());
    stop();
    expect(alerts(store)).toHaveLength(1);
  });
});
