import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assumedCost, tokenCost, tokenPrice, unknownPrice } from '../../src/policy/token-cost.ts';
import { microUsd } from '../../src/units.ts';

const counts = (promptTokens: number | null, completionTokens: number | null) => ({
  promptTokens,
  completionTokens,
});
const fallback = microUsd(4_000_000);

describe('the cost of tokens', () => {
  it('is each count times its price a million, in whole micro-dollars, rounded up', () => {
    expect(tokenCost(counts(1_000_000, 500_000), tokenPrice(0.4, 0.8))).toBe(400_000 + 400_000);
    expect(tokenCost(counts(1, 0), tokenPrice(0.4, 0.4))).toBe(1);
    expect(tokenCost(counts(7, 3), tokenPrice(2, 4))).toBe(14 + 12);
    expect(tokenCost(counts(0, 0), tokenPrice(2, 4))).toBe(0);
  });

  it('is nothing where the back end says that it costs nothing', () => {
    expect(tokenCost(counts(7, 3), tokenPrice(0, 0))).toBe(0);
  });

  it.each([
    ['a price', counts(7, 3), tokenPrice(null, 1)],
    ['the other price', counts(7, 3), tokenPrice(1, null)],
    ['a count', counts(null, 3), tokenPrice(1, 1)],
    ['the other count', counts(7, null), tokenPrice(1, 1)],
    ['everything', counts(null, null), unknownPrice],
  ])('is unknown without %s, never nothing', (_what, stated, price) => {
    expect(tokenCost(stated, price)).toBeNull();
  });

  it('asks for no price of what was not used', () => {
    expect(tokenCost(counts(7, 0), tokenPrice(1, null))).toBe(7);
  });

  it.each([-1, Number.NaN, Infinity, 1e9])('takes %d for no price at all', (usd) => {
    expect(tokenPrice(usd, usd)).toEqual(unknownPrice);
  });
});

describe('the cost that caps assume', () => {
  it('has the known price where there is one and the fallback elsewhere', () => {
    expect(assumedCost({ promptTokens: 10, completionTokens: 5 }, tokenPrice(1, null), fallback)).toBe(
      10 + 20,
    );
    expect(assumedCost({ promptTokens: 10, completionTokens: 5 }, unknownPrice, fallback)).toBe(60);
  });

  it('is the cost itself where everything is known, and sums of any answers stay whole numbers', () => {
    const tokens = fc.nat({ max: 1e8 });
    const usd = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(tokens, tokens, usd, usd, (promptTokens, completionTokens, input, output) => {
        const use = { promptTokens, completionTokens };
        const cost = tokenCost(use, tokenPrice(input, output));
        expect(cost).toBe(assumedCost(use, tokenPrice(input, output), fallback));
        expect(Number.isSafeInteger(cost) && Number.isSafeInteger((cost ?? NaN) * 100_000)).toBe(true);
        const exact = promptTokens * input + completionTokens * output;
        if (exact < 1e9) expect(cost).toBeGreaterThanOrEqual(Math.floor(exact - 1e-3));
      }),
    );
  });
});
