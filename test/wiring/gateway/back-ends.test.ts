import { describe, expect, it, vi } from 'vitest';
import {
  inferenceCase,
  linesOf,
  model,
  plain,
  streamed,
  withUsage,
} from '../../server/inference/inference-case.ts';
import { done, piece, says, tells, usage, whole } from '../../server/inference/scripted-api.ts';
import { RequestTurns } from '../../../src/wiring/poc/request-turns.ts';
import { configWith } from '../settings.ts';

const named = (id: string) => ({ ...plain, model: id });
const table = 'nick/name=gov/model,only/second=their/model@upstream-2,small/model~tiny/model';

describe('several back ends', () => {
  it('serve in their order of preference, and the next one while one rests', async () => {
    const { api, second, ask, backEnds, clock } = await inferenceCase({ backEnds: 2 });
    api.scripts = [says(200, whole()), says(429, '', { 'retry-after': '30' }), says(200, whole())];
    second.scripts = [says(200, whole())];
    const asked = async (): Promise<number[]> => {
      expect((await ask(plain)).status).toBe(200);
      return [api.completions.length, second.completions.length];
    };
    expect(await asked()).toEqual([1, 0]);
    expect(await asked()).toEqual([2, 1]);
    expect(await asked()).toEqual([2, 2]);
    await clock.advanceBy(30_000);
    expect(await asked()).toEqual([3, 2]);
    expect(backEnds.isHealthy()).toBe(true);
  });

  it('are not healthy once the last of them has been left alone for half a minute, and say since when', async () => {
    const { api, ask, backEnds, clock, rows, desk } = await inferenceCase();
    desk.now = { ...desk.now, isInferenceHealthy: backEnds.isHealthy() };
    api.scripts = [says(500, '')];
    api.models = 500;
    for (let fault = 0; fault < 5; fault += 1) await ask(plain);
    expect(backEnds.isHealthy()).toBe(true);
    for (let pause = 0; pause < 4; pause += 1) {
      const { lists } = api;
      await clock.advanceBy(40_000);
      await vi.waitFor(() => expect(api.lists).toBeGreaterThan(lists));
    }
    expect(backEnds.isHealthy()).toBe(false);
    expect(rows.alerts()).toMatchObject([{ key: 'breaker:hyperbolic', code: 'UPSTREAM_UNREACHABLE' }]);
  });

  it('are told apart by their keys', async () => {
    const { api, second, ask } = await inferenceCase({ backEnds: 2 });
    api.scripts = [says(500, '')];
    second.scripts = [says(200, whole())];
    await ask(plain);
    expect([api, second].map(({ completions }) => completions[0]?.headers.authorization)).toEqual([
      'Bearer upstream-canary',
      'Bearer second-canary',
    ]);
  });
});

describe('the model table', () => {
  it('gives other spellings to everybody, and other weights to direct clients only', async () => {
    for (const caller of ['networkNode', 'direct'] as const) {
      const { api, second, ask, origin } = await inferenceCase({
        backEnds: 2,
        caller,
        settings: { MODEL_TABLE: table },
      });
      api.models = ['their/model', 'tiny/model'];
      api.scripts = second.scripts = [says(200, whole())];
      const answer = await ask(named('nick/name'));
      expect(((await answer.json()) as { model: string }).model).toBe('nick/name');
      expect((await ask(named('only/second'))).status).toBe(200);
      expect([api.completions.length, second.completions.length]).toEqual([1, 1]);
      expect((await ask(named('tiny/model'))).status).toBe(404);
      await vi.waitFor(() => expect(api.lists).toBe(2));
      const small = await ask(named('small/model'));
      expect(small.status).toBe(caller === 'direct' ? 200 : 404);
      if (caller === 'direct') expect(api.completions.at(-1)?.body).toContain('tiny/model');
      const list = (await (await fetch(`${origin}/v1/models`)).json()) as { data: { id: string }[] };
      expect(list.data.map(({ id }) => id)).toEqual(
        expect.arrayContaining([model, 'nick/name', 'only/second', 'small/model']),
      );
    }
  });

  it.each([
    ['asked', 'MODEL_TABLE (environment) must be rows of asked=served'],
    ['a=b@nobody', 'MODEL_TABLE names the back end nobody'],
    ['gov/model~other/model', 'MODEL_TABLE gives other weights for gov/model'],
  ])('%s is refused at the start', (value, message) => {
    const settings = { MODEL_TABLE: value, MLNODE_INFERENCE_MODEL: 'gov/model' };
    expect(() => configWith(settings)).toThrow(message);
  });
});

describe('a further back end', () => {
  it('needs a key and a name of its own', () => {
    const settings = { UPSTREAM_2_BASE_URL: 'https://x.example', UPSTREAM_2_NAME: 'hyperbolic' };
    expect(() => configWith(settings)).toThrow(
      /UPSTREAM_2_API_KEY is not set[^]*UPSTREAM_2_NAME is hyperbolic, as another back end's/,
    );
  });
});

describe('what a back end can do', () => {
  it('is probed once, and decides what is sent and what is made up', async () => {
    const { api, ask, backEnds, clock } = await inferenceCase({
      settings: { UPSTREAM_PROBE: 'on', HYPERBOLIC_STREAM_OPTIONS: 'auto' },
      scripts: [tells(piece('a', 'length'), done), tells(piece('b', 'stop'), done)],
    });
    await vi.waitFor(() =>
      expect(backEnds.view()).toMatchObject({
        backEnds: [
          { capabilities: { takesStreamOptions: true, isUsageInStream: false, logprobs: 'ignored' } },
        ],
      }),
    );
    expect(JSON.parse(api.completions[0]?.body ?? '')).toMatchObject({ max_tokens: 1, seed: -1 });
    const lines = await linesOf(await ask(withUsage));
    expect(api.completions[1]?.body).not.toContain('stream_options');
    expect(lines).toHaveLength(3);
    const { lists } = api;
    await clock.advanceBy(300_000);
    await vi.waitFor(() => expect(api.lists).toBeGreaterThan(lists));
    expect(api.completions).toHaveLength(2);
  });

  it('is taken from the operator where he says so', async () => {
    const { api, ask } = await inferenceCase({ settings: { HYPERBOLIC_STREAM_OPTIONS: 'off' } });
    api.scripts = [tells(piece('a', 'stop'), usage, done)];
    await linesOf(await ask(streamed));
    expect(api.completions[0]?.body).not.toContain('stream_options');
  });
});

describe('turns within a minute', () => {
  it('are as many as the tier has, in any minute', () => {
    const turns = new RequestTurns(2);
    expect([turns.take(0), turns.take(10), turns.take(20), turns.take(59_999)]).toEqual([0, 0, 59_980, 1]);
    expect([turns.take(60_000), turns.take(60_001)]).toEqual([0, 9]);
  });
});
