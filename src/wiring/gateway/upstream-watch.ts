import type { Upstream, UpstreamModel } from '../../adapters/upstream/interface.ts';
import { type Fault, HybridError, toFault } from '../../errors.ts';
import { type TokenPrice, tokenPrice, unknownPrice } from '../../policy/token-cost.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../log.ts';

/** Models are retired without notice (docs/reference/upstream.md), so the list is read again and again. */
const lookPauseMs = 300_000;
const retryPauseMs = 15_000;
/** Of one look, real milliseconds. */
const lookTimeoutMs = 20_000;

/** Whether the inference API serves our model, as last seen; read by every health poll, from memory. */
export interface UpstreamWatch {
  isHealthy(): boolean;
  /** Whether `model` was on the newest list; before the first list nothing is known, and it is worth a try. */
  serves(model: string): boolean;
  /** As on the newest list; also of a model that a request found gone since. */
  price(model: string): TokenPrice;
  /** A request learned that a model is gone: off the list until the next look, which comes at once. */
  markGone(model: string): void;
  view(): Readonly<Record<string, unknown>>;
  /** One look now. Throws UPSTREAM_MODEL_MISSING with the models that are listed, or what the adapter throws. */
  check(signal: AbortSignal): Promise<void>;
  start(): void;
  stop(): void;
}

export function createUpstreamWatch(options: {
  upstream: Upstream;
  model: string;
  clock: Clock;
  log: Log;
  /** Called after each look, with what was wrong with the model or null. */
  looked?: (fault: Fault | null) => void;
}): UpstreamWatch {
  const { upstream, model, clock, log } = options;
  const stopping = new AbortController();
  let lookSoon = new AbortController();
  let listed: readonly UpstreamModel[] = [];
  let hasList = false;
  let prices: ReadonlyMap<string, TokenPrice> = new Map();
  let fault: Fault | null = null;
  let isServed = false;

  const watch: UpstreamWatch = {
    isHealthy: () => isServed,
    serves: (id) => !hasList || listed.some((entry) => entry.id === id),
    price: (id) => prices.get(id) ?? unknownPrice,
    markGone: (id) => {
      listed = listed.filter((entry) => entry.id !== id);
      if (id === model) {
        isServed = false;
        fault = toFault(missing(upstream.name, model, listed));
        options.looked?.(fault);
      }
      lookSoon.abort();
    },
    view: () => ({ isModelServed: isServed, modelsListed: listed.length, fault }),
    check: async (signal) => {
      try {
        listed = await upstream.models(AbortSignal.any([signal, AbortSignal.timeout(lookTimeoutMs)]));
        hasList = true;
        prices = new Map(
          listed.map((row) => [row.id, tokenPrice(row.inputUsdPerMillion, row.outputUsdPerMillion)]),
        );
        if (!listed.some((entry) => entry.id === model)) throw missing(upstream.name, model, listed);
        isServed = true;
        fault = null;
        options.looked?.(null);
      } catch (error) {
        fault = toFault(error);
        // An outage says nothing about the model: only an answer takes it off the list.
        if (fault.class === 'operator') isServed = false;
        options.looked?.(fault);
        throw error;
      }
    },
    start: () => void look(),
    stop: () => stopping.abort(),
  };
  return watch;

  async function look(): Promise<void> {
    while (!stopping.signal.aborted) {
      const isFine = await watch.check(stopping.signal).then(
        () => true,
        (error: unknown) => {
          log.warn({ upstream: upstream.name, fault: toFault(error) }, 'upstream.check_failed');
          return false;
        },
      );
      lookSoon = new AbortController();
      const rested = AbortSignal.any([stopping.signal, lookSoon.signal]);
      await clock.sleep(isFine ? lookPauseMs : retryPauseMs, rested).catch(() => {});
    }
  }
}

function missing(name: string, model: string, listed: readonly UpstreamModel[]): HybridError {
  const offered = listed.map((entry) => entry.id).join(', ') || 'none';
  return new HybridError({
    code: 'UPSTREAM_MODEL_MISSING',
    message: `${name} does not serve ${model} (HYPERBOLIC_MODEL); it lists: ${offered}`,
  });
}
