import { microUsd, type MicroUsd, microUsdOfDollars } from '../units.ts';

/** Prices of one model, micro-dollars a million tokens; null = the back end states none. */
export interface TokenPrice {
  readonly input: MicroUsd | null;
  readonly output: MicroUsd | null;
}

/** Tokens of one request. */
export interface TokenUse {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** The same as a back end stated them; null = it did not. */
export interface StatedTokens {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
}

export const unknownPrice: TokenPrice = { input: null, output: null };

/** From dollars a million tokens, as model lists state them. What is no price (negative, endless) counts as unknown. */
export const tokenPrice = (inputUsd: number | null, outputUsd: number | null): TokenPrice => ({
  input: priceOf(inputUsd),
  output: priceOf(outputUsd),
});

/** What a request cost, rounded up: a cap must never be passed by rounding. Null when a count or its price is unknown. */
export function tokenCost(stated: StatedTokens, { input, output }: TokenPrice): MicroUsd | null {
  const prompt = partOf(stated.promptTokens, input);
  const completion = partOf(stated.completionTokens, output);
  return prompt === null || completion === null ? null : rounded(prompt + completion);
}

/** What a cap counts for a request of unknown cost: `fallback` a million tokens wherever no price is known. */
export function assumedCost(use: TokenUse, { input, output }: TokenPrice, fallback: MicroUsd): MicroUsd {
  return rounded(use.promptTokens * (input ?? fallback) + use.completionTokens * (output ?? fallback));
}

/** Beyond it a price is somebody's slip of the pen. */
const usdPerMillionMax = 1e5;

const priceOf = (usd: number | null): MicroUsd | null =>
  usd !== null && usd >= 0 && usd <= usdPerMillionMax ? microUsdOfDollars(usd) : null;

/** Nothing of a kind costs nothing, whatever its price. */
const partOf = (tokens: number | null, price: MicroUsd | null): number | null =>
  tokens === 0 ? 0 : tokens === null || price === null ? null : tokens * price;

/** From millionths of a micro-dollar. A lying back end must not make sums leave the whole numbers: at most $10 000. */
const rounded = (parts: number): MicroUsd => microUsd(Math.min(1e10, Math.max(0, Math.ceil(parts / 1e6))));
