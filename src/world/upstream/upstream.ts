import type { WorldClock } from '../clock.ts';
import { json, text, type WorldOutcome, type WorldRequest, type WorldResponse } from '../exchange.ts';
import { detail, methodNotAllowed } from '../fastapi-answer.ts';
import { FaultBoard, type Neighbour } from '../neighbour.ts';
import type { Random } from '../random.ts';
import { badRequest, type ChatDialect, type ChatRequest, readChatRequest } from './chat-request.ts';
import { CompletionAnswer } from './completion-answer.ts';
import { CompletionStream } from './completion-stream.ts';
import { pause } from './pause.ts';
import { RequestWindow } from './request-window.ts';
import { hyperbolicModels, modelRow, type ServedModel } from './served-model.ts';
import { UpstreamBooks } from './upstream-books.ts';
import { type ChanceFault, type FaultChances, upstreamFaults } from './upstream-faults.ts';

export interface UpstreamWorldOptions extends Partial<ChatDialect> {
  readonly clock: WorldClock;
  readonly random: Random;
  /** The only key that is taken, as `Authorization: Bearer …`. */
  readonly apiKey: string;
  /** Default: the live list of 2026-10-07. */
  readonly models?: readonly ServedModel[];
  /** Requests in any minute of world time; default 600, the tier after a deposit. */
  readonly requestsPerMinute?: number;
  /** Faults by chance; default none. */
  readonly chances?: FaultChances;
}

/** A non-streaming answer that takes longer ends as 524 at the provider's front. */
const frontLimitMs = 100_000;

/**
 * Hyperbolic's inference API (docs/reference/upstream.md): model list and chat completions, plain and streamed.
 * First token after a lognormal delay (median 0.8 s, 95 % within 6 s), then 25–110 tokens a second of world time.
 */
export class UpstreamWorld implements Neighbour {
  readonly faults = new FaultBoard(upstreamFaults);
  readonly #options: UpstreamWorldOptions;
  readonly #random: Random;
  readonly #dialect: ChatDialect;
  readonly #window: RequestWindow;
  readonly #books = new UpstreamBooks();
  readonly #closed = new AbortController();

  constructor(options: UpstreamWorldOptions) {
    this.#options = options;
    this.#random = options.random.fork(2);
    this.#window = new RequestWindow(options.clock, options.requestsPerMinute ?? 600);
    this.#dialect = {
      rejectsBothMaxTokens: options.rejectsBothMaxTokens ?? true,
      rejectsUnknownFields: options.rejectsUnknownFields ?? false,
      knowsStreamOptions: options.knowsStreamOptions ?? true,
    };
  }

  async handle(request: WorldRequest): Promise<WorldOutcome> {
    if (this.faults.get('down') > 0) return 'drop';
    const [path] = request.path.split('?');
    const method = path === '/v1/models' ? 'GET' : path === '/v1/chat/completions' ? 'POST' : undefined;
    if (!method) return text(404, '');
    if (request.method !== method) return methodNotAllowed();
    if (!this.#isAuthorised(request)) return detail(401, 'Could not validate credentials');
    return method === 'GET' ? this.#list() : this.#counted(request);
  }

  books(): Record<string, unknown> {
    return this.#books.toJson();
  }

  close(): void {
    this.#closed.abort();
  }

  #isAuthorised({ headers }: WorldRequest): boolean {
    return (
      this.faults.get('keyRefused') === 0 && headers['authorization'] === `Bearer ${this.#options.apiKey}`
    );
  }

  #list(): WorldResponse {
    this.#books.modelLists += 1;
    const nowSeconds = Math.floor(this.#options.clock.now() / 1000);
    return json(200, { object: 'list', data: this.#served().map((served) => modelRow(served, nowSeconds)) });
  }

  #served(): readonly ServedModel[] {
    const gone = this.faults.get('modelGone');
    return (this.#options.models ?? hyperbolicModels).filter((_, index) => index + 1 !== gone);
  }

  async #counted(request: WorldRequest): Promise<WorldOutcome> {
    this.#books.requests += 1;
    const outcome = await this.#complete(request);
    if (request.signal?.aborted) this.#books.abortedByClient += 1;
    else if (typeof outcome === 'string' || outcome.status >= 400) this.#books.failed += 1;
    return outcome;
  }

  async #complete(request: WorldRequest): Promise<WorldOutcome> {
    const early = this.#refusal();
    if (early) return early;
    const chat = readChatRequest(request.headers, request.body, this.#dialect);
    if ('status' in chat) return chat;
    const served = this.#served().find(({ id }) => id === chat.model);
    if (!served) return text(404, '');
    if (chat.promptTokens + chat.maxTokens > served.contextLength) {
      return badRequest(`This model's maximum context length is ${served.contextLength} tokens.`);
    }
    const heard = served.supportsTools ? chat : { ...chat, tool: null };
    return chat.isStream ? this.#stream(heard, served, request) : this.#plain(heard, served, request);
  }

  /** Refusals that do not look at the body, in the order of front, account, limiter. */
  #refusal(): WorldOutcome | undefined {
    if (this.faults.take('hang')) return 'hang';
    if (this.faults.take('html524')) return frontPage(524, 'A timeout occurred');
    if (this.faults.take('empty404')) return text(404, '');
    if (this.faults.get('noCredit') > 0) {
      return json(402, { error: { message: 'Insufficient balance', type: 'insufficient_quota', code: 402 } });
    }
    const waitSeconds = this.#occurs('rateLimited') ? 1 : this.#window.take();
    if (waitSeconds !== null) {
      const refused = detail(429, 'Rate limit exceeded');
      return { ...refused, headers: { ...refused.headers, 'retry-after': String(waitSeconds) } };
    }
    return this.#occurs('error500') ? detail(500, 'Internal server error') : undefined;
  }

  #occurs(name: ChanceFault): boolean {
    return this.faults.take(name) || this.#random.chance(this.#options.chances?.[name] ?? 0);
  }

  async #plain(chat: ChatRequest, served: ServedModel, request: WorldRequest): Promise<WorldOutcome> {
    const { clock } = this.#options;
    const answer = new CompletionAnswer(chat, Math.floor(clock.now() / 1000));
    const tokens = answer.usage.completion_tokens;
    const { firstTokenMs, tokenMs } = this.#pace();
    const workMs = firstTokenMs + tokens * tokenMs;
    const isWhole = await pause(clock, Math.min(workMs, frontLimitMs), this.#signal(request));
    if (!isWhole) return 'drop';
    if (workMs > frontLimitMs) return frontPage(524, 'A timeout occurred');
    this.#books.told(false, served, answer.usage);
    return json(200, answer.whole());
  }

  #stream(chat: ChatRequest, served: ServedModel, request: WorldRequest): WorldResponse {
    const { clock } = this.#options;
    const stream = new CompletionStream({
      answer: new CompletionAnswer(chat, Math.floor(clock.now() / 1000)),
      served,
      clock,
      books: this.#books,
      ...this.#pace(),
      stalls: this.#occurs('stallMidStream'),
      endsWithoutDone: this.#occurs('endsWithoutDone'),
      errorChunk: this.#occurs('errorChunk'),
      signal: this.#signal(request),
    });
    return { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body: stream };
  }

  #pace(): { firstTokenMs: number; tokenMs: number } {
    return { firstTokenMs: this.#random.lognormal(800, 6000), tokenMs: 1000 / this.#random.between(25, 110) };
  }

  #signal(request: WorldRequest): AbortSignal {
    return request.signal ? AbortSignal.any([request.signal, this.#closed.signal]) : this.#closed.signal;
  }
}

/** An error page of the content delivery network in front. */
function frontPage(status: number, title: string): WorldResponse {
  const page = `<!DOCTYPE html><html><head><title>${status}: ${title}</title></head><body>cloudflare</body></html>`;
  return text(status, page, 'text/html; charset=UTF-8');
}
