/** The model that the mock serves under the very name that the gateway announces: nothing has to be restored. */
export const benchModel = 'Qwen/Qwen3-32B-FP8';

/** The caller's bearer token. */
export const benchToken = 'bench-caller-0123456789abcdef0123456789';

export const requestBytes = 1_024;
const answerBytes = 2_048;
export const eventsPerStream = 100;

/** What one exchange sends and what must come back, byte for byte. */
export interface Exchange {
  /** Head and body. */
  readonly request: Buffer;
  /** The answer's body, without any transfer coding. */
  readonly answer: Buffer;
}

/** Asks for one piece and gets `chat.completion`. */
export const plainExchange = (): Exchange => ({
  request: httpRequest(requestBody({})),
  answer: plainAnswer(),
});

/** Asks for a stream with usage and gets 100 events and `[DONE]`. */
export const streamExchange = (): Exchange => ({
  request: httpRequest(requestBody({ stream: true, stream_options: { include_usage: true } })),
  answer: Buffer.concat([...streamEvents(), streamEnd]),
});

export const streamEnd = Buffer.from('data: [DONE]\n\n');

/** The words of the streamed answer, put together. */
export const streamedText = (): string => words.join('');

/** The 100 events: role, words, finish reason, usage. */
export function streamEvents(): readonly Buffer[] {
  const choice = (delta: object, finishReason: string | null): object => ({
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  });
  return [
    choice({ role: 'assistant', content: '' }, null),
    ...words.map((content) => choice({ content }, null)),
    choice({}, 'stop'),
    { choices: [], usage },
  ].map((part) => Buffer.from(`data: ${JSON.stringify({ ...streamHead, ...part })}\n\n`));
}

const usage = { prompt_tokens: 211, completion_tokens: 97, total_tokens: 308 };
const head = { id: 'chatcmpl-7f3a9c21d0b84e5f', created: 1_790_000_000, model: benchModel };
const streamHead = { ...head, object: 'chat.completion.chunk' };
const words = Array.from({ length: eventsPerStream - 3 }, (_, index) => ` word${index % 10}`);

function plainAnswer(): Buffer {
  const text = (content: string): string =>
    JSON.stringify({
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: 'stop' }],
      usage,
    });
  return Buffer.from(text(prose(answerBytes - text('').length)));
}

function requestBody(extra: object): string {
  const text = (content: string): string =>
    JSON.stringify({
      model: benchModel,
      messages: [
        { role: 'system', content: 'You answer briefly.' },
        { role: 'user', content },
      ],
      max_tokens: 256,
      temperature: 0.7,
      seed: 42,
      ...extra,
    });
  return text(prose(requestBytes - text('').length));
}

/** Plain words of exactly that many characters, none of which JSON has to escape. */
const prose = (chars: number): string =>
  'the quick brown fox jumps over the lazy dog '.repeat(Math.ceil(chars / 44)).slice(0, chars);

function httpRequest(body: string): Buffer {
  const lines = [
    'POST /v1/chat/completions HTTP/1.1',
    'host: 127.0.0.1',
    `authorization: Bearer ${benchToken}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
