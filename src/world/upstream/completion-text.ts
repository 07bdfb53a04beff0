import { Random } from '../random.ts';
import type { ChatRequest } from './chat-request.ts';

export interface CompletionToken {
  readonly text: string;
  readonly logprob: number;
}

export interface CompletionText {
  readonly tokens: readonly CompletionToken[];
  readonly finishReason: 'stop' | 'length';
}

const words =
  `the a chain block node epoch work proof model answer value each every small large first next then if so because
   while after before with without over under between machine price hour minute light stone river paper window road
   gives takes holds moves keeps makes shows follows begins ends`.split(/\s+/);

/** What the model says: words drawn from the prompt's hash, so that one prompt always gets one answer. */
export function completionText(request: ChatRequest, choice: number): CompletionText {
  const random = new Random(Number.parseInt(request.promptHash.slice(0, 8), 16) + choice);
  const wanted = 16 + Math.floor(random.next() * 112);
  const tokens: CompletionToken[] = [];
  let text = '';
  while (tokens.length < wanted) {
    if (tokens.length === request.maxTokens) return { tokens, finishReason: 'length' };
    const word = `${tokens.length === 0 ? '' : ' '}${words[Math.floor(random.next() * words.length)] ?? ''}`;
    text += word;
    if (request.stops.some((stop) => stop !== '' && text.includes(stop))) break;
    tokens.push({ text: word, logprob: -Math.abs(random.normal()) * 0.4 });
  }
  return { tokens, finishReason: 'stop' };
}

/** `logprobs.content[]` of one token with `count` alternatives, the chosen one first. */
export function tokenLogprob(token: CompletionToken, count: number): Record<string, unknown> {
  const entry = (text: string, logprob: number): Record<string, unknown> => ({
    token: text,
    logprob,
    bytes: [...Buffer.from(text)],
  });
  const offset = Math.max(0, words.indexOf(token.text.trim()));
  const others = Array.from({ length: Math.max(0, count - 1) }, (_, index) =>
    entry(` ${words[(offset + index + 1) % words.length] ?? ''}`, token.logprob - 1 - index * 0.5),
  );
  const top = count === 0 ? [] : [entry(token.text, token.logprob), ...others];
  return { ...entry(token.text, token.logprob), top_logprobs: top };
}
