import { assumedCost, type StatedTokens, type TokenPrice, tokenCost } from '../../policy/token-cost.ts';
import { toFault } from '../../errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Store } from '../../runtime/store.ts';
import type { UsageLedger, UsageRow } from '../../runtime/usage-ledger.ts';
import type { InferenceUsage } from '../../server/inference/desk.ts';
import type { DayBooks } from '../../server/limits/day-books.ts';
import { dollars, microUsd, type MicroUsd } from '../../units.ts';
import type { Log } from '../log.ts';
import { leftOfDayMs, UsageDay, utcDay } from './usage-day.ts';
import { UsageSums } from './usage-sums.ts';

/** A crash loses what was counted since the last one; milliseconds of the daemon's clock. */
export const writePauseMs = 5_000;

const alertKey = 'inference-spend';

export interface UsageAccountantOptions {
  readonly ledger: UsageLedger;
  /** For the alert at the cap. */
  readonly store: Pick<Store, 'transaction' | 'alerts'>;
  readonly clock: Clock;
  /** Clock milliseconds that pass in one real one. */
  readonly timeScale: number;
  /** As the back end stated it last. */
  priceOf(backEnd: string, model: string): TokenPrice;
  /** What caps count where no price is known, a million tokens. */
  readonly fallbackPrice: MicroUsd;
  /** Of a UTC day and everybody together; absent = none. */
  readonly spendPerDay?: MicroUsd;
  readonly log: Log;
}

/** Books what inference uses. Requests only touch memory; the store is written every few seconds, and at the stop. */
export interface UsageAccountant {
  readonly account: (usage: InferenceUsage) => void;
  readonly day: DayBooks;
  /** For the inspection: today's rows and sums, and the cap. */
  readonly view: () => Readonly<Record<string, unknown>>;
  readonly start: () => void;
  /** Writes what is left. */
  readonly stop: () => void;
}

/** Goes on with what the ledger has of today. Throws STORE_BROKEN. */
export function createUsageAccountant(options: UsageAccountantOptions): UsageAccountant {
  const { ledger, store, clock, spendPerDay, log } = options;
  const unwritten = new UsageSums();
  let latest = new UsageDay(utcDay(clock.now()), ledger.ofDay(utcDay(clock.now())));
  let isStoreWell = true;
  let isAlertOpen: boolean | undefined;
  let timer: unknown;

  /** The daemon's clock never goes back while it runs. */
  function today(): UsageDay {
    const day = utcDay(clock.now());
    if (day > latest.day) latest = new UsageDay(day, []);
    return latest;
  }

  /** What fails stays for the next time: nothing is lost but by a crash. */
  function write(): void {
    try {
      if (unwritten.size > 0) ledger.add(unwritten.rows());
      unwritten.clear();
      tellCap();
      isStoreWell = true;
    } catch (error) {
      if (isStoreWell) log.error({ fault: toFault(error) }, 'usage.not_written');
      isStoreWell = false;
    }
  }

  function tellCap(): void {
    const { spent } = today();
    const isReached = spendPerDay !== undefined && spent >= spendPerDay;
    if (isReached === isAlertOpen) return;
    store.transaction(() => {
      if (!isReached) store.alerts.clear(alertKey);
      else store.alerts.raise('inference', capAlert(spent, spendPerDay), clock.now());
    });
    isAlertOpen = isReached;
    if (isReached) log.warn({ spentMicroUsd: spent, capMicroUsd: spendPerDay }, 'inference.cap_reached');
  }

  function tick(): void {
    write();
    timer = clock.setTimeout(tick, writePauseMs, 'usage.write');
  }

  return {
    account: (usage) => {
      const day = today();
      const row = rowOf(usage, day.day, options);
      day.add(row);
      unwritten.add(row);
    },
    day: {
      tokens: (caller) => today().tokens(caller),
      spent: () => today().spent,
      leftMs: () => leftOfDayMs(clock.now()) / options.timeScale,
    },
    view: () => ({
      ...today().view(),
      dailyCapMicroUsd: spendPerDay ?? null,
      fallbackPricePerMillionTokensMicroUsd: options.fallbackPrice,
    }),
    start: tick,
    stop: () => {
      clock.clearTimeout(timer);
      write();
    },
  };
}

function rowOf(
  usage: InferenceUsage,
  day: number,
  { priceOf, fallbackPrice }: Pick<UsageAccountantOptions, 'priceOf' | 'fallbackPrice'>,
): UsageRow {
  const { caller, upstream: backEnd, upstreamModel: model } = usage;
  const stated = {
    promptTokens: plausible(usage.promptTokens),
    completionTokens: plausible(usage.completionTokens),
  };
  const { promptTokens = 0, completionTokens = 0 } = usage.seen ?? {};
  const unstated = {
    promptTokens: stated.promptTokens === null ? promptTokens : 0,
    completionTokens: stated.completionTokens === null ? completionTokens : 0,
  };
  const price = priceOf(backEnd, model);
  const cost = tokenCost(stated, price);
  return {
    day,
    caller,
    backEnd,
    model,
    requests: 1,
    failed: usage.isComplete ? 0 : 1,
    promptTokens: stated.promptTokens ?? 0,
    completionTokens: stated.completionTokens ?? 0,
    cost: cost ?? microUsd(0),
    unknownCost: cost === null ? 1 : 0,
    assumedTokens: unstated.promptTokens + unstated.completionTokens,
    assumedCost: cost === null ? assumedCost(known(stated, unstated), price, fallbackPrice) : microUsd(0),
  };
}

const known = (stated: StatedTokens, unstated: { promptTokens: number; completionTokens: number }) => ({
  promptTokens: stated.promptTokens ?? unstated.promptTokens,
  completionTokens: stated.completionTokens ?? unstated.completionTokens,
});

/** More than any request can have: a slip of the back end, which must not end all others' day. */
const tokensMax = 1e8;
const plausible = (tokens: number | null): number | null =>
  tokens !== null && tokens <= tokensMax ? tokens : null;

const capAlert = (spent: MicroUsd, cap: MicroUsd) =>
  ({
    key: alertKey,
    code: 'INFERENCE_CAP_REACHED',
    message: `today's inference cost ${dollars(spent)}, the cap is ${dollars(cap)} (MAX_DAILY_INFERENCE_SPEND): callers with a token for inference are refused until midnight UTC, the Network Node is served`,
  }) as const;
