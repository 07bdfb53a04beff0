import { describe, expect, it } from 'vitest';
import { soundAnswer } from '../../../src/server/inference/sound-answer.ts';

const choice = {
  index: 0,
  message: { role: 'assistant', content: 'a "quoted" \\ text' },
  finish_reason: 'stop',
};
const usage = { prompt_tokens: 211, completion_tokens: 97 };
const answer = { id: 'c', object: 'chat.completion', model: 'their/model', choices: [choice], usage };
const told = (change: object): string => JSON.stringify({ ...answer, ...change });

describe('an answer that may go on unparsed', () => {
  it('has one choice with a text, and its usage; both are read from it', () => {
    expect(soundAnswer(told({}), 'chat')).toEqual({
      model: 'their/model',
      tokens: { promptTokens: 211, completionTokens: 97 },
    });
  });

  it('may come with white space between its fields', () => {
    expect(soundAnswer(JSON.stringify(answer, null, 1).replace('[\n  {', '[{'), 'chat')).toBeDefined();
  });

  it('is a completion with its text as well', () => {
    expect(soundAnswer(told({ choices: [{ index: 0, text: 'so' }] }), 'text')).toBeDefined();
    expect(soundAnswer(told({ choices: [{ index: 0, text: 'so' }] }), 'chat')).toBeUndefined();
    expect(soundAnswer(told({}), 'text')).toBeUndefined();
  });

  it.each([
    ['two choices', { choices: [choice, choice] }],
    ['no choice', { choices: [] }],
    ['no usage', { usage: undefined }],
    ['usage that is none', { usage: null }],
    ['an error inside', { error: { message: 'no', code: 500 } }],
    ['the object "error"', { object: 'error' }],
    ['an engine that gave up', { choices: [{ ...choice, finish_reason: 'abort' }] }],
    ['a reason that clients do not know', { choices: [{ ...choice, finish_reason: 'eos' }] }],
    ['a stop reason that is a number', { choices: [{ ...choice, stop_reason: 151_643 }] }],
    ['no text beside tool calls', { choices: [{ ...choice, message: { content: null, tool_calls: [{}] } }] }],
    ['text in pieces', { choices: [{ ...choice, message: { content: [{ type: 'text', text: 'x' }] } }] }],
    ['no message', { choices: [{ index: 0 }] }],
  ])('is not one with %s', (_, change) => {
    expect(soundAnswer(told(change), 'chat')).toBeUndefined();
  });

  it('is not one that breaks off, wherever it does', () => {
    const whole = told({});
    for (let length = 0; length < whole.length; length += 1) {
      expect(soundAnswer(whole.slice(0, length), 'chat')).toBeUndefined();
    }
  });
});
