import type { UpstreamCapabilities } from '../../adapters/upstream/capabilities.ts';
import type { UpstreamDialect } from '../../adapters/upstream/dialect.ts';
import type { Upstream } from '../../adapters/upstream/interface.ts';
import type { BackEnd, BackEndNews } from '../../server/inference/desk.ts';
import type { BackEndTraits } from '../../server/inference/request-mapping.ts';
import { RequestTurns } from '../poc/request-turns.ts';

export interface ApiBackEndOptions {
  readonly upstream: Upstream;
  readonly dialect: UpstreamDialect;
  readonly stream: BackEnd['stream'];
  /** `auto`: as the probe found, and as the dialect has it before. */
  readonly streamOptions: 'auto' | 'on' | 'off';
  readonly limits: BackEnd['limits'];
  /** Absent = no limit of our own. */
  readonly requestsPerMinute?: number;
  /** Milliseconds of the daemon's clock, and how many of them pass in a real one. */
  readonly clock: { now(): number; readonly scale: number };
  /** What was found out about a model; undefined while nothing was. */
  capabilities(model: string): UpstreamCapabilities | undefined;
  /** Milliseconds of the daemon's clock for which the breaker holds everything back; 0 while it is closed. */
  breakerMs(): number;
  /** Everything that calls taught, pauses asked for aside. */
  heard(news: BackEndNews): void;
}

/** An API asks for a pause and does not say how long. */
const pauseMsDefault = 2_000;
/** Nobody waits longer on an API's word: an hour may be a slip, and the next 429 says it again. */
const pauseMsMax = 600_000;

/** One inference API as the gateway sees it. It enforces no tokens, and it is never asked to. */
export function createApiBackEnd(options: ApiBackEndOptions): BackEnd {
  const { upstream, dialect, stream, limits, clock } = options;
  const turns =
    options.requestsPerMinute === undefined ? undefined : new RequestTurns(options.requestsPerMinute);
  const toReal = (ms: number): number => (ms <= 0 ? 0 : ms / clock.scale);
  let pausedUntil = -Infinity;
  return {
    name: upstream.name,
    upstream,
    dialect,
    stream,
    isEnforcing: false,
    limits,
    traits: (model) => traits(options, options.capabilities(model)),
    restMs: () => toReal(Math.max(options.breakerMs(), pausedUntil - clock.now())),
    takeTurn: () => toReal(turns?.take(clock.now()) ?? 0),
    note: (news) => {
      if (news.kind === 'failed' && news.code === 'UPSTREAM_RATE_LIMITED') {
        const asked = news.retryAfterSeconds === null ? pauseMsDefault : news.retryAfterSeconds * 1000;
        pausedUntil = clock.now() + Math.min(pauseMsMax, asked);
      }
      options.heard(news);
    },
  };
}

/** The operator's word first, then what was found out, then the dialect. */
function traits(
  { streamOptions, dialect }: ApiBackEndOptions,
  found: UpstreamCapabilities | undefined,
): BackEndTraits {
  const takesStreamOptions = found?.isUsageInStream ?? dialect.knowsStreamOptions;
  return {
    takesStreamOptions: streamOptions === 'auto' ? takesStreamOptions : streamOptions === 'on',
    takesLogprobs: found?.logprobs !== 'refused',
    takesSeed: found?.takesSeed !== false,
  };
}
