import type { WorldClock } from '../clock.ts';
import { json, type WorldOutcome, type WorldRequest } from '../exchange.ts';
import { type ChatDialect, readChatRequest } from '../upstream/chat-request.ts';
import { CompletionAnswer } from '../upstream/completion-answer.ts';
import { pause } from '../upstream/pause.ts';

/** vLLM takes both token limits, extra fields and the stream's usage. */
const dialect: ChatDialect = {
  rejectsBothMaxTokens: false,
  rejectsUnknownFields: false,
  knowsStreamOptions: true,
};
/** World milliseconds to the first token and between tokens; assumptions for a loaded machine. */
const firstTokenMs = 300;
const tokenMs = 20;

const pocIsActive = {
  error: {
    message: 'PoC generation is active. Inference is temporarily unavailable.',
    type: 'service_unavailable',
    code: 503,
  },
};

export interface ChatPlace {
  readonly clock: WorldClock;
  readonly model: string;
  readonly isGenerating: () => boolean;
}

/** `POST /v1/chat/completions` of vLLM; while PoC generates it is refused, and streams under way break off. */
export async function vllmChat(place: ChatPlace, request: WorldRequest): Promise<WorldOutcome> {
  if (place.isGenerating()) return json(503, pocIsActive);
  const chat = readChatRequest(request.headers, request.body, dialect);
  if ('status' in chat) return chat;
  if (chat.model !== place.model) {
    const message = `The model \`${chat.model}\` does not exist.`;
    return json(404, { object: 'error', message, type: 'NotFoundError', param: null, code: 404 });
  }
  const answer = new CompletionAnswer(chat, Math.floor(place.clock.now() / 1_000));
  const signal = request.signal ?? new AbortController().signal;
  if (chat.isStream)
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
      body: chunks(place, answer, signal),
    };
  const workMs = firstTokenMs + answer.usage.completion_tokens * tokenMs;
  if (!(await pause(place.clock, workMs, signal))) return 'drop';
  return place.isGenerating() ? json(503, pocIsActive) : json(200, answer.whole());
}

async function* chunks(
  place: ChatPlace,
  answer: CompletionAnswer,
  signal: AbortSignal,
): AsyncGenerator<string> {
  if (!(await pause(place.clock, firstTokenMs, signal))) return;
  for (const chunk of answer.chunks()) {
    if (place.isGenerating()) throw new Error('aborted by PoC');
    yield `data: ${JSON.stringify(chunk)}\n\n`;
    if (!(await pause(place.clock, tokenMs, signal))) return;
  }
  yield 'data: [DONE]\n\n';
}
