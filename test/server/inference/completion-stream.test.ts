import { describe, expect, test } from 'vitest';
import { CompletionStream } from '../../../src/server/inference/completion-stream.ts';
import { chunk, usageChunk } from '../scripted-upstream.ts';

const text = (value: object | string): string => (typeof value === 'string' ? value : JSON.stringify(value));
/** A stream that read these events; `[DONE]` ends it. */
const after = (...events: readonly (object | string)[]) => {
  const stream = new CompletionStream('chat');
  const read = events.map((event) => (event === '[DONE]' ? stream.end() : stream.read(text(event))));
  return { stream, read };
};
const of = (index: number, finishReason: string | null) => ({
  choices: [{ index, delta: { content: 'x' }, finish_reason: finishReason }],
});

describe('a streamed completion', () => {
  test('is complete at its end when every choice that began has a finish reason', () => {
    for (const events of [[chunk('a', 'stop')], [of(0, null), of(1, 'stop'), of(0, 'length')]]) {
      const { stream } = after(...events);
      expect(stream.verdict).toBeUndefined();
      stream.end();
      expect(stream.verdict).toBe('complete');
    }
  });
  test('is cut short without one, with or without [DONE]', () => {
    for (const events of [[chunk('a')], [], [of(0, 'stop'), of(1, null)]]) {
      expect(after(...events, '[DONE]').stream.verdict).toMatchObject({
        status: 503,
        code: 'UPSTREAM_BROKEN',
      });
    }
  });
  test('counts what passes: the stated usage, else log probabilities, else pieces of text', () => {
    expect(after(chunk('a', 'stop'), usageChunk).stream.tokens).toEqual({
      promptTokens: 7,
      completionTokens: 3,
    });
    const probed = {
      choices: [{ index: 0, delta: { content: 'abc' }, logprobs: { content: [{}, {}, {}] } }],
    };
    expect(after(chunk('a'), chunk(''), probed).stream.seenTokens).toBe(4);
  });
  test('knows a usage chunk by its empty choices', () => {
    expect(after(chunk('a'), usageChunk).read.map((read) => read?.isUsageOnly)).toEqual([false, true]);
  });

  test.each([
    [
      'a null delta',
      { choices: [{ delta: null, finish_reason: 'stop' }] },
      { delta: {}, finish_reason: 'stop' },
    ],
    ['a missing delta', { choices: [{ index: 0 }] }, { index: 0, delta: {} }],
    [
      'content in parts',
      { choices: [{ delta: { content: [{ text: 'a' }, { text: 'b' }] } }] },
      { delta: { content: 'ab' } },
    ],
    ['a numeric stop reason', { choices: [{ delta: {}, stop_reason: 7 }] }, { delta: {}, stop_reason: '7' }],
    [
      'another word for the end',
      { choices: [{ delta: { content: 'a' }, finish_reason: 'eos' }] },
      { delta: { content: 'a' }, finish_reason: 'stop' },
    ],
  ])('mends %s', (_name, given, mended) => {
    expect(after(given).read[0]).toMatchObject({ isChanged: true, object: { choices: [mended] } });
  });

  test.each([
    ['vLLM’s error', { object: 'error', message: 'sk-canary', code: 429 }, 429],
    ['an error object', { error: { message: 'sk-canary', code: 'x' } }, 503],
    ['a bare error text', { error: 'sk-canary' }, 503],
    ['text mixed with JSON', 'oops {"error":{"message":"sk-canary","code":429}}', 429],
    ['text that is no JSON', 'oops', 503],
    ['a chunk that is no object', '7', 503],
    ['a chunk without choices', { id: 'c1' }, 503],
    ['a choice that is none', { choices: [null] }, 503],
    ['a numeric finish reason', { choices: [{ delta: {}, finish_reason: 7 }] }, 503],
    ['an end that the engine gave up on', { choices: [{ delta: {}, finish_reason: 'abort' }] }, 503],
    ['an unknown end before any text', { choices: [{ delta: {}, finish_reason: 'eos' }] }, 503],
  ])('fails at %s', (_name, bad, status) => {
    const { stream, read } = after(bad, chunk('b', 'stop'));
    expect(read[0]).toBeUndefined();
    expect(stream.verdict).toMatchObject({ status });
    expect(JSON.stringify(stream.verdict)).not.toContain('canary');
  });
});
