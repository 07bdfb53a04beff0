import type { WorldClock, WorldTimer } from '../clock.ts';
import { json, text, type WorldResponse } from '../exchange.ts';
import { BodyReader, detail, notFound, unprocessable } from '../fastapi-answer.ts';

interface InferenceOptions {
  readonly clock: WorldClock;
  /** World milliseconds from `up` until vLLM is healthy, drawn anew for each start. */
  readonly startMs: () => number;
  /** World milliseconds that an orderly end takes. */
  readonly stopMs: () => number;
}

type Status = 'not_started' | 'in_progress' | 'completed' | 'cancelled';

/**
 * vLLM under the ML node: `/api/v1/inference/*` as of v0.2.5 and what its proxy shows on `/v1/*`
 * (docs/reference/protocol.md "Inference control"). It is told which model is up; it computes no completions.
 */
export class MlnodeInference {
  readonly #options: InferenceOptions;
  #status: Status = 'not_started';
  #model: string | undefined;
  #startedAt = 0;
  #timer: WorldTimer | undefined;
  #waiting: ((answer: WorldResponse) => void) | undefined;

  constructor(options: InferenceOptions) {
    this.#options = options;
  }

  /** The service counts from the start of vLLM on, long before it is healthy. */
  get isActive(): boolean {
    return this.#model !== undefined;
  }
  get isHealthy(): boolean {
    return this.isActive && this.#status === 'completed';
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
      error: null,
    });
  }

  async down(): Promise<WorldResponse> {
    const { clock, stopMs } = this.#options;
    if (this.isActive) {
      clock.clearTimeout(this.#timer);
      this.#finish('cancelled', detail(500, 'VLLM startup was cancelled'));
      await new Promise<void>((resolve) => {
        clock.setTimeout(resolve, stopMs());
      });
      this.#model = undefined;
    }
    return json(200, { status: 'OK' });
  }

  /** What the proxy answers on `/v1/*`. */
  proxy(method: string, path: string): WorldResponse {
    if (!this.isHealthy) return text(503, 'No vLLM backend available');
    if (`${method} ${path}` !== 'GET /v1/models') return notFound();
    const created = Math.floor(this.#startedAt / 1000);
    return json(200, {
      object: 'list',
      data: [{ id: this.#model, object: 'model', created, owned_by: 'vllm' }],
    });
  }

  /** The process is gone, whoever waits gets no answer of its own. */
  close(): void {
    this.#finish('cancelled', detail(500, 'VLLM startup was cancelled'));
    this.#options.clock.clearTimeout(this.#timer);
  }

  #start(body: unknown): WorldResponse | undefined {
    const reader = new BodyReader(body);
    const model = reader.string('model');
    reader.string('dtype');
    reader.strings('additional_args');
    if (reader.errors.length > 0) return unprocessable(reader.errors);
    if (this.#status === 'in_progress')
      return detail(409, 'VLLM startup is already in progress. Please wait.');
    if (this.isActive) return detail(409, 'VLLM is already running. Use /inference/down to stop it first.');
    this.#model = model;
    this.#status = 'in_progress';
    this.#startedAt = this.#options.clock.now();
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#finish('completed', json(200, { status: 'OK' }));
    }, this.#options.startMs());
    return undefined;
  }

  #finish(status: Status, answer: WorldResponse): void {
    this.#status = status;
    this.#waiting?.(answer);
    this.#waiting = undefined;
  }
}
