import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { LimitsConfig } from '../../../src/config/config.ts';
import { type DayBooks, DailyTokens } from '../../../src/server/limits/day-books.ts';
import { createInferenceLimits } from '../../../src/server/limits/inference-limits.ts';
import { RequestRate } from '../../../src/server/limits/request-rate.ts';
import { microUsd } from '../../../src/units.ts';

class Response extends EventEmitter {
  closed = false;
  close(): void {
    this.closed = true;
    this.emit('close');
  }
}

describe('a rate', () => {
  test('lets a minute’s requests come at once and then one after the other', () => {
    const rate = new RequestRate(60, 0);
    expect(Array.from({ length: 61 }, () => rate.take(0)).filter((waitMs) => waitMs > 0)).toEqual([1000]);
    expect(rate.take(999)).toBe(1);
    expect(rate.take(1000)).toBe(0);
    expect(rate.take(1000)).toBe(1000);
  });
  test('saves up no more than a minute, and a clock that steps back adds nothing', () => {
    const rate = new RequestRate(2, 0);
    expect([rate.take(3_600_000), rate.take(3_600_000), rate.take(3_600_000)]).toEqual([0, 0, 30_000]);
    expect(rate.take(0)).toBe(30_000);
  });
});

describe('the tokens of a day', () => {
  const noon = 12 * 3_600_000;
  test('are counted until midnight, UTC', () => {
    const clock = { now: noon };
    const tokens = new DailyTokens(() => clock.now);
    tokens.spend('alice', 99);
    tokens.spend('alice', 50);
    expect([tokens.tokens('alice'), tokens.tokens('bob'), tokens.leftMs()]).toEqual([149, 0, noon]);
    clock.now = 2 * noon;
    expect([tokens.tokens('alice'), tokens.leftMs()]).toEqual([0, 2 * noon]);
  });
});

describe('the limits of a node', () => {
  const alice = { name: 'alice' };
  const networkNode = { name: null };
  const limitsOf = (rules: Partial<LimitsConfig>, maxConcurrent = 2, day?: DayBooks) => {
    const clock = { now: 0 };
    const limits = createInferenceLimits({ ...rules, maxConcurrent }, ['alice'], {
      now: () => clock.now,
      ...(day === undefined ? {} : { day }),
    });
    return {
      clock,
      limits,
      enter: (who: { name: string | null }, response = new Response()) => limits.enter(who, response),
    };
  };

  test('turn everybody away beyond the registered number, until a request is over', () => {
    const { limits, enter } = limitsOf({});
    const first = new Response();
    expect([enter(networkNode, first), enter(alice)]).toEqual([undefined, undefined]);
    expect(enter(networkNode)).toMatchObject({ status: 503, retryAfterSeconds: 1 });
    first.close();
    expect([enter(networkNode), limits.view().running]).toEqual([undefined, 2]);
  });

  test('hold no place for a caller who has left already', () => {
    const { limits, enter } = limitsOf({}, 1);
    const left = new Response();
    left.close();
    expect([enter(alice, left), limits.view().running]).toEqual([undefined, 0]);
  });

  test('bind callers with a token only, as far as rate and tokens go', () => {
    const { clock, limits, enter } = limitsOf({ requestsPerMinute: 1, tokensPerDay: 10 }, 1000);
    expect(enter(alice)).toBeUndefined();
    expect(enter(alice)).toMatchObject({ status: 429, code: 'rate_limit_exceeded', retryAfterSeconds: 60 });
    clock.now = 60_000;
    limits.spend('alice', 10);
    limits.spend('somebody', 10);
    expect(enter(alice)).toMatchObject({
      status: 429,
      code: 'daily_tokens_exceeded',
      retryAfterSeconds: 86_340,
    });
    for (let request = 0; request < 100; request += 1) expect(enter(networkNode)).toBeUndefined();
    expect(limits.view().tokensToday).toEqual({ alice: 10 });
  });

  test('hold books that were given against the caps, and shed nobody but callers with a token', () => {
    const books = { spent: 900_000, tokens: 9 };
    const { limits, enter } = limitsOf({ spendPerDay: microUsd(1_000_000), tokensPerDay: 10 }, 1000, {
      tokens: () => books.tokens,
      spent: () => microUsd(books.spent),
      leftMs: () => 1_500,
    });
    expect(enter(alice)).toBeUndefined();
    books.spent = 1_000_000;
    expect(enter(alice)).toMatchObject({ status: 429, code: 'daily_spend_exceeded', retryAfterSeconds: 2 });
    expect([enter(networkNode), enter({ name: 'manager' })]).toEqual([undefined, undefined]);
    books.tokens = 10;
    expect(enter(alice)).toMatchObject({ status: 429, code: 'daily_tokens_exceeded', retryAfterSeconds: 2 });
    limits.spend('alice', 5);
    expect(limits.view()).toEqual({
      running: 3,
      maxConcurrent: 1000,
      tokensToday: { alice: 10 },
      tokensPerDayAndCaller: 10,
      spentTodayMicroUsd: 1_000_000,
      spendCapMicroUsd: 1_000_000,
    });
  });
});
