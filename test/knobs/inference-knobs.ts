import { pino } from 'pino';
import { openAiDialect } from '../../src/adapters/upstream/dialect.ts';
import type { Upstream } from '../../src/adapters/upstream/interface.ts';
import type { Config } from '../../src/config/config.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { type BackEnds, createBackEnds } from '../../src/wiring/gateway/back-ends.ts';
import { createInferenceDesk } from '../../src/wiring/gateway/inference-desk.ts';
import type { Runtime } from '../../src/runtime/interface.ts';
import { nodeDefinition } from '../../src/wiring/registration/registration-effects.ts';
import { asked } from './node-knobs.ts';
import type { Knob } from './knob.ts';
import type { Place } from './place.ts';

const signal = new AbortController().signal;
const model = 'gov/model';

/** The back ends of these settings over wires that only count; they list the model whatever it is called there. */
export function backEndsOf(
  config: Config,
  place: Place,
): { backEnds: BackEnds; probes: { count: number }; start: () => Promise<void> } {
  const probes = { count: 0 };
  const clock = new VirtualClock(1_800_000_000_000);
  const store = openSqliteStore(':memory:');
  const met = config.backEnds.map(({ name, model: theirs }) => ({
    dialect: openAiDialect,
    upstream: {
      name,
      models: async () => [
        { id: theirs, contextLength: null, inputUsdPerMillion: null, outputUsdPerMillion: null },
      ],
      exchange: () => {
        throw new Error('nothing is exchanged here');
      },
      complete: () => {
        probes.count += 1;
        return new Promise(() => undefined);
      },
    } as unknown as Upstream,
  }));
  const backEnds = createBackEnds({
    config,
    met,
    clock,
    meta: store.meta,
    log: pino({ level: 'silent' }),
  });
  const rows = {
    send: () => undefined,
    row: () => undefined,
    open: () => undefined,
    onStep: () => () => undefined,
  } as unknown as Runtime;
  place.onEnd(() => {
    backEnds.stop();
    store.close();
  });
  return {
    backEnds,
    probes,
    start: async () => {
      backEnds.start(rows);
      await backEnds.check(signal);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** All that the gateway goes by. */
export const traitsOf = (config: Config, place: Place): unknown =>
  backEndsOf(config, place).backEnds.all.map(({ backEnd, model: theirs }) => ({
    name: backEnd.name,
    model: theirs,
    stream: backEnd.stream,
    limits: backEnd.limits,
    traits: backEnd.traits(theirs),
    // The clock stands still: who has to wait was over the limit.
    turns: Array.from({ length: 1_000 }, () => backEnd.takeTurn()).filter((wait) => wait === 0).length,
  }));

const listed = asked(async ({ backEnds }) =>
  Promise.all(backEnds.map(({ upstream }) => upstream.models(signal))),
);
const seen = 'how the back end is used';

/** Who answers inference, and for which models. */
export const inferenceKnobs: readonly Knob[] = [
  {
    name: 'HYPERBOLIC_API_KEY',
    seen: 'the key that the API is shown',
    values: ['first-key', 'second-key'],
    given: { HYPERBOLIC_BASE_URL: 'http://{one}' },
    observe: listed,
  },
  {
    name: 'HYPERBOLIC_BASE_URL',
    seen: 'who is asked for models',
    values: ['http://{one}', 'http://{two}'],
    observe: listed,
  },
  {
    name: 'MLNODE_INFERENCE_MODEL',
    seen: 'the model that is registered',
    values: ['gov/one', 'gov/two'],
    observe: (config) => nodeDefinition(config).models,
  },
  {
    name: 'HYPERBOLIC_MODEL',
    seen: 'the id that the API is asked for',
    values: ['', 'their/model'],
    given: { MLNODE_INFERENCE_MODEL: model },
    observe: traitsOf,
  },
  { name: 'HYPERBOLIC_STREAM', seen, values: ['always', 'asAsked'], observe: traitsOf },
  { name: 'HYPERBOLIC_STREAM_OPTIONS', seen, values: ['on', 'off'], observe: traitsOf },
  { name: 'HYPERBOLIC_REQUESTS_PER_MINUTE', seen, values: ['60', '600'], observe: traitsOf },
  {
    name: 'MODEL_TABLE',
    seen: 'the models that are offered, and whom they go to',
    values: ['nick/one=gov/model', 'nick/two=gov/model'],
    given: { MLNODE_INFERENCE_MODEL: model },
    observe: (config, place) => {
      const { all } = backEndsOf(config, place).backEnds;
      const desk = createInferenceDesk({ config, backEnds: all, account: () => undefined });
      return [desk.models(), desk.candidates('nick/one', { kind: 'networkNode', id: 'n' })?.length];
    },
  },
  {
    name: 'UPSTREAM_PROBE',
    seen: 'whether the back end is asked for a few tokens',
    values: ['on', 'off'],
    observe: async (config, place) => {
      const { probes, start } = backEndsOf(config, place);
      await start();
      return probes.count > 0;
    },
  },
  { name: 'UPSTREAM_FIRST_TOKEN_TIMEOUT', seen, values: ['60', '120'], observe: traitsOf },
  { name: 'INFERENCE_FORWARD_TIMEOUT', seen, values: ['60', '120'], observe: traitsOf },
];
