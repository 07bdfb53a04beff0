import { describe, expect, test } from 'vitest';
import {
  hyperbolicDialect,
  mapChatRequest,
  openAiDialect,
} from '../../../src/adapters/upstream/request-mapping.ts';

const messages = [{ role: 'user', content: 'hello' }];
const model = 'meta-llama/Llama-3.3-70B-Instruct';
const hyperbolic = { dialect: hyperbolicDialect, model };
const sent = (body: object, options = hyperbolic): Record<string, unknown> =>
  JSON.parse(mapChatRequest(JSON.stringify({ messages, ...body }), options).body) as Record<string, unknown>;

describe('mapping a chat request', () => {
  test('what the Network Node sends becomes what Hyperbolic takes', () => {
    const mapped = mapChatRequest(
      JSON.stringify({
        messages,
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
      }),
      hyperbolic,
    );
    expect(JSON.parse(mapped.body)).toEqual({
      model,
      messages,
      logprobs: true,
      top_logprobs: 5,
      max_tokens: 5000,
      seed: -7,
      stream: true,
    });
    expect(mapped.asked).toEqual({
      model: 'Qwen/Qwen3-32B-FP8',
      isStream: true,
      includesUsage: true,
      isEnforced: false,
    });
  });

  test.each(['9007199254740993', '-9223372036854775807', '18446744073709551615'])(
    'seed %s keeps its digits',
    (seed) => {
      const { body } = mapChatRequest(`{"messages":[{}],"seed":${seed}}`, hyperbolic);
      expect(body).toContain(`"seed":${seed}`);
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

  test('tools are not lost to a default of none', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }];
    expect(sent({ tools })).toMatchObject({ tools, tool_choice: 'auto' });
    expect(sent({ tools, tool_choice: 'none' })).toMatchObject({ tool_choice: 'none' });
    expect(sent({ tools }, { dialect: openAiDialect, model })).not.toHaveProperty('tool_choice');
  });

  test('stream_options go only where they are known, and a forced stream asks for its usage', () => {
    const asked = { stream: true, stream_options: { include_usage: true } };
    expect(sent(asked)).not.toHaveProperty('stream_options');
    expect(sent(asked, { dialect: openAiDialect, model })).toMatchObject(asked);
    expect(sent({}, { dialect: openAiDialect, model, forceStream: true } as typeof hyperbolic)).toMatchObject(
      asked,
    );
    expect(sent({})).not.toHaveProperty('stream');
  });

  test.each(['enforced_str', 'enforced_tokens'])(
    'a validation replay by %s is told apart and stripped',
    (field) => {
      const mapped = mapChatRequest(JSON.stringify({ messages, [field]: 'x' }), hyperbolic);
      expect(mapped.asked.isEnforced).toBe(true);
      expect(mapped.body).not.toContain(field);
    },
  );

  test.each([
    ['no JSON', '{', 'REQUEST_NOT_JSON'],
    ['a list', '[]', 'REQUEST_NOT_JSON'],
    ['no messages', '{}', 'REQUEST_INVALID'],
    ['empty messages', '{"messages":[]}', 'REQUEST_INVALID'],
  ])('%s is refused', (_, body, code) => {
    expect(() => mapChatRequest(body, hyperbolic)).toThrow(expect.objectContaining({ code }) as Error);
  });
});
