import { describe, expect, test } from 'vitest';
import { hyperbolicDialect, openAiDialect, vllmDialect } from '../../../src/adapters/upstream/dialect.ts';
import { readInferenceRequest } from '../../../src/server/inference/inference-request.ts';
import { mapRequest, type MappingTarget } from '../../../src/server/inference/request-mapping.ts';

const messages = [{ role: 'user', content: 'hello' }];
const model = 'meta-llama/Llama-3.3-70B-Instruct';
const all = { takesStreamOptions: true, takesLogprobs: true, takesSeed: true };
const hyperbolic: MappingTarget = {
  dialect: hyperbolicDialect,
  traits: { ...all, takesStreamOptions: false },
  model,
  isStreamForced: false,
};
const openAi: MappingTarget = { ...hyperbolic, dialect: openAiDialect, traits: all };

function mapped(raw: string, target: MappingTarget, kind: 'chat' | 'text' = 'chat'): string {
  const request = readInferenceRequest(kind, raw);
  if (!('fields' in request)) throw new Error(request.message);
  return mapRequest(request, target);
}
const sent = (body: object, target = hyperbolic): Record<string, unknown> =>
  JSON.parse(mapped(JSON.stringify({ messages, ...body }), target)) as Record<string, unknown>;

describe('mapping a request', () => {
  test('what the Network Node sends becomes what Hyperbolic takes', () => {
    const body = {
      model: 'Qwen/Qwen3-32B-FP8',
      logprobs: true,
      top_logprobs: 5,
      max_tokens: 5000,
      max_completion_tokens: 5000,
      seed: -7,
      stream: true,
      stream_options: { include_usage: true },
      skip_special_tokens: false,
      return_token_ids: true,
      logprobs_mode: 'processed_logprobs',
    };
    const { stream_options: _options, ...rest } = body;
    const { max_completion_tokens: _limit, skip_special_tokens: _skip, ...kept } = rest;
    const { return_token_ids: _ids, logprobs_mode: _mode, ...due } = kept;
    expect(sent(body)).toEqual({ ...due, model, messages });
  });

  test('a body in which nothing changes goes out as it came, to the byte', () => {
    const raw = `{ "seed" : 18446744073709551615, "model":"${model}", "messages":[ {"role":"user","content":"ü"} ]}`;
    expect(mapped(raw, openAi)).toBe(raw);
    expect(mapped(raw, { ...openAi, model: 'x' })).not.toBe(raw);
    const vllm = `{"model":"${model}","messages":[{"role":"user"}],"enforced_tokens":{"tokens":[]},"return_token_ids":true}`;
    expect(mapped(vllm, { ...openAi, dialect: vllmDialect })).toBe(vllm);
  });

  test.each(['9007199254740993', '-9223372036854775807', '18446744073709551615'])(
    'seed %s keeps its digits',
    (seed) => {
      expect(mapped(`{"messages":[{"role":"user"}],"seed":${seed}}`, hyperbolic)).toContain(`"seed":${seed}`);
    },
  );

  test('either token limit becomes max_tokens, the older one first', () => {
    expect(sent({ max_completion_tokens: 9 })).toMatchObject({ max_tokens: 9 });
    expect(sent({ max_completion_tokens: 9, max_tokens: 4 })).toMatchObject({ max_tokens: 4 });
    expect(sent({ max_completion_tokens: 9 })).not.toHaveProperty('max_completion_tokens');
    expect(sent({ max_tokens: null, max_completion_tokens: 9 })).toMatchObject({ max_tokens: 9 });
  });

  test('alternatives are capped, and dropped without logprobs', () => {
    expect(sent({ logprobs: true, top_logprobs: 50 })).toMatchObject({ top_logprobs: 20 });
    expect(sent({ top_logprobs: 5 })).not.toHaveProperty('top_logprobs');
  });

  test('what a probe found to be refused is left out', () => {
    const traits = { takesStreamOptions: false, takesLogprobs: false, takesSeed: false };
    const body = sent({ seed: 1, logprobs: true, top_logprobs: 5, stream: true }, { ...openAi, traits });
    expect(body).toEqual({ model, messages, stream: true });
  });

  test('tools are not lost to a default of none', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }];
    expect(sent({ tools })).toMatchObject({ tools, tool_choice: 'auto' });
    expect(sent({ tools, tool_choice: 'none' })).toMatchObject({ tool_choice: 'none' });
    expect(sent({ tools }, openAi)).not.toHaveProperty('tool_choice');
  });

  test('stream_options go only where they are known, and a stream asks for its usage there', () => {
    const asked = { stream: true, stream_options: { include_usage: true } };
    expect(sent(asked)).not.toHaveProperty('stream_options');
    expect(sent({ stream: true }, openAi)).toMatchObject(asked);
    expect(sent({}, { ...openAi, isStreamForced: true })).toMatchObject(asked);
    expect(sent({ stream_options: { include_usage: true } }, openAi)).not.toHaveProperty('stream_options');
    expect(sent({})).not.toHaveProperty('stream');
  });

  test('a text completion keeps its own fields', () => {
    const raw = JSON.stringify({ prompt: ['a', 'b'], echo: true, logprobs: 3, suffix: null });
    expect(JSON.parse(mapped(raw, hyperbolic, 'text'))).toEqual({
      model,
      prompt: ['a', 'b'],
      echo: true,
      logprobs: 3,
    });
  });
});
