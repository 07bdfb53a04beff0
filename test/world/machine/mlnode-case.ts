import type { Outbound, WorldCall, WorldResponse } from '../../../src/world/exchange.ts';
import type { Gpu } from '../../../src/world/machine/gpu-groups.ts';
import { MlnodeWorld, type MlnodeWorldOptions } from '../../../src/world/machine/mlnode.ts';
import { Random } from '../../../src/world/random.ts';
import { SteppingClock } from './stepping-clock.ts';

export const h100: Gpu = { name: 'H100 SXM', ramMb: 81_559 };

export const initBody = {
  node_id: 1,
  node_count: 2,
  block_hash: 'A1B2',
  block_height: 2_089_140,
  public_key: '02ab',
  batch_size: 100,
  r_target: 1.398077,
  fraud_threshold: 1e-7,
  params: { dim: 1792, n_layers: 64, vocab_size: 8196 },
  url: 'http://127.0.0.1:9100/v1/poc-batches',
};

export interface SeenBatch {
  readonly nonces: number[];
  readonly dist: number[];
  readonly node_id: number;
  readonly [field: string]: unknown;
}

/** A machine under a clock of its own, with everything that its sender posted. */
export class MlnodeCase {
  readonly clock = new SteppingClock();
  readonly calls: WorldCall[] = [];
  /** How the callback server answers. */
  answer: Outbound = async () => ({ status: 200, body: '' });
  readonly world: MlnodeWorld;
  constructor(options: Partial<MlnodeWorldOptions> = {}) {
    this.world = new MlnodeWorld({
      clock: this.clock,
      random: new Random(7),
      gpus: [h100],
      modelLoadMs: 60_000,
      post: (call) => {
        this.calls.push(call);
        return this.answer(call);
      },
      ...options,
    });
  }

  /** One call; the clock runs `waitMs` before the answer is awaited. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    waitMs = 0,
  ): Promise<{ status: number; body: unknown }> {
    const pending = this.world.handle({
      method,
      path,
      headers: {},
      body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    });
    await this.clock.run(waitMs);
    const outcome = await pending;
    if (typeof outcome === 'string') return { status: 0, body: outcome };
    const text = outcome.body as string;
    return { status: outcome.status, body: isJson(outcome) ? (JSON.parse(text) as unknown) : text };
  }
  pow(call: string, body?: unknown, waitMs = 0): Promise<{ status: number; body: unknown }> {
    return this.call(call === 'status' ? 'GET' : 'POST', `/api/v1/pow/${call}`, body, waitMs);
  }
  batches(kind: 'generated' | 'validated'): SeenBatch[] {
    return this.calls
      .filter(({ url }) => url.endsWith(`/${kind}`))
      .map(({ body }) => JSON.parse(body) as SeenBatch);
  }
  nonces(): number[] {
    return this.batches('generated').flatMap(({ nonces }) => nonces);
  }
  poc(): Record<string, unknown> {
    const [first] = this.world.books()['pocs'] as Record<string, unknown>[];
    if (!first) throw new Error('no PoC in the books');
    return first;
  }
}

const isJson = (response: WorldResponse): boolean =>
  response.headers?.['content-type']?.includes('json') === true;
