import { describe, expect, test } from 'vitest';
import { CompletionStream } from '../../../src/server/inference/completion-stream.ts';
import { chunk, usageChunk } from '../scripted-upstream.ts';

const data = (...values: (object | string)[]): string[] =>
  values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
const run = (events: readonly string[]) => {
  const stream = new CompletionStream('governance/model');
  const lines = stream.take(events);
  return { stream, lines };
};

describe('a streamed completion', () => {
  test('is passed on as one data line a chunk, the model restored', () => {
    const { stream, lines } = run(data(chunk('Zü'), chunk('', 'stop')));
    const parsed = lines.split('\n\n').filter(Boolean);
    expect(parsed.map((line) => line.slice(0, 6))).toEqual(['data: ', 'data: ']);
    expect(parsed.map((line): unknown => JSON.parse(line.slice(6)))).toEqual([
      { ...chunk('Zü'), model: 'governance/model' },
      { ...chunk('', 'stop'), model: 'governance/model' },
    ]);
    expect(stream.verdict).toBeUndefined();
  });
  test('keeps a chunk of several data lines on one line', () => {
    const { lines } = run(['{"choices":[],\n"usage":{}}']);
    expect(lines).toBe('data: {"choices":[],"usage":{},"model":"governance/model"}\n\n');
  });
  test('is complete at [DONE] after a finish reason, and ignores what follows', () => {
    const { stream, lines } = run(data(chunk('a', 'stop'), usageChunk, '[DONE]', chunk('b'), '[DONE]'));
    expect(lines.split('\n\n').filter(Boolean)).toHaveLength(2);
    expect(stream.verdict).toBe('complete');
    expect(stream.tokens).toEqual({ promptTokens: 7, completionTokens: 3 });
  });
  test('is complete without [DONE] when a finish reason was seen', () => {
    const { stream } = run(data(chunk('a', 'length')));
    stream.end();
    expect(stream.verdict).toBe('complete');
    expect(stream.tokens).toEqual({ promptTokens: null, completionTokens: null });
  });
  test('is cut short without a finish reason, with or without [DONE]', () => {
    const { stream } = run(data(chunk('a')));
    stream.end();
    expect(stream.verdict).toMatchObject({ status: 503, code: 'UPSTREAM_BROKEN' });
    expect(run(data(chunk('a'), '[DONE]')).stream.verdict).toMatchObject({ code: 'UPSTREAM_BROKEN' });
  });
  test.each([
    ['vLLM’s error', { object: 'error', message: 'sk-canary', code: 429 }, 429],
    ['an error object', { error: { message: 'sk-canary', code: 'x' } }, 503],
    ['a bare error text', { error: 'sk-canary' }, 503],
    ['text mixed with JSON', 'oops {"error":{"message":"sk-canary"}}', 503],
    ['a chunk that is no object', '7', 503],
    ['a chunk without choices', { id: 'c1' }, 503],
    ['a numeric finish reason', { choices: [{ finish_reason: 7 }] }, 503],
  ])('fails at %s and passes nothing of it on', (_name, bad, status) => {
    const { stream, lines } = run(data(chunk('a'), bad, chunk('b', 'stop')));
    expect(lines.split('\n\n').filter(Boolean)).toHaveLength(1);
    expect(lines).not.toContain('sk-canary');
    expect(stream.verdict).toMatchObject({ status });
  });
});
