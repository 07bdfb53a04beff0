import { assert, nat, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkMould } from '../../../src/server/inference/chunk-mould.ts';
import type { Fields } from '../../../src/server/inference/completion-chunk.ts';

const chunk = (content: string, choice: object = {}, rest: object = {}): string =>
  JSON.stringify({
    id: 'c-1',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null, ...choice }],
    ...rest,
  });
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
const mouldOf = (text: string): ChunkMould | undefined =>
  ChunkMould.of(latin1(text), JSON.parse(latin1(text)) as Fields);
const measured = (mould: ChunkMould | undefined, text: string): number => {
  const bytes = Buffer.from(`data: ${text}\n\n`);
  return mould?.textBytes(bytes, 0, bytes.length) ?? Number.NaN;
};

describe('the form of a chunk', () => {
  test('fits another text, of any language, and tells its bytes', () => {
    const mould = mouldOf(chunk(' word'));
    expect(measured(mould, chunk(' world'))).toBe(6);
    expect(measured(mould, chunk('жук'))).toBe(6);
    expect(measured(mould, chunk(''))).toBe(0);
  });

  test('is taken of a text beyond ASCII as well', () => {
    expect(measured(mouldOf(chunk('ключ')), chunk('x'))).toBe(1);
  });

  test.each([
    ['an escape', chunk('a"b')],
    ['a line feed in the text', chunk('a\nb')],
    ['a raw control character, which is no JSON', chunk('a').replace('"a"', '"\u0001"')],
    ['a finish', chunk('a', { finish_reason: 'stop' })],
    ['another index', chunk('a', { index: 1 })],
    ['a usage', chunk('a', {}, { usage: { prompt_tokens: 1 } })],
    ['a longer text than is looked at', chunk('a'.repeat(300))],
    ['an error', '{"error":{"message":"gone","code":500}}'],
    ['half a chunk', chunk('a').slice(0, -4)],
  ])('does not fit %s', (_, text) => {
    expect(measured(mouldOf(chunk(' word')), text)).toBe(-1);
  });

  test.each([
    ['a finish', chunk('a', { finish_reason: 'stop' })],
    ['a usage', chunk('a', {}, { usage: {} })],
    ['log probabilities', chunk('a', { logprobs: { content: [] } })],
    ['two choices', chunk('a', {}, { choices: [{ delta: { content: 'a' } }, { delta: { content: 'b' } }] })],
    ['no text', chunk('a', { delta: { role: 'assistant' } })],
    ['an escaped text', chunk('a"')],
    ['two fields of that name', chunk('a', { delta: { content: 'a', tool: { content: 'a' } } })],
  ])('is not taken of a chunk with %s', (_, text) => {
    expect(mouldOf(text)).toBeUndefined();
  });

  test('never fits what parses to anything but the same chunk with another text', () => {
    const mould = mouldOf(chunk(' word'));
    assert(
      property(string({ unit: 'binary', maxLength: 12 }), nat(), nat(255), (word, place, byte) => {
        const bytes = Buffer.from(`data: ${chunk(word)}\n\n`);
        bytes[place % bytes.length] = byte;
        const length = mould?.textBytes(bytes, 0, bytes.length) ?? -1;
        if (length < 0) return;
        const read = JSON.parse(bytes.toString('latin1', 6)) as { choices: [{ delta: { content: string } }] };
        const text = read.choices[0].delta.content;
        expect(text).toHaveLength(length);
        expect(read).toEqual(JSON.parse(chunk(text)));
      }),
      { numRuns: 2_000 },
    );
  });
});
