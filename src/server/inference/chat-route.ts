import type { FastifyBaseLogger, FastifyInstance, FastifyReply } from 'fastify';
import type { UpstreamAnswer } from '../../adapters/upstream/interface.ts';
import { HybridError } from '../../errors.ts';
import { rawBodyOf } from '../mlnode-api/raw-body.ts';
import { callerLeft } from './caller-left.ts';
import { type ChatRequest, readChatRequest } from './chat-request.ts';
import { readCompletion, type TokenCounts, unknownTokens } from './completion-answer.ts';
import { CompletionStream } from './completion-stream.ts';
import type { InferenceCounters } from './counters.ts';
import type { InferenceDesk } from './desk.ts';
import { openaiError } from './openai-error.ts';
import { SseParser } from './sse-parser.ts';
import { SseWriter } from './sse-writer.ts';
import { badAnswer, type ClientFailure, failureOfError } from './status-table.ts';
import { callUpstream, collectBody } from './upstream-call.ts';

export interface ChatOptions {
  readonly desk: InferenceDesk;
  readonly counters: InferenceCounters;
  readonly log: FastifyBaseLogger;
}

/** How one request ended, for the books. */
type Ending = 'complete' | { readonly failure: ClientFailure };

/** `POST /v1/chat/completions`, plain and streamed, answered by the back end whatever the PoC state. */
export function chatRoute(app: FastifyInstance, options: ChatOptions): void {
  const { desk, counters, log } = options;
  app.post('/v1/chat/completions', async (request, reply) => {
    const reading = readChatRequest(rawBodyOf(request), desk.model);
    if ('refusal' in reading) {
      counters.refused += 1;
      const { status, message, code } = reading.refusal;
      return reply.code(status).send(openaiError(status, message, code));
    }
    counters.requests += 1;
    if (reading.request.isStream) counters.streamed += 1;
    const left = callerLeft(reply);
    try {
      const ending = await answer(desk, reading.request, reply, left);
      if (ending !== 'complete') noteFailure(options, ending.failure);
    } catch (error) {
      if (!left.aborted) {
        counters.failed += 1;
        throw error;
      }
      counters.cancelled += 1;
      log.info({ upstream: desk.upstream.name }, 'the caller left before the answer was complete');
      reply.hijack();
    }
    return reply;
  });
}

function noteFailure({ counters, desk, log }: ChatOptions, failure: ClientFailure): void {
  if (failure.status < 429) counters.refused += 1;
  else counters.failed += 1;
  log.warn({ upstream: desk.upstream.name, code: failure.code, status: failure.status }, 'inference failed');
}

/** Rejects with any error once the caller has left. */
async function answer(
  desk: InferenceDesk,
  request: ChatRequest,
  reply: FastifyReply,
  left: AbortSignal,
): Promise<Ending> {
  const mapped = mappedBody(desk, request);
  if (mapped === undefined) return refuse(reply, unmappable);
  const outcome = await callUpstream(desk.upstream, mapped, left);
  if ('failure' in outcome) return refuse(reply, outcome.failure, outcome.retryAfterSeconds);
  let tokens = unknownTokens;
  let ending: Ending | undefined;
  try {
    const act = request.isStream ? answerStream : answerPlain;
    ending = await act(desk, outcome.answer, reply, left, (counted) => {
      tokens = counted;
    });
    return ending;
  } finally {
    outcome.release();
    const { model, upstream } = desk;
    const isComplete = ending === 'complete';
    desk.account({ upstream: upstream.name, model, isStream: request.isStream, ...tokens, isComplete });
  }
}

const unmappable: ClientFailure = {
  status: 400,
  code: 'REQUEST_INVALID',
  message: 'Invalid request: a field has a value that this node cannot serve.',
  isRetried: false,
};

/** Undefined for a body that the back end's dialect has no form for. */
function mappedBody(desk: InferenceDesk, request: ChatRequest): string | undefined {
  try {
    return desk.mapRequest(request.raw).body;
  } catch (error) {
    if (error instanceof HybridError && error.class === 'terminal') return undefined;
    throw error;
  }
}

async function answerPlain(
  desk: InferenceDesk,
  upstream: UpstreamAnswer,
  reply: FastifyReply,
  left: AbortSignal,
  count: (tokens: TokenCounts) => void,
): Promise<Ending> {
  let text: string;
  try {
    text = await collectBody(upstream.body);
  } catch (error) {
    left.throwIfAborted();
    return refuse(reply, failureOfError(error));
  }
  left.throwIfAborted();
  const completion = readCompletion(text, desk.model);
  if ('failure' in completion) return refuse(reply, completion.failure);
  count(completion.tokens);
  void reply.type('application/json').send(completion.text);
  return 'complete';
}

async function answerStream(
  desk: InferenceDesk,
  upstream: UpstreamAnswer,
  reply: FastifyReply,
  left: AbortSignal,
  count: (tokens: TokenCounts) => void,
): Promise<Ending> {
  if (!upstream.contentType.startsWith('text/event-stream')) return refuse(reply, badAnswer);
  const stream = new CompletionStream(desk.model);
  const writer = new SseWriter(reply);
  try {
    await pump(upstream.body, stream, writer, left);
  } catch (error) {
    left.throwIfAborted();
    stream.verdict ??= failureOfError(error);
  } finally {
    count(stream.tokens);
  }
  left.throwIfAborted();
  const verdict = stream.verdict ?? badAnswer;
  if (verdict === 'complete') {
    writer.end('data: [DONE]\n\n');
    return 'complete';
  }
  if (!writer.hasBegun) return refuse(reply, verdict);
  // Half an answer must never look whole: an error chunk, and no [DONE].
  writer.end(`data: ${JSON.stringify(openaiError(verdict.status, verdict.message))}\n\n`);
  return { failure: verdict };
}

async function pump(
  body: AsyncIterable<Buffer>,
  stream: CompletionStream,
  writer: SseWriter,
  left: AbortSignal,
): Promise<void> {
  const parser = new SseParser();
  for await (const bytes of body) {
    left.throwIfAborted();
    await writer.write(stream.take(parser.push(bytes)));
    if (stream.verdict !== undefined) return;
  }
  await writer.write(stream.take(parser.end()));
  stream.end();
}

function refuse(
  reply: FastifyReply,
  failure: ClientFailure,
  retryAfterSeconds: number | null = null,
): Ending {
  if (retryAfterSeconds !== null && failure.status >= 429)
    void reply.header('retry-after', String(retryAfterSeconds));
  void reply.code(failure.status).send(openaiError(failure.status, failure.message));
  return { failure };
}
