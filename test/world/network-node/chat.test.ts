import { afterEach, describe, expect, it } from 'vitest';
import type { WorldAnswer, WorldCall } from '../../../src/world/exchange.ts';
import { chatBody } from '../../../src/world/network-node/chat-body.ts';
import { judgeChat } from '../../../src/world/network-node/chat-judge.ts';
import { mergedArgs } from '../../../src/world/network-node/merged-args.ts';
import { NetworkNodeBench, nodeBody, pocStart } from './network-node-bench.ts';

const model = 'Qwen/QwQ-32B';

describe('a chat body on its way to an ML node', () => {
  it('is completed as the protocol says, with its keys in order at every depth', () => {
    const client = {
      stream: true,
      model,
      messages: [{ role: 'user', content: 'hi' }],
      tools: [{ b: 1, a: 2 }],
    };
    expect(JSON.stringify(chatBody(client, -5))).toBe(
      '{"logprobs":true,"max_completion_tokens":5000,"max_tokens":5000,' +
        '"messages":[{"content":"hi","role":"user"}],"model":"Qwen/QwQ-32B","seed":-5,"skip_special_tokens":false,' +
        '"stream":true,"stream_options":{"include_usage":true},"tools":[{"a":2,"b":1}],"top_logprobs":5}',
    );
  });

  it("keeps the client's own seed, limit and larger top_logprobs", () => {
    const body = chatBody({ model, max_completion_tokens: 9, seed: 3, top_logprobs: 20 }, 1);
    expect(body).toMatchObject({ max_tokens: 9, max_completion_tokens: 9, seed: 3, top_logprobs: 20 });
    expect(body).not.toHaveProperty('stream_options');
  });
});

const plain = (change: object = {}): WorldAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    model,
    choices: [{ message: { content: 'x' } }],
    usage: { prompt_tokens: 1, completion_tokens: 2 },
    ...change,
  }),
});
const chunk = (change: object = {}): string =>
  `data: ${JSON.stringify({ model, choices: [{ delta: { content: 'x' } }], ...change })}`;
const usage = chunk({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } });
const stream = (...lines: string[]): WorldAnswer => ({
  status: 200,
  headers: { 'content-type': 'text/event-stream; charset=utf-8' },
  body: lines.map((line) => `${line}\n\n`).join(''),
});

describe('the judgement of a chat answer', () => {
  it('accepts what a vLLM answers, plain and streamed', () => {
    expect(judgeChat(plain(), model, false).fault).toBeUndefined();
    expect(judgeChat(stream(chunk(), usage, 'data: [DONE]'), model, true).fault).toBeUndefined();
  });

  it.each([
    ['an error', { ...plain(), status: 503 }, false, 'answered 503'],
    ['another model', plain({ model: 'x' }), false, 'another model'],
    ['no usage', plain({ usage: null }), false, 'no usage'],
    ['no content', plain({ choices: [{ message: { content: '' } }] }), false, 'no content in any choice'],
    ['HTML', { ...plain(), body: '<html>' }, false, 'body is no JSON object'],
    ['a plain answer to a stream', plain(), true, 'content type application/json'],
    ['a comment line', stream(': ping', chunk(), usage, 'data: [DONE]'), true, 'a line that is no data line'],
    ['no end', stream(chunk(), usage), true, 'no [DONE] at the end'],
    ['no usage chunk', stream(chunk(), 'data: [DONE]'), true, 'no usage'],
    [
      'another model in one chunk',
      stream(chunk({ model: 'x' }), usage, 'data: [DONE]'),
      true,
      'another model',
    ],
    [
      'a line of 64 KiB',
      stream(chunk({ pad: 'x'.repeat(65_536) }), usage, 'data: [DONE]'),
      true,
      'a line beyond 64 KiB',
    ],
  ])('finds %s', (_what, answer, isStream, fault) => {
    expect(judgeChat(answer, model, isStream).fault).toBe(fault);
  });
});

describe('arguments of a model start', () => {
  it('puts governance first and drops local ones that it sets, and short flags', () => {
    expect(
      mergedArgs(['--tp', '4', '--eager'], ['--tp', '1', '-q', 'fp8', '--len', '10', '--flag', '--eager']),
    ).toEqual(['--tp', '4', '--eager', '--len', '10', '--flag']);
  });
});

describe('chat requests through registered nodes', () => {
  let bench: NetworkNodeBench;
  afterEach(() => bench.close());

  const figures = (): unknown => bench.node.books()['inference'];

  async function chatting(answer: (isStream: boolean) => WorldAnswer): Promise<WorldCall[]> {
    bench = new NetworkNodeBench({ chatIntervalMs: 20_000 });
    const sent: WorldCall[] = [];
    bench.mlNode.intercept = (name, call) => {
      if (name !== 'POST :inference/v1/chat/completions') return undefined;
      sent.push(call);
      return Promise.resolve(answer(call.body.includes('"stream":true')));
    };
    await bench.admin('POST', '/nodes', nodeBody);
    return sent;
  }

  it('alternate plain and streamed while the node serves, and pause while it is in PoC', async () => {
    const sent = await chatting((isStream) => (isStream ? stream(chunk(), usage, 'data: [DONE]') : plain()));
    await bench.toHeight(pocStart - 1);
    expect(sent.length).toBeGreaterThanOrEqual(4);
    expect(figures()).toMatchObject({
      requests: sent.length,
      failed: 0,
      streamed: Math.floor(sent.length / 2),
    });
    expect(sent[0]?.headers).toEqual({
      'user-agent': 'Go-http-client/1.1',
      'content-type': 'application/json',
    });
    const before = sent.length;
    await bench.toHeight(pocStart + 180);
    expect(sent.length).toBeLessThanOrEqual(before + 1);
  });

  it('stop for a node that brought nothing in a PoC, once the epoch switches', async () => {
    const sent = await chatting(() => plain());
    await bench.toHeight(pocStart + 300);
    const before = sent.length;
    expect(before).toBeGreaterThan(5);
    await bench.toHeight(pocStart + 400);
    expect(sent.length - before).toBeLessThanOrEqual(2);
  });

  it('are counted as failed with the reason', async () => {
    const sent = await chatting(() => ({ status: 502, body: 'bad gateway' }));
    await bench.toHeight(pocStart - 1);
    expect(figures()).toMatchObject({ failed: sent.length, failures: { 'answered 502': sent.length } });
  });
});
