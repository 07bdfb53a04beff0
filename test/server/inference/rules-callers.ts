import { expect, onTestFinished, vi } from 'vitest';
import { serveUpstream } from '../../../src/sandbox/upstream.ts';
import { apiKey, coder, llama } from '../../world/upstream/upstream-case.ts';
import { inferenceCase, model, plain } from './inference-case.ts';
import type { Rule } from './rule.ts';
import { says, whole } from './scripted-api.ts';

const content = (parts: unknown) => ({ ...plain, messages: [{ role: 'user', content: parts }] });

/** What callers may ask, and what they get that the back end did not say in that form. */
export const callerRules: readonly Rule[] = [
  {
    id: 'HYP-H26',
    rule: 'content in parts and null fields are accepted, no messages are a 400; nothing is a 500',
    check: async () => {
      const { api, ask } = await inferenceCase();
      api.scripts = [says(200, whole())];
      for (const [body, status] of [
        [content([{ type: 'text', text: 'hi' }]), 200],
        [content(null), 200],
        [{ ...plain, stop: null, seed: null, tools: null, stream: null, max_tokens: null }, 200],
        [{ model, messages: [] }, 400],
        [{ model, messages: null }, 400],
        [{ model, messages: {} }, 400],
        [{ ...plain, model: 7 }, 400],
        [{ ...plain, model: null }, 200],
      ] as const) {
        expect([body, (await ask(body)).status]).toEqual([body, status]);
      }
      expect(api.completions.at(-1)?.body).not.toContain('null');
    },
  },
  {
    id: 'HYP-H28',
    rule: 'HEAD, OPTIONS, unknown paths, health and the model list never touch the back end',
    check: async () => {
      const { api, origin, ask } = await inferenceCase();
      await vi.waitFor(() => expect(api.lists).toBe(2));
      for (const [method, path] of [
        ['HEAD', '/v1/chat/completions'],
        ['OPTIONS', '/v1/chat/completions'],
        ['GET', '/v1/chat/completions'],
        ['POST', '/v1/embeddings'],
        ['GET', '/health'],
        ['GET', '/livez'],
        ['GET', '/v1/models'],
      ] as const) {
        expect((await fetch(origin + path, { method })).status).toBeLessThan(500);
      }
      expect((await ask({ model, prompt: 'how many?' }, { path: '/tokenize' })).status).toBe(404);
      expect([api.completions, api.lists]).toEqual([[], 2]);
    },
  },
  {
    id: 'HYP-H31',
    rule: 'an answer put together from a stream equals the plain one',
    check: async () => {
      const served = await serveUpstream({ port: 0, speed: 2_000, originMs: Date.now(), seed: 3, apiKey });
      onTestFinished(() => served.close());
      const url = `http://127.0.0.1:${served.port}/v1`;
      const { ask } = await inferenceCase({
        settings: {
          HYPERBOLIC_BASE_URL: url,
          HYPERBOLIC_API_KEY: apiKey,
          HYPERBOLIC_MODEL: llama,
          HYPERBOLIC_STREAM: 'always',
          MODEL_TABLE: `${coder}=${coder}`,
        },
      });
      const tools = [{ type: 'function', function: { name: 'look', parameters: {} } }];
      for (const body of [
        plain,
        { ...plain, n: 3, max_tokens: 9 },
        { ...plain, logprobs: true, top_logprobs: 5, seed: -3 },
        { ...plain, model: coder, tools, tool_choice: 'auto' },
        { ...plain, stop: [' the'] },
      ]) {
        const theirs = body.model === model ? llama : body.model;
        const native = await fetch(`${url}/chat/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
          body: JSON.stringify({ ...body, model: theirs }),
        });
        const expected = {
          ...((await native.json()) as object),
          model: body.model,
          created: expect.any(Number),
        };
        expect(await (await ask(body)).json()).toEqual(expected);
      }
    },
  },
];
