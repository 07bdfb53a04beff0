import type { WorldAnswer } from '../exchange.ts';

/** What the Network Node makes of an answer: undefined = fine, else what is wrong with it. */
export type ChatVerdict = { readonly fault: string | undefined; readonly hasLogprobs: boolean };

/** Longest line that the stream's reader takes, bytes. */
const longestLine = 64 * 1024;

interface Completion {
  readonly model?: unknown;
  readonly choices?: readonly {
    readonly message?: { readonly content?: unknown; readonly tool_calls?: unknown } | null;
    readonly delta?: { readonly content?: unknown; readonly tool_calls?: unknown } | null;
    readonly logprobs?: { readonly content?: unknown } | null;
  }[];
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null;
}

/** Judges one answer as the response requirements demand (docs/reference/protocol.md "Chat answer"). */
export function judgeChat(answer: WorldAnswer, model: string, isStream: boolean): ChatVerdict {
  if (answer.status !== 200) return wrong(`answered ${answer.status}`);
  const type = answer.headers?.['content-type'] ?? (isStream ? 'text/event-stream' : 'application/json');
  if (isStream !== type.startsWith('text/event-stream')) return wrong(`content type ${type}`);
  return isStream ? judgeStream(answer.body, model) : judgePlain(answer.body, model);
}

function judgePlain(body: string, model: string): ChatVerdict {
  const completion = parsed(body);
  if (completion === undefined) return wrong('body is no JSON object');
  if (completion.model !== model) return wrong('another model');
  const said = completion.choices?.some((choice) => says(choice.message));
  if (said !== true) return wrong('no content in any choice');
  if (!hasUsage(completion)) return wrong('no usage');
  return { fault: undefined, hasLogprobs: hasLogprobs(completion) };
}

function judgeStream(body: string, model: string): ChatVerdict {
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  if (lines.some((line) => Buffer.byteLength(line) > longestLine)) return wrong('a line beyond 64 KiB');
  if (lines.some((line) => !line.startsWith('data: '))) return wrong('a line that is no data line');
  if (lines.at(-1)?.trim() !== 'data: [DONE]') return wrong('no [DONE] at the end');
  const chunks = lines.slice(0, -1).map((line) => parsed(line.slice('data: '.length)));
  if (chunks.some((chunk) => chunk === undefined)) return wrong('a data line that is no JSON object');
  if (chunks.some((chunk) => chunk?.model !== model)) return wrong('another model');
  if (!chunks.some((chunk) => chunk?.choices?.some((choice) => says(choice.delta))))
    return wrong('no content');
  if (!chunks.some((chunk) => chunk !== undefined && hasUsage(chunk))) return wrong('no usage');
  return {
    fault: undefined,
    hasLogprobs: chunks.some((chunk) => chunk !== undefined && hasLogprobs(chunk)),
  };
}

const wrong = (fault: string): ChatVerdict => ({ fault, hasLogprobs: false });

function says(
  part: { readonly content?: unknown; readonly tool_calls?: unknown } | null | undefined,
): boolean {
  const isText = typeof part?.content === 'string' && part.content !== '';
  return isText || (Array.isArray(part?.tool_calls) && part.tool_calls.length > 0);
}

function hasUsage(completion: Completion): boolean {
  const { prompt_tokens: prompt, completion_tokens: answer } = completion.usage ?? {};
  return typeof prompt === 'number' && typeof answer === 'number';
}

function hasLogprobs(completion: Completion): boolean {
  return completion.choices?.some((choice) => Array.isArray(choice.logprobs?.content)) ?? false;
}

function parsed(body: string): Completion | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
