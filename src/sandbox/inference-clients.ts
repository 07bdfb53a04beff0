import type { InferenceFigures } from './figures.ts';

/** Of one answer, real milliseconds. */
const answerTimeoutMs = 30_000;

/**
 * Clients who ask the daemon for completions all the time, plain and streamed in turn, and judge each answer: a stream
 * must be server-sent events with text, usage or a finish, and one final `[DONE]`.
 */
export class InferenceClients {
  readonly #url: string;
  readonly #model: string;
  readonly #pauseMs: number;
  readonly #stopping = new AbortController();
  readonly figures = { requests: 0, failed: 0, streamed: 0, failures: {} as Record<string, number> };
  #running: Promise<void> = Promise.resolve();

  /** `pauseMs`: real milliseconds between two requests. */
  constructor(options: { url: string; model: string; pauseMs: number }) {
    this.#url = `${options.url}/v1/chat/completions`;
    this.#model = options.model;
    this.#pauseMs = options.pauseMs;
  }

  start(): void {
    this.#running = this.#ask();
  }

  /** Lets the request that is under way end. */
  async stop(): Promise<InferenceFigures> {
    this.#stopping.abort();
    await this.#running;
    return this.figures;
  }

  async #ask(): Promise<void> {
    for (let turn = 0; !this.#stopping.signal.aborted; turn++) {
      const isStream = turn % 2 === 1;
      this.figures.requests += 1;
      if (isStream) this.figures.streamed += 1;
      const fault = await this.#fault(isStream, turn).catch((error: unknown) => String(error));
      if (fault !== undefined) this.#blame(fault);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#pauseMs);
        this.#stopping.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), {
          once: true,
        });
      });
    }
  }

  #blame(fault: string): void {
    this.figures.failed += 1;
    this.figures.failures[fault] = (this.figures.failures[fault] ?? 0) + 1;
  }

  /** What is wrong with one answer; undefined when nothing is. */
  async #fault(isStream: boolean, turn: number): Promise<string | undefined> {
    const answer = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: this.#model,
        max_tokens: 40,
        stream: isStream,
        messages: [{ role: 'user', content: `question ${turn}` }],
      }),
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    const text = await answer.text();
    if (answer.status !== 200) return `status ${answer.status}`;
    if (isStream) return isWholeStream(text) ? undefined : 'incomplete stream';
    return isWholeAnswer(JSON.parse(text) as Completion, this.#model) ? undefined : 'incomplete answer';
  }
}

interface Completion {
  readonly model?: string;
  readonly choices?: readonly { readonly message?: { readonly content?: string | null } }[];
}

const isWholeAnswer = (answer: Completion, model: string): boolean =>
  answer.model === model && (answer.choices?.[0]?.message?.content ?? '').length > 0;

function isWholeStream(text: string): boolean {
  const lines = text.split('\n').filter((line) => line !== '');
  const isWellFormed = lines.every((line) => line.startsWith('data: '));
  return isWellFormed && lines.at(-1) === 'data: [DONE]' && text.includes('"content":"');
}
