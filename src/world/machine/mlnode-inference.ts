import type { WorldClock, WorldTimer } from '../clock.ts';
import { json, text, type WorldOutcome, type WorldRequest, type WorldResponse } from '../exchange.ts';
import { BodyReader, detail, notFound, unprocessable } from '../fastapi-answer.ts';

/** What vLLM was asked to serve. */
export interface ModelOrder {
  readonly model: string;
  readonly args: readonly string[];
}

interface InferenceOptions {
  readonly clock: WorldClock;
  /** What becomes of a start: world milliseconds until vLLM is healthy, or until it fails, and with which words. */
  readonly start: (order: ModelOrder) => { readonly ms: number; readonly failure?: string };
  /** World milliseconds that an orderly end takes. */
  readonly stopMs: () => number;
  readonly onUp: (order: ModelOrder) => void;
  /** vLLM ends, whether it was healthy or not. */
  readonly onDown: (order: ModelOrder) => void;
  /** Chat while vLLM is healthy. */
  readonly chat: (request: WorldRequest, model: string) => WorldOutcome | Promise<WorldOutcome>;
}

type Status = 'not_started' | 'in_progress' | 'completed' | 'failed' | 'cancelled';

/**
 * vLLM under the ML node: `/api/v1/inference/*` as of v0.2.5 and what its proxy shows on `/v1/*`
 * (docs/reference/protocol.md "Inference control").
 */
export class MlnodeInference {
  readonly #options: InferenceOptions;
  #status: Status = 'not_started';
  #order: ModelOrder | undefined;
  #startedAt = 0;
  #error: string | null = null;
  #isBroken = false;
  #timer: WorldTimer | undefined;
  #waiting: ((answer: WorldResponse) => void) | undefined;

  constructor(options: InferenceOptions) {
    this.#options = options;
  }

  /** The service counts from the start of vLLM on, long before it is healthy. */
  get isActive(): boolean {
    return this.#order !== undefined;
  }
  get isHealthy(): boolean {
    return this.isActive && this.#status === 'completed' && !this.#isBroken;
  }
  /** The model that is served; null while none is. */
  get model(): string | null {
    return this.isHealthy ? (this.#order?.model ?? null) : null;
  }

  async up(body: unknown): Promise<WorldResponse> {
    const refused = this.#start(body);
    if (refused) return refused;
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  upAsync(body: unknown): WorldResponse {
    return this.#start(body) ?? json(200, { status: 'starting', message: 'VLLM startup initiated' });
  }

  upStatus(): WorldResponse {
    const elapsed = this.#status === 'not_started' ? 0 : (this.#options.clock.now() - this.#startedAt) / 1000;
    return json(200, {
      status: this.#status,
      is_starting: this.#status === 'in_progress',
      is_running: this.isHealthy,
      elapsed_seconds: elapsed,
      error: this.#error,
    });
  }

  async down(): Promise<WorldResponse> {
    const { clock, stopMs } = this.#options;
    if (this.isActive) {
      clock.clearTimeout(this.#timer);
      this.#finish('cancelled', detail(500, 'VLLM startup was cancelled'));
      this.#tellDown();
      await new Promise<void>((resolve) => {
        clock.setTimeout(resolve, stopMs());
      });
      this.#order = undefined;
    }
    return json(200, { status: 'OK' });
  }

  /** The engine dies: nothing is healthy any more, though the service goes on to count. */
  breakDown(): void {
    this.#isBroken = true;
    this.#tellDown();
  }

  /** What the proxy answers on `/v1/*`. */
  proxy(request: WorldRequest): WorldOutcome | Promise<WorldOutcome> {
    const { model } = this;
    if (model === null) return text(503, 'No vLLM backend available');
    const [path] = request.path.split('?', 1);
    if (`${request.method} ${path}` === 'POST /v1/chat/completions')
      return this.#options.chat(request, model);
    if (`${request.method} ${path}` !== 'GET /v1/models') return notFound();
    const created = Math.floor(this.#startedAt / 1000);
    return json(200, {
      object: 'list',
      data: [{ id: model, object: 'model', created, owned_by: 'vllm' }],
    });
  }

  /** The process is gone, whoever waits gets no answer of its own. */
  close(): void {
    this.#finish('cancelled', detail(500, 'VLLM startup was cancelled'));
    this.#options.clock.clearTimeout(this.#timer);
    this.#tellDown();
  }

  #start(body: unknown): WorldResponse | undefined {
    const reader = new BodyReader(body);
    const model = reader.string('model');
    reader.string('dtype');
    const args = reader.strings('additional_args');
    if (reader.errors.length > 0) return unprocessable(reader.errors);
    if (this.#status === 'in_progress')
      return detail(409, 'VLLM startup is already in progress. Please wait.');
    if (this.isActive) return detail(409, 'VLLM is already running. Use /inference/down to stop it first.');
    const order = { model, args };
    this.#order = order;
    this.#status = 'in_progress';
    this.#error = null;
    this.#isBroken = false;
    this.#startedAt = this.#options.clock.now();
    const { ms, failure } = this.#options.start(order);
    this.#timer = this.#options.clock.setTimeout(() => this.#started(order, failure), ms);
    return undefined;
  }

  #started(order: ModelOrder, failure: string | undefined): void {
    if (failure === undefined) {
      this.#options.onUp(order);
      return this.#finish('completed', json(200, { status: 'OK' }));
    }
    this.#error = failure;
    this.#tellDown();
    this.#order = undefined;
    this.#finish('failed', detail(500, failure));
  }

  #tellDown(): void {
    if (this.#order !== undefined) this.#options.onDown(this.#order);
  }

  #finish(status: Status, answer: WorldResponse): void {
    this.#status = status;
    this.#waiting?.(answer);
    this.#waiting = undefined;
  }
}
