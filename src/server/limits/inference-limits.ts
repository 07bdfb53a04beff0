import type { EventEmitter } from 'node:events';
import type { LimitsConfig } from '../../config/config.ts';
import type { Caller } from '../access/gatekeeper.ts';
import { ConcurrencySlots } from './concurrency-slots.ts';
import { type DayBooks, DailyTokens } from './day-books.ts';
import { RequestRate } from './request-rate.ts';

export interface LimitRefusal {
  readonly status: 429 | 503;
  readonly code: 'node_is_full' | 'rate_limit_exceeded' | 'daily_tokens_exceeded' | 'daily_spend_exceeded';
  readonly message: string;
  readonly retryAfterSeconds: number;
}

/** The part of a `ServerResponse` that says when its request is over, however it ends. */
export interface Response extends EventEmitter {
  readonly closed: boolean;
}

/** What one node may be asked to do at a time, and one caller in a minute and in a day. */
export interface InferenceLimits {
  /** Takes a place until `response` is closed, or says why not. */
  enter(caller: Pick<Caller, 'name'>, response: Response): LimitRefusal | undefined;
  /** Counts what an answer cost a caller, unless the limits were given books, which count by themselves. */
  spend(caller: string, tokens: number): void;
  view(): LimitsView;
}

/** For inspection; a cap that is not set is null. */
export interface LimitsView {
  readonly running: number;
  readonly maxConcurrent: number;
  /** Of each caller that the cap binds. */
  readonly tokensToday: Readonly<Record<string, number>>;
  readonly tokensPerDayAndCaller: number | null;
  readonly spentTodayMicroUsd: number;
  readonly spendCapMicroUsd: number | null;
}

/** Occupant of a place whose caller is known by its address. */
const byAddress = '(address)';

export interface InferenceLimitsOptions {
  /** Real time, for rates. @default Date.now */
  readonly now?: () => number;
  /** What daily caps are held against. @default tokens only, in memory, by `now` */
  readonly day?: DayBooks;
}

/**
 * `maxConcurrent` binds everybody, because the node is registered with it. Rate and daily caps bind `callers` only,
 * which are the tokens for inference: an allowed address is the host's own, and the Network Node must never be
 * turned away for its pace, nor for the cost of requests that the node is paid for.
 */
export function createInferenceLimits(
  limits: Partial<LimitsConfig> & { readonly maxConcurrent: number },
  callers: readonly string[],
  { now = Date.now, day: given }: InferenceLimitsOptions = {},
): InferenceLimits {
  const slots = new ConcurrencySlots(limits.maxConcurrent);
  const { requestsPerMinute, tokensPerDay, spendPerDay } = limits;
  const own = new DailyTokens(now);
  const day = given ?? own;
  const rates = new Map(
    callers.map((name) => [
      name,
      requestsPerMinute === undefined ? undefined : new RequestRate(requestsPerMinute, now()),
    ]),
  );

  function callerRefusal(name: string): LimitRefusal | undefined {
    if (!rates.has(name)) return undefined;
    if (tokensPerDay !== undefined && day.tokens(name) >= tokensPerDay)
      return tooMany('daily_tokens_exceeded', "Today's tokens of this caller are used up.", day.leftMs());
    if (spendPerDay !== undefined && day.spent() >= spendPerDay)
      return tooMany('daily_spend_exceeded', "Today's inference of this node is used up.", day.leftMs());
    const rateMs = rates.get(name)?.take(now()) ?? 0;
    return rateMs > 0
      ? tooMany('rate_limit_exceeded', 'Too many requests of this caller.', rateMs)
      : undefined;
  }

  return {
    enter: ({ name }, response) => {
      const refusal = name === null ? undefined : callerRefusal(name);
      if (refusal !== undefined) return refusal;
      const slot = slots.take(name ?? byAddress);
      if (slot === -1) return full;
      if (response.closed) slots.give(slot);
      else response.once('close', () => slots.give(slot));
      return undefined;
    },
    spend: (caller, tokens) => {
      // Books that were given count every answer themselves; anybody else's tokens bind nobody here.
      if (given === undefined && rates.has(caller)) own.spend(caller, tokens);
    },
    view: () => ({
      running: slots.inUse,
      maxConcurrent: limits.maxConcurrent,
      tokensToday: Object.fromEntries([...rates.keys()].map((name) => [name, day.tokens(name)])),
      tokensPerDayAndCaller: tokensPerDay ?? null,
      spentTodayMicroUsd: day.spent(),
      spendCapMicroUsd: spendPerDay ?? null,
    }),
  };
}

/** 503, not 429: the Network Node then tries another node, as for any node that is full. */
const full: LimitRefusal = {
  status: 503,
  code: 'node_is_full',
  message: 'This node serves as many requests as it is registered for. Please try again.',
  retryAfterSeconds: 1,
};

const tooMany = (code: LimitRefusal['code'], message: string, waitMs: number): LimitRefusal => ({
  status: 429,
  code,
  message,
  retryAfterSeconds: Math.ceil(waitMs / 1000),
});
