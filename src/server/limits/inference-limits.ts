import type { EventEmitter } from 'node:events';
import type { LimitsConfig } from '../../config/config.ts';
import type { Caller } from '../access/gatekeeper.ts';
import { ConcurrencySlots } from './concurrency-slots.ts';
import { DailyTokens } from './daily-tokens.ts';
import { RequestRate } from './request-rate.ts';

export interface LimitRefusal {
  readonly status: 429 | 503;
  readonly code: 'node_is_full' | 'rate_limit_exceeded' | 'daily_tokens_exceeded';
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
  /** Counts what an answer cost one of `callers`; for anybody else it counts nothing. */
  spend(caller: string, tokens: number): void;
  /** For inspection: requests that run, and today's tokens of each named caller. */
  view(): { readonly running: number; readonly tokensToday: Readonly<Record<string, number>> };
}

/** Occupant of a place whose caller is known by its address. */
const byAddress = '(address)';

/**
 * `maxConcurrent` binds everybody, because the node is registered with it. Rate and daily tokens bind `callers`
 * only, which are the tokens for inference: an allowed address is the host's own, and the Network Node must never be
 * turned away for its pace. Time is real; `now` is for tests.
 */
export function createInferenceLimits(
  limits: Partial<LimitsConfig> & { readonly maxConcurrent: number },
  callers: readonly string[],
  now: () => number = Date.now,
): InferenceLimits {
  const slots = new ConcurrencySlots(limits.maxConcurrent);
  const { requestsPerMinute, tokensPerDay } = limits;
  const books = new Map(
    callers.map((name) => [
      name,
      {
        rate: requestsPerMinute === undefined ? undefined : new RequestRate(requestsPerMinute, now()),
        tokens: new DailyTokens(tokensPerDay ?? Number.POSITIVE_INFINITY),
      },
    ]),
  );

  function callerRefusal(name: string): LimitRefusal | undefined {
    const book = books.get(name);
    if (book === undefined) return undefined;
    const dayMs = book.tokens.waitMs(now());
    if (dayMs > 0)
      return tooMany('daily_tokens_exceeded', "Today's tokens of this caller are used up.", dayMs);
    const rateMs = book.rate?.take(now()) ?? 0;
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
    spend: (caller, tokens) => books.get(caller)?.tokens.spend(tokens, now()),
    view: () => ({
      running: slots.inUse,
      tokensToday: Object.fromEntries([...books].map(([name, { tokens }]) => [name, tokens.used(now())])),
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
