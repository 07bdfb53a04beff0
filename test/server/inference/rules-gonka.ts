import { expect } from 'vitest';
import { inferenceCase, linesOf, model, plain, streamed, withUsage } from './inference-case.ts';
import type { Rule } from './rule.ts';
import { done, piece, says, stallsAfter, tells, usage, whole } from './scripted-api.ts';

/** As the Network Node sends it (docs/reference/protocol.md "Chat body"). */
const ofNetworkNode = {
  ...plain,
  logprobs: true,
  top_logprobs: 5,
  max_tokens: 5000,
  max_completion_tokens: 5000,
  seed: -7,
  skip_special_tokens: false,
  return_token_ids: true,
  logprobs_mode: 'processed_logprobs',
};
const token = { token: 'hello', logprob: -0.1, bytes: [104], top_logprobs: [] };

/** Traps of the network's inference path (docs/reference/protocol.md "Pitfalls"). */
export const gonkaRules: readonly Rule[] = [
  {
    id: 'GP-45',
    rule: 'vLLM-only fields are stripped, the requested model id is restored in every chunk',
    check: async () => {
      const { api, ask } = await inferenceCase();
      api.scripts = [tells(piece('says "model":"their/model"'), piece('', 'stop'), usage, done)];
      const lines = await linesOf(await ask({ ...ofNetworkNode, ...withUsage }));
      const sent = JSON.parse(api.completions[0]?.body ?? '') as object;
      expect(Object.keys(sent).toSorted()).toEqual([
        'logprobs',
        'max_tokens',
        'messages',
        'model',
        'seed',
        'stream',
        'stream_options',
        'top_logprobs',
      ]);
      expect(sent).toMatchObject({ model: 'their/model' });
      const chunks = lines.slice(0, -1).map((line) => JSON.parse(line.slice(6)) as { model: string });
      expect(chunks.map((chunk) => chunk.model)).toEqual([model, model, model]);
      expect(lines[0]).toContain('says \\"model\\":\\"their/model\\"');
    },
  },
  {
    id: 'GP-46',
    rule: 'two token limits go out as one',
    check: async () => {
      const { api, ask } = await inferenceCase();
      api.scripts = [says(200, whole())];
      await ask(ofNetworkNode);
      expect(api.completions[0]?.body.match(/max_\w*tokens":5000/g)).toEqual(['max_tokens":5000']);
    },
  },
  {
    id: 'GP-47',
    rule: 'negative seeds and top_logprobs go as far as the back end takes them',
    check: async () => {
      const { api, ask } = await inferenceCase();
      api.scripts = [says(200, whole())];
      await ask({ ...ofNetworkNode, top_logprobs: 50 });
      expect(JSON.parse(api.completions[0]?.body ?? '')).toMatchObject({ seed: -7, top_logprobs: 20 });
    },
  },
  {
    id: 'GP-48',
    rule: 'token texts are passed as the back end wrote them: no numeric id is ever made up',
    check: async () => {
      const { api, ask } = await inferenceCase();
      const logprobs = { content: [token] };
      const choice = {
        index: 0,
        message: { role: 'assistant', content: 'hello' },
        finish_reason: 'stop',
        logprobs,
      };
      api.scripts = [says(200, whole({ choices: [choice] }))];
      expect(await (await ask(ofNetworkNode)).json()).toMatchObject({ choices: [choice] });
    },
  },
  {
    id: 'GP-49',
    rule: 'a validation replay is refused with 503 and reaches no back end, however it is written',
    check: async () => {
      const { api, ask } = await inferenceCase();
      const raw = JSON.stringify(plain).slice(0, -1);
      for (const body of [
        { ...plain, enforced_str: 'x' },
        { ...plain, stream: false, enforced_tokens: { tokens: [{ token: '1', top_tokens: ['1'] }] } },
        `${raw},"enforced_str":null,"enforced_str":"x"}`,
        `${raw},"enforced\\u005fstr":"x"}`,
        `${raw},"padding":"${'x'.repeat(20_000)}","enforced_tokens":{}}`,
        { enforced_tokens: {} },
        { ...plain, model: 'another/model', enforced_str: 'x' },
      ]) {
        expect((await ask(body)).status).toBe(503);
        expect((await ask(body, { path: '/v1/completions' })).status).toBe(503);
      }
      expect(api.completions).toEqual([]);
    },
  },
  {
    id: 'GP-50',
    rule: 'no line reaches 64 KiB: a stream that would have one breaks off instead',
    check: async () => {
      const { api, ask, counters } = await inferenceCase();
      api.scripts = [tells(piece('a'), piece('x'.repeat(70_000)), piece('', 'stop'), done)];
      const lines = await linesOf(await ask(streamed));
      expect([lines.length, lines.at(-1), counters.failed]).toEqual([3, '<broken>', 1]);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(65_536);
      const direct = await inferenceCase({ caller: 'direct' });
      direct.api.scripts = [tells(piece('x'.repeat(70_000)), piece('', 'stop'), done)];
      expect((await linesOf(await direct.ask(streamed))).at(-1)).toBe('data: [DONE]');
    },
  },
  {
    id: 'GP-51',
    rule: 'outages are 503 to the Network Node, our want of turns too; only faults of the request are 400',
    check: async () => {
      const { api, ask } = await inferenceCase({ settings: { HYPERBOLIC_REQUESTS_PER_MINUTE: '20' } });
      for (const [status, seen] of [
        [400, 400],
        [422, 400],
        [404, 503],
        [500, 503],
        [524, 503],
        [429, 503],
      ] as const) {
        const fresh = await inferenceCase();
        fresh.api.scripts = [says(status, '{}')];
        expect([status, (await fresh.ask(plain)).status]).toEqual([status, seen]);
      }
      api.scripts = [says(200, whole())];
      const burst = await Promise.all(Array.from({ length: 25 }, () => ask(plain)));
      expect(burst.filter(({ status }) => status === 503)).toHaveLength(5);
    },
  },
  {
    id: 'GP-52',
    rule: 'no health check asks for a completion',
    check: async () => {
      const { api, clock, origin, ask } = await inferenceCase();
      await clock.advanceBy(1_000_000);
      expect((await fetch(`${origin}/health`)).status).toBe(200);
      expect(api.completions).toEqual([]);
      api.scripts = [stallsAfter('nothing')];
      const caller = new AbortController();
      ask(plain, { signal: caller.signal }).catch(() => undefined);
      expect((await fetch(`${origin}/health`)).status).toBe(200);
      caller.abort();
    },
  },
  {
    id: 'GP-53',
    rule: "a prompt beyond the back end's context is a 400 for its own sake, sent once, and no fault of the back end",
    check: async () => {
      const { api, second, ask, backEnds } = await inferenceCase({ backEnds: 2 });
      api.scripts = [
        says(
          400,
          JSON.stringify({ object: 'error', message: 'maximum context length is 8 tokens', code: 400 }),
        ),
      ];
      for (let turn = 0; turn < 6; turn += 1) expect((await ask(plain)).status).toBe(400);
      expect([api.completions.length, second.completions.length]).toEqual([6, 0]);
      expect(backEnds.view()).toMatchObject({ backEnds: [{ breaker: 'closed' }, { breaker: 'closed' }] });
    },
  },
];
