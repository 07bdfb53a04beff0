import { json, type WorldResponse } from '../exchange.ts';
import { detail, unprocessable } from '../fastapi-answer.ts';
import { readPocV2Job, readPocV2Work } from './poc-v2-payloads.ts';
import type { VllmBackEnd } from './vllm-back-end.ts';

export type PocV2Status = 'IDLE' | 'GENERATING' | 'VALIDATING' | 'MIXED' | 'NO_BACKENDS';

interface PocV2Options {
  /** The healthy ones. */
  readonly backEnds: () => readonly VllmBackEnd[];
  /** Nonces in a batch when the request names none. */
  readonly batchSize: number;
  /** Older builds say IDLE while they validate. */
  readonly saysValidating: boolean;
  readonly onGenerating: () => void;
}

/** `/api/v1/inference/pow/*`: every call goes to the vLLMs that are up (docs/reference/protocol.md "PoC v2 endpoints"). */
export class MlnodePocV2 {
  readonly #options: PocV2Options;
  #turn = 0;
  constructor(options: PocV2Options) {
    this.#options = options;
  }

  get status(): PocV2Status {
    const states = new Set(this.#options.backEnds().map((backEnd) => this.#stateOf(backEnd)));
    const [first] = states;
    return first === undefined ? 'NO_BACKENDS' : states.size === 1 ? first : 'MIXED';
  }

  get isGenerating(): boolean {
    return this.#options.backEnds().some(({ generation }) => generation !== undefined);
  }

  /** World time at which the oldest running generation began. */
  get generatingSince(): number | undefined {
    const starts = this.#options.backEnds().flatMap(({ generation }) => generation?.startedAt ?? []);
    return starts.length === 0 ? undefined : Math.min(...starts);
  }

  initGenerate(body: unknown): WorldResponse {
    const read = readPocV2Work(body, this.#options.batchSize);
    if ('errors' in read) return unprocessable(read.errors);
    const backEnds = this.#options.backEnds();
    if (backEnds.length === 0) return noBackEnds();
    const refusals = backEnds.map((backEnd, group) => ({
      port: backEnd.port,
      refusal: backEnd.start(read.value, group, backEnds.length),
    }));
    const errors = refusals.flatMap(({ port, refusal }) =>
      refusal === undefined ? [] : [{ port, error: errorText(refusal.detail) }],
    );
    if (errors.length === backEnds.length) return json(502, { detail: { errors } });
    this.#options.onGenerating();
    const results = refusals.flatMap(({ port, refusal }) =>
      refusal === undefined ? [{ port, status: 'OK' }] : [],
    );
    return json(200, {
      status: 'OK',
      backends: backEnds.length,
      n_groups: backEnds.length,
      results,
      errors: errors.length === 0 ? null : errors,
    });
  }

  stop(): WorldResponse {
    const backEnds = this.#options.backEnds();
    for (const backEnd of backEnds) backEnd.stop();
    if (backEnds.length === 0) return json(200, { status: 'OK', message: 'No backends to stop' });
    const results = backEnds.map(({ port }) => ({ port, status: 'stopped' }));
    return json(200, { status: 'OK', results, errors: null });
  }

  statusAnswer(): WorldResponse {
    const backends = this.#options.backEnds().map((backEnd) => ({
      port: backEnd.port,
      status: this.#stateOf(backEnd),
      config: null,
      stats: { total_processed: 0, nonces_per_second: 0 },
      ...backEnd.generation?.status(),
    }));
    return json(200, { status: this.status, backends });
  }

  /** One vLLM after the other gets a job. */
  async generate(body: unknown): Promise<WorldResponse> {
    const read = readPocV2Job(body, this.#options.batchSize);
    if ('errors' in read) return unprocessable(read.errors);
    const backEnds = this.#options.backEnds();
    const backEnd = backEnds[this.#turn++ % Math.max(1, backEnds.length)];
    if (backEnd === undefined) return noBackEnds();
    const taken = backEnd.take(read.value);
    // The proxy shows the text of vLLM's own body.
    if ('status' in taken) return detail(taken.status, JSON.stringify({ detail: taken.detail }));
    const { entry, ended } = taken;
    if (!read.value.wait)
      return json(200, { status: 'queued', request_id: entry.id, queued_count: read.value.nonces.length });
    await ended;
    if (entry.result === undefined) return detail(502, `Backend ${backEnd.port} is gone`);
    return json(200, { status: 'completed', ...entry.result });
  }

  request(id: string): WorldResponse {
    const [port = '', ...rest] = id.split(':');
    if (rest.length === 0) return detail(400, 'Invalid request_id format (expected port:uuid)');
    if (!/^\d+$/.test(port)) return detail(400, 'Invalid port in request_id');
    const backEnd = this.#options.backEnds().find((candidate) => candidate.port === Number(port));
    if (backEnd === undefined) return detail(502, `Backend ${port} is not available`);
    const job = backEnd.find(id);
    return job === undefined
      ? detail(404, 'Request not found')
      : json(200, { status: job.status, request_id: id, ...job.result });
  }

  #stateOf({ generation, isValidating }: VllmBackEnd): 'IDLE' | 'GENERATING' | 'VALIDATING' {
    if (generation) return 'GENERATING';
    return isValidating && this.#options.saysValidating ? 'VALIDATING' : 'IDLE';
  }
}

const noBackEnds = (): WorldResponse => detail(503, 'No vLLM backends available');

/** A string where vLLM gave one: the Network Node cannot read anything else there. */
const errorText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
