import { hash, randomUUID } from 'node:crypto';
import type { WorldClock, WorldTimer } from '../../src/world/clock.ts';
import { json, type Outbound, type WorldOutcome, type WorldRequest } from '../../src/world/exchange.ts';
import { detail, notFound, unprocessable } from '../../src/world/fastapi-answer.ts';

interface Work {
  readonly block_hash: string;
  readonly block_height: number;
  readonly public_key: string;
  readonly node_id: number;
  readonly node_count: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly url: string;
  readonly nonces?: readonly number[];
  readonly wait?: boolean;
  readonly validation?: { readonly artifacts: readonly { nonce: number; vector_b64: string }[] };
}

const root = '/api/v1/inference/pow';
const backEndPort = 5001;
const encoding = { dtype: 'f16', k_dim: 12, endian: 'le' };
const tickMs = 5_000;

/** PoC v2 as an ML node with one vLLM serves it (docs/reference/protocol.md "PoC v2"). */
export class PocV2BackEnd {
  readonly #clock: WorldClock;
  readonly #post: Outbound;
  readonly #requests = new Map<string, string>();
  readonly #timers = new Set<WorldTimer>();
  #running: Work | null = null;
  #nextNonce = 0;

  constructor(options: { clock: WorldClock; post: Outbound }) {
    this.#clock = options.clock;
    this.#post = options.post;
  }

  get isGenerating(): boolean {
    return this.#running !== null;
  }

  /** `model` is the one that vLLM serves; null while there is none. */
  handle({ method, path, body }: WorldRequest, model: string | null): WorldOutcome {
    const call = `${method} ${path.slice(root.length)}`;
    if (call === 'GET /status') return json(200, this.#status(model));
    if (call === 'POST /stop') return this.#stop(model);
    const id = /^GET \/generate\/(.*)$/.exec(call)?.[1];
    if (id !== undefined) return this.#request(id);
    if (call !== 'POST /init/generate' && call !== 'POST /generate') return notFound();
    const work = JSON.parse(body) as Partial<Work>;
    const refused = refusal(work);
    if (refused !== undefined) return refused;
    if (model === null) return detail(503, 'No vLLM backends available');
    return call === 'POST /generate' ? this.#generate(work as Work) : this.#init(work as Work, model);
  }

  close(): void {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    this.#running = null;
  }

  #init(work: Work, model: string): WorldOutcome {
    const error = this.#running
      ? 'Already generating'
      : work.params['model'] === model
        ? undefined
        : 'params mismatch';
    if (error !== undefined) return json(502, { detail: { errors: [{ port: backEndPort, error }] } });
    this.#running = work;
    this.#nextNonce = work.node_id;
    this.#after(tickMs, () => void this.#tick(work));
    const results = [{ port: backEndPort, status: 'OK' }];
    return json(200, { status: 'OK', backends: 1, n_groups: 1, results, errors: null });
  }

  #status(model: string | null): object {
    if (model === null) return { status: 'NO_BACKENDS', backends: [] };
    const status = this.#running ? 'GENERATING' : 'IDLE';
    const config = this.#running && { ...this.#running, group_id: 0, n_groups: 1, seq_len: 1024, k_dim: 12 };
    const stats = { total_processed: this.#nextNonce, nonces_per_second: 1 };
    return { status, backends: [{ port: backEndPort, status, config, stats }] };
  }

  #stop(model: string | null): WorldOutcome {
    this.#running = null;
    if (model === null) return json(200, { status: 'OK', message: 'No backends to stop' });
    return json(200, { status: 'OK', results: [{ port: backEndPort, status: 'stopped' }], errors: null });
  }

  #generate(work: Work): WorldOutcome {
    const nonces = work.nonces ?? [];
    const artifacts = nonces.map((nonce) => artifactOf(work, nonce));
    const sent = work.validation?.artifacts;
    if (sent && sent.map(({ nonce }) => nonce).join() !== nonces.join())
      return detail(400, 'nonces do not match artifact nonces');
    if (work.wait === true) return json(200, { status: 'completed', artifacts, encoding });
    const id = `${backEndPort}:${randomUUID()}`;
    this.#requests.set(id, 'queued');
    this.#after(tickMs, () => {
      this.#requests.set(id, 'completed');
      if (sent) void this.#send(work, 'validated', verdict(work, id, artifacts, sent));
    });
    return json(200, { status: 'queued', request_id: id, queued_count: nonces.length });
  }

  #request(id: string): WorldOutcome {
    if (!/^\d+:/.test(id)) return detail(400, 'Invalid request_id format');
    const status = this.#requests.get(id);
    return status === undefined ? detail(404, 'Request not found') : json(200, { status });
  }

  async #tick(work: Work): Promise<void> {
    if (this.#running !== work) return;
    const artifacts = Array.from({ length: 32 }, (_, x) =>
      artifactOf(work, this.#nextNonce + x * work.node_count),
    );
    this.#nextNonce += 32 * work.node_count;
    const { public_key, block_hash, block_height, node_id } = work;
    await this.#send(work, 'generated', {
      public_key,
      block_hash,
      block_height,
      node_id,
      artifacts,
      encoding,
    });
    this.#after(tickMs, () => void this.#tick(work));
  }

  /** Until it is taken, with growing pauses. */
  async #send(work: Work, kind: string, value: object, pauseMs = 1_000): Promise<void> {
    const answer = await this.#post({
      method: 'POST',
      url: `${work.url}/${kind}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(value),
    }).catch(() => undefined);
    if (answer !== undefined && answer.status < 400) return;
    await new Promise<void>((resolve) => this.#after(pauseMs, resolve));
    await this.#send(work, kind, value, Math.min(30_000, pauseMs * 2));
  }

  #after(ms: number, act: () => void): void {
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}

const known = new Set(['model', 'seq_len', 'k_dim']);

function refusal(work: Partial<Work>): WorldOutcome | undefined {
  const missing = (['block_hash', 'block_height', 'public_key', 'params'] as const).filter(
    (field) => work[field] === undefined,
  );
  const foreign = Object.keys(work.params ?? {}).filter((field) => !known.has(field));
  const errors = [
    ...missing.map((field) => ({ type: 'missing', loc: ['body', field], msg: 'Field required' })),
    ...foreign.map((field) => ({
      type: 'extra_forbidden',
      loc: ['body', 'params', field],
      msg: 'Extra inputs are not permitted',
    })),
  ];
  return errors.length === 0 ? undefined : unprocessable(errors);
}

function artifactOf({ block_hash: block, public_key: key }: Work, nonce: number) {
  const vector = hash('sha256', `${block}_${key}_${nonce}`, 'buffer').subarray(0, 24);
  return { nonce, vector_b64: vector.toString('base64') };
}

function verdict(
  work: Work,
  id: string,
  own: readonly { nonce: number; vector_b64: string }[],
  sent: readonly { nonce: number; vector_b64: string }[],
): object {
  const wrong = sent.filter(({ vector_b64: vector }, index) => own[index]?.vector_b64 !== vector);
  return {
    request_id: id,
    block_hash: work.block_hash,
    block_height: work.block_height,
    public_key: work.public_key,
    node_id: work.node_id,
    n_total: sent.length,
    n_mismatch: wrong.length,
    mismatch_nonces: wrong.map(({ nonce }) => nonce),
    p_value: wrong.length === 0 ? 1 : 0,
    fraud_detected: wrong.length > 0,
  };
}
