import { describe, expect, test } from 'vitest';
import { chat, coder, events, UpstreamCase } from './upstream-case.ts';

interface Choice {
  readonly delta: { role?: string; content?: string };
  readonly finish_reason: string | null;
  readonly logprobs: { content: { top_logprobs: unknown[] }[] } | null;
}
const chunksOf = (body: string): { choices: Choice[]; usage?: { total_tokens: number } }[] =>
  events(body)
    .filter((line) => line !== '[DONE]')
    .map((line) => JSON.parse(line) as { choices: Choice[] });

describe('answers of the inference API', () => {
  test('lists its models with prices, to key holders only', async () => {
    const api = new UpstreamCase();
    const listed = await api.hear(undefined, { path: '/v1/models' });
    const { data } = JSON.parse(listed.body) as { data: { id: string; input_price: number }[] };
    expect(data).toHaveLength(5);
    expect(data.find(({ id }) => id === chat.model)).toMatchObject({
      input_price: 0.4,
      context_length: 131_072,
    });
    expect((await api.hear(undefined, { path: '/v1/models', key: 'other' })).status).toBe(401);
  });

  test('tells the same text plain and streamed, and the same again', async () => {
    const api = new UpstreamCase();
    const plain = await api.hear(chat);
    const streamed = await api.hear({ ...chat, stream: true });
    const { choices, usage } = JSON.parse(plain.body) as {
      choices: { message: { content: string }; finish_reason: string }[];
      usage: { completion_tokens: number };
    };
    const chunks = chunksOf(streamed.body);
    expect(streamed.headers['content-type']).toContain('text/event-stream');
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
      choices[0]?.message.content,
    );
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe(choices[0]?.finish_reason);
    expect(chunks).toHaveLength(usage.completion_tokens + 2);
    expect(events(streamed.body).at(-1)).toBe('[DONE]');
    expect((await api.hear({ ...chat, seed: 1 })).body).not.toBe(plain.body);
  });

  test('adds a usage chunk only where it is asked for and known', async () => {
    const asked = { ...chat, stream: true, stream_options: { include_usage: true } };
    const [last] = chunksOf((await new UpstreamCase().hear(asked)).body).slice(-1);
    expect(last?.choices).toEqual([]);
    expect(last?.usage?.total_tokens).toBeGreaterThan(0);
    const without = chunksOf((await new UpstreamCase({ knowsStreamOptions: false }).hear(asked)).body);
    expect(without.some((chunk) => chunk.choices.length === 0)).toBe(false);
  });

  test('gives log probabilities with as many alternatives as asked', async () => {
    const body = { ...chat, stream: true, logprobs: true, top_logprobs: 5 };
    const chunks = chunksOf((await new UpstreamCase().hear(body)).body);
    expect(chunks[1]?.choices[0]?.logprobs?.content[0]?.top_logprobs).toHaveLength(5);
  });

  test('cuts at max_tokens and at a stop text', async () => {
    const api = new UpstreamCase();
    const short = JSON.parse((await api.hear({ ...chat, max_tokens: 3 })).body) as Record<string, unknown>;
    expect(short).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 3 } });
    const stopped = JSON.parse((await api.hear({ ...chat, stop: [' '] })).body) as Record<string, unknown>;
    expect(stopped).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: { completion_tokens: 1 } });
  });

  test('calls tools only where tool_choice says so and the model can', async () => {
    const api = new UpstreamCase();
    const tools = [{ type: 'function', function: { name: 'weather', parameters: {} } }];
    const called = await api.hear({ ...chat, model: coder, tools, tool_choice: 'auto' });
    expect(JSON.parse(called.body)).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] });
    expect((await api.hear({ ...chat, model: coder, tools })).body).not.toContain('weather');
    expect((await api.hear({ ...chat, tools, tool_choice: 'auto' })).body).not.toContain('weather');
  });

  test('counts requests, tokens and money, and keeps no prompt', async () => {
    const api = new UpstreamCase();
    await api.hear(chat);
    await api.hear({ ...chat, stream: true });
    expect(api.world.books()).toMatchObject({
      requests: 2,
      plain: 1,
      streamed: 1,
      failed: 0,
      abortedByClient: 0,
    });
    const tokens = Number(api.book('tokensIn')) + Number(api.book('tokensOut'));
    expect(api.book('costUsd')).toBeCloseTo((tokens * 0.4) / 1e6, 10);
    expect(JSON.stringify(api.world.books())).not.toContain('canary');
  });
});

describe('refusals of the inference API', () => {
  test.each([
    ['a wrong model', { ...chat, model: 'Qwen/QwQ-32B' }, {}, 404, ''],
    ['a path without /v1', chat, { path: '/chat/completions' }, 404, ''],
    ['a wrong key', chat, { key: 'other' }, 401, 'detail'],
    ['no messages', { model: chat.model }, {}, 422, 'messages'],
    ['empty messages', { ...chat, messages: [] }, {}, 422, 'messages'],
    ['21 alternatives', { ...chat, logprobs: true, top_logprobs: 21 }, {}, 422, 'top_logprobs'],
    ['alternatives without logprobs', { ...chat, top_logprobs: 5 }, {}, 422, 'logprobs'],
    ['both token limits', { ...chat, max_tokens: 5, max_completion_tokens: 5 }, {}, 400, 'BadRequestError'],
    ['more than the context', { ...chat, max_tokens: 200_000 }, {}, 400, 'context length'],
  ])('%s', async (_, body, options, status, text) => {
    const answer = await new UpstreamCase().hear(body, options);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(text);
    if (text === '') expect(answer.body).toBe('');
  });

  test('of unknown fields and of both limits depend on the dialect', async () => {
    const body = { ...chat, max_tokens: 5, max_completion_tokens: 5, skip_special_tokens: false };
    const lenient = new UpstreamCase({ rejectsBothMaxTokens: false });
    const strict = new UpstreamCase({ rejectsBothMaxTokens: false, rejectsUnknownFields: true });
    expect((await lenient.hear(body)).status).toBe(200);
    expect(await strict.hear(body)).toMatchObject({ status: 422 });
  });

  test('of the 61st request within one minute of world time', async () => {
    const api = new UpstreamCase({ requestsPerMinute: 60 });
    const burst = Array.from({ length: 61 }, () => api.send({ ...chat, max_tokens: 1 }));
    await api.clock.run(30_000);
    const last = await burst[60];
    expect(last).toMatchObject({ status: 429 });
    expect(await burst[59]).toMatchObject({ status: 200 });
    await api.clock.run(60_000);
    expect((await api.hear(chat)).status).toBe(200);
  });
});

describe('faults of the inference API', () => {
  test.each([
    ['error500', 500, 'Internal'],
    ['html524', 524, '<!DOCTYPE html>'],
    ['empty404', 404, ''],
    ['rateLimited', 429, 'Rate limit'],
    ['keyRefused', 401, 'credentials'],
    ['noCredit', 402, 'balance'],
    ['hang', 0, 'hang'],
    ['down', 0, 'drop'],
  ])('%s', async (fault, status, text) => {
    const api = new UpstreamCase();
    api.world.faults.set(fault, 1);
    const answer = await api.hear(chat);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(text);
    api.world.faults.set(fault, 0);
    expect((await api.hear(chat)).status).toBe(200);
  });

  test('a retired model leaves the list and answers 404', async () => {
    const api = new UpstreamCase();
    api.world.faults.set('modelGone', 2);
    expect((await api.hear(undefined, { path: '/v1/models' })).body).not.toContain(chat.model);
    expect(await api.hear(chat)).toMatchObject({ status: 404, body: '' });
  });

  test('a stream may end without [DONE] or carry an error', async () => {
    const api = new UpstreamCase();
    api.world.faults.set('endsWithoutDone', 1);
    expect((await api.hear({ ...chat, stream: true })).body).not.toContain('[DONE]');
    api.world.faults.set('errorChunk', 1);
    const broken = events((await api.hear({ ...chat, stream: true })).body);
    expect(JSON.parse(broken.at(-1) ?? '')).toMatchObject({ object: 'error', code: 500 });
    expect(api.book('failed')).toBe(2);
  });

  test('a stalled stream says nothing more until the caller hangs up', async () => {
    const api = new UpstreamCase();
    api.world.faults.set('stallMidStream', 1);
    const caller = new AbortController();
    let isOver = false;
    const heard = api.hear({ ...chat, stream: true }, { signal: caller.signal }).then(() => (isOver = true));
    await api.clock.run(3_600_000);
    expect(isOver).toBe(false);
    caller.abort();
    await heard;
    expect(api.world.books()).toMatchObject({ abortedByClient: 1, streamed: 0 });
  });

  test('an unknown fault cannot be switched', () => {
    expect(() => new UpstreamCase().world.faults.set('gremlin', 1)).toThrow(RangeError);
  });
});
