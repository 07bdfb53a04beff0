import type { UpstreamDialect } from '../../adapters/upstream/dialect.ts';
import type { Upstream } from '../../adapters/upstream/interface.ts';
import type { BackEndConfig, Config } from '../../config/config.ts';
import { type Fault, HybridError, toFault } from '../../errors.ts';
import { type TokenPrice, unknownPrice } from '../../policy/token-cost.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Effects, Runtime } from '../../runtime/interface.ts';
import type { MetaTable } from '../../runtime/store.ts';
import type { BackEnd } from '../../server/inference/desk.ts';
import { createApiBackEnd } from './api-back-end.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import { createKnownCapabilities } from './known-capabilities.ts';
import type { Log } from '../log.ts';
import { upstreamRow } from '../row-names.ts';
import { createUpstreamWatch, type UpstreamWatch } from './upstream-watch.ts';

/** A configured back end and the wire to it. */
export interface MetBackEnd {
  readonly upstream: Upstream;
  readonly dialect: UpstreamDialect;
}

/** A back end with what is known of it. */
export interface KnownBackEnd {
  readonly backEnd: BackEnd;
  /** Its own id of the expected model. */
  readonly model: string;
  serves(model: string): boolean;
}

/** Every place that may answer inference, in order of preference. */
export interface BackEnds {
  readonly all: readonly KnownBackEnd[];
  /** Of the chart `upstream`. */
  readonly effects: Effects;
  /** Whether somebody serves the expected model; read by every health poll, from memory. */
  isHealthy(): boolean;
  /** What that back end states for its model id. */
  priceOf(backEnd: string, model: string): TokenPrice;
  /** One look at each. Throws when each of them says that its key or our model is wrong, or is not to be reached. */
  check(signal: AbortSignal): Promise<void>;
  /** Opens the breakers' rows and looks again and again. */
  start(rows: Runtime): void;
  stop(): void;
  view(): Readonly<Record<string, unknown>>;
}

export interface BackEndsOptions {
  readonly config: Config;
  /** In the order of `config.backEnds`. */
  readonly met: readonly MetBackEnd[];
  readonly clock: Clock;
  readonly meta: MetaTable;
  readonly log: Log;
}

/** A back end that is left alone for longer than this is an outage that the Network Node has to know of. */
const outageMs = 30_000;

interface Member extends KnownBackEnd {
  readonly settings: BackEndConfig;
  readonly upstream: Upstream;
  readonly watch: UpstreamWatch;
  breaker: Breaker | undefined;
}

export function createBackEnds(options: BackEndsOptions): BackEnds {
  const { config, clock, log } = options;
  const stopping = new AbortController();
  const capabilities = createKnownCapabilities(options.meta, config.isUpstreamProbed, log);
  const members = config.backEnds.flatMap((settings, place) => {
    const met = options.met[place];
    return met === undefined ? [] : [member(settings, met)];
  });
  let rows: Runtime | undefined;

  function member(settings: BackEndConfig, { upstream, dialect }: MetBackEnd): Member {
    const { model, stream, streamOptions, requestsPerMinute } = settings;
    const watch = createUpstreamWatch({
      upstream,
      model,
      clock,
      log,
      looked: (fault) => looked(self, fault),
    });
    const self: Member = {
      settings,
      upstream,
      watch,
      model,
      breaker: undefined,
      serves: (id) => watch.serves(id),
      backEnd: createApiBackEnd({
        upstream,
        dialect,
        stream,
        streamOptions,
        limits: { firstTokenMs: config.upstreamLimits.firstTokenMs, totalMs: config.upstreamLimits.totalMs },
        ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
        clock: { now: () => clock.now(), scale: config.timeScale },
        capabilities: (id) => capabilities.of(upstream.name, id),
        breakerMs: () => self.breaker?.restMs() ?? 0,
        heard: (news) => {
          if (news.kind === 'failed' && news.code === 'UPSTREAM_MODEL_MISSING') watch.markGone(news.model);
          self.breaker?.heard(news);
        },
      }),
    };
    return self;
  }

  function looked({ upstream, settings, model }: Member, fault: Fault | null): void {
    const name = upstreamRow(upstream.name);
    if (fault === null) {
      rows?.send(name, { type: 'UPSTREAM.MODEL_LISTED' });
      if (rows !== undefined) void capabilities.find(upstream, settings.baseUrl, model, stopping.signal);
    } else if (fault.class === 'operator') rows?.send(name, { type: 'UPSTREAM.MODEL_MISSING', fault });
  }

  const isUsable = ({ watch, breaker }: Member): boolean =>
    watch.isHealthy() && (breaker?.openForMs() ?? 0) < outageMs;

  return {
    all: members,
    effects: {
      readModels: async ({ input, signal }) => {
        const { name } = input as { name: string };
        const found = members.find(({ upstream }) => upstream.name === name);
        if (found === undefined)
          throw new HybridError({ code: 'UPSTREAM_UNREACHABLE', message: `no back end ${name}` });
        await found.watch.check(signal);
        return null;
      },
    },
    isHealthy: () => members.some(isUsable),
    priceOf: (name, model) =>
      members.find(({ upstream }) => upstream.name === name)?.watch.price(model) ?? unknownPrice,
    check: async (signal) => {
      const results = await Promise.allSettled(members.map(({ watch }) => watch.check(signal)));
      const errors = results.flatMap((result) =>
        result.status === 'rejected' ? [result.reason as unknown] : [],
      );
      for (const error of errors) log.warn({ fault: toFault(error) }, 'upstream.check_failed');
      if (errors.length === members.length) throw passingFirst(errors);
    },
    start: (volatileRows) => {
      rows = volatileRows;
      for (const each of members) {
        each.breaker = createBreaker(each.upstream.name, volatileRows, () => clock.now());
        each.watch.start();
      }
    },
    stop: () => {
      stopping.abort();
      for (const { watch } of members) watch.stop();
    },
    view: () => ({
      ...members[0]?.watch.view(),
      isModelServed: members.some(isUsable),
      backEnds: members.map((each) => ({
        name: each.upstream.name,
        model: each.model,
        breaker: each.breaker?.state() ?? 'closed',
        capabilities: capabilities.of(each.upstream.name, each.model) ?? null,
        ...each.watch.view(),
      })),
    }),
  };
}

/** An outage may pass; only when every one of them needs a person does the start end. */
function passingFirst(errors: readonly unknown[]): unknown {
  return errors.find((error) => toFault(error).class !== 'operator') ?? errors[0];
}
