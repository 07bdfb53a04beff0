import type {
  Upstream,
  UpstreamAnswer,
  UpstreamExchange,
  UpstreamReceiver,
  UpstreamRequest,
  UpstreamSending,
} from '../../src/adapters/upstream/interface.ts';
import { HybridError, type ErrorCode } from '../../src/errors.ts';

/** A request with its body as text, however it was sent. */
export type HeardRequest = UpstreamRequest & { readonly body: string };
export type Script = (request: HeardRequest) => Promise<UpstreamAnswer> | UpstreamAnswer;

/** A back end that answers one script after the other (the last one for ever) and keeps what it was asked. */
export class ScriptedUpstream implements Upstream {
  readonly name: string;
  readonly requests: HeardRequest[] = [];
  scripts: Script[] = [];

  constructor(name = 'scripted') {
    this.name = name;
  }

  models = async () => [];
  exchange(request: UpstreamSending, receiver: UpstreamReceiver): UpstreamExchange {
    const hangUp = new AbortController();
    const paused = { go: (): void => undefined };
    void this.#tell({ ...request, signal: hangUp.signal }, receiver, paused);
    return {
      resume: () => paused.go(),
      abort: () => {
        hangUp.abort();
        paused.go();
      },
    };
  }
  async #tell(
    request: UpstreamRequest,
    receiver: UpstreamReceiver,
    paused: { go: () => void },
  ): Promise<void> {
    const { signal } = request;
    await Promise.resolve();
    try {
      const answer = await this.complete(request);
      if (signal.aborted) return;
      receiver.head(answer);
      for await (const piece of answer.body) {
        if (signal.aborted) return;
        if (receiver.data(piece)) continue;
        await new Promise<void>((resolve) => {
          paused.go = resolve;
        });
      }
      if (!signal.aborted) receiver.end();
    } catch (error) {
      if (!signal.aborted) receiver.failed(error as HybridError);
    }
  }
  async complete(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const heard = { ...request, body: request.body.toString() };
    this.requests.push(heard);
    const script = this.scripts.length > 1 ? this.scripts.shift() : this.scripts[0];
    if (!script) throw new Error('nothing scripted');
    return script(heard);
  }
}

export const answers =
  (status: number, body: string, head: Partial<UpstreamAnswer> = {}): Script =>
  () => ({
    status,
    contentType: 'application/json',
    retryAfterSeconds: null,
    ...head,
    body: pieces([body]),
  });

export const streams =
  (parts: readonly (string | Buffer)[], end?: ErrorCode): Script =>
  () => ({
    status: 200,
    contentType: 'text/event-stream',
    retryAfterSeconds: null,
    body: pieces(parts, end),
  });

export const fails =
  (code: ErrorCode): Script =>
  () => {
    throw new HybridError({ code, message: 'upstream key sk-canary at https://upstream.example' });
  };

async function* pieces(parts: readonly (string | Buffer)[], end?: ErrorCode): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
  if (end) throw new HybridError({ code: end, message: 'broke off' });
}

/** Rejects when the signal is aborted; what an adapter does with a call that hangs. */
export const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const leave = (): void => reject(new HybridError({ code: 'ABORTED', message: 'aborted' }));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });

export const completion = (change: Record<string, unknown> = {}): string =>
  JSON.stringify({
    id: 'c1',
    object: 'chat.completion',
    model: 'upstream/name-of-its-own',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    ...change,
  });

export const chunk = (content: string, finishReason: string | null = null): object => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  model: 'upstream/name-of-its-own',
  choices: [{ index: 0, delta: { content }, finish_reason: finishReason }],
});
export const usageChunk = {
  id: 'c1',
  model: 'upstream/name-of-its-own',
  choices: [],
  usage: { prompt_tokens: 7, completion_tokens: 3 },
};
export const event = (value: object | string): string =>
  `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
