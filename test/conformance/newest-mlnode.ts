import type { WorldClock } from '../../src/world/clock.ts';
import {
  json,
  type Outbound,
  text,
  type WorldOutcome,
  type WorldRequest,
  type WorldResponse,
} from '../../src/world/exchange.ts';
import {
  BodyReader,
  detail,
  methodNotAllowed,
  parseBody,
  unprocessable,
} from '../../src/world/fastapi-answer.ts';
import { MlnodeWorld } from '../../src/world/machine/mlnode.ts';
import { FaultBoard, type Neighbour } from '../../src/world/neighbour.ts';
import { Random } from '../../src/world/random.ts';
import { PocV2BackEnd } from './poc-v2-back-end.ts';

export const gpus = [{ name: 'H100 80GB HBM3', ramMb: 81_559 }];
/** Quick loads, so that a run takes a fraction of a second at the speed of the tests. */
export const quick = { modelLoadMs: 10_000, inferenceStartMs: 10_000, noncesPerMinutePerGroup: 60 };

/**
 * An ML node of July 2026: the world's one for everything of PoC v1, and around it what later images add
 * (docs/reference/protocol.md "State and stop", "Models", "GPU", "PoC v2"), behind the nginx that takes the version
 * segment away.
 */
export class NewestMlnode implements Neighbour {
  readonly faults = new FaultBoard([]);
  readonly #world: MlnodeWorld;
  readonly #pocV2: PocV2BackEnd;

  constructor(options: { clock: WorldClock; post: Outbound }) {
    this.#world = new MlnodeWorld({ ...options, ...quick, random: new Random(3), gpus });
    this.#pocV2 = new PocV2BackEnd(options);
  }

  async handle(sent: WorldRequest): Promise<WorldOutcome> {
    const request = { ...sent, path: sent.path.replace(/^\/v3\.0\.8(?=\/)/, '') };
    const { method, path } = request;
    if (path.startsWith('/api/v1/inference/pow/')) return this.#pocV2.handle(request, await this.#model());
    if (path === '/v1/chat/completions') return this.#chat();
    if (path.startsWith('/api/v1/models')) return models(request);
    if (method === 'GET' && path === '/api/v1/state') return json(200, await this.#state());
    if (method === 'GET' && path === '/api/v1/versions')
      return json(200, { version: '0.2.0', vllm_version: '0.20.0', poc_validation_inference: true });
    if (method === 'GET' && path === '/api/v1/gpu/driver')
      return json(200, { driver_version: '570.1', cuda_driver_version: '12.8', nvml_version: '12.570' });
    return this.#world.handle(request);
  }

  /** The compatibility port, as nginx shows it: everything goes to vLLM. */
  async handleInference(sent: WorldRequest): Promise<WorldOutcome> {
    const path = sent.path.replace(/^\/v3\.0\.8(?=\/)/, '');
    if ((await this.#model()) === null) return text(503, 'No vLLM backend available');
    return path === '/health' ? text(200, '') : this.handle({ ...sent, path });
  }

  books = (): Record<string, unknown> => this.#world.books();

  close(): void {
    this.#pocV2.close();
    this.#world.close();
  }

  async #state(): Promise<object> {
    const { state } = (await this.#ask('/api/v1/state')) as { state: string };
    if (state !== 'INFERENCE')
      return {
        version: '0.2.0',
        state,
        poc_status: null,
        inference_healthy: null,
        loaded_model: null,
        poc_validation_inference: false,
      };
    const model = await this.#model();
    return {
      version: '0.2.0',
      state,
      poc_status: model === null ? 'NO_BACKENDS' : this.#pocV2.isGenerating ? 'GENERATING' : 'IDLE',
      inference_healthy: model !== null,
      loaded_model: model,
      poc_validation_inference: true,
    };
  }

  async #model(): Promise<string | null> {
    const list = (await this.#ask('/v1/models')) as { data?: { id: string }[] } | undefined;
    return list?.data?.[0]?.id ?? null;
  }

  async #chat(): Promise<WorldOutcome> {
    if ((await this.#model()) === null) return text(503, 'No vLLM backend available');
    if (!this.#pocV2.isGenerating) return json(200, { object: 'chat.completion', choices: [] });
    const message = 'PoC generation is active. Inference is unavailable.';
    return json(503, { error: { message, type: 'service_unavailable', code: 503 } });
  }

  /** The body of a GET to the world's node; `undefined` when it is no JSON. */
  async #ask(path: string): Promise<unknown> {
    const answer = (await this.#world.handle({
      method: 'GET',
      path,
      headers: {},
      body: '',
    })) as WorldResponse;
    return answer.status === 200 ? (JSON.parse(answer.body as string) as unknown) : undefined;
  }
}

function models({ method, path, headers, body }: WorldRequest): WorldOutcome {
  if (method === 'GET' && path === '/api/v1/models/list') return json(200, { models: [] });
  if (method === 'GET' && path === '/api/v1/models/space')
    return json(200, { cache_size_gb: 1.5, available_gb: 800, cache_path: '/root/.cache/hub' });
  const isStatus = method === 'POST' && path === '/api/v1/models/status';
  if (!isStatus && method !== 'DELETE') return methodNotAllowed();
  const parsed = parseBody(headers['content-type'], body);
  if ('refused' in parsed) return parsed.refused;
  const reader = new BodyReader(parsed.value);
  const model = { hf_repo: reader.string('hf_repo'), hf_commit: null };
  if (reader.errors.length > 0) return unprocessable(reader.errors);
  return isStatus
    ? json(200, { model, status: 'NOT_FOUND', progress: null, error_message: null })
    : detail(404, 'Model not found');
}
