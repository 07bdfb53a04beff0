import type { FastifyInstance } from 'fastify';
import type { MlnodeDesk } from '../server/mlnode-api/desk.ts';
import type { Outbound, WorldAnswer, WorldCall } from '../world/exchange.ts';
import { rawPath } from '../adapters/world-transport.ts';
import type { PocAudit } from './audit/poc-audit.ts';

/** Of a desk that knows no PoC v2. */
const noBackEnds = { status: 503, body: '{"detail":"No vLLM backends available"}' };

const pocV2StatusPath = '/api/v1/inference/pow/status';
/** The Network Node's looks: the gateway answers them from the desk's view, and from nothing else. */
const looks: ReadonlySet<string> = new Set(['/api/v1/state', '/health', '/v1/models', pocV2StatusPath]);
/** A desk shows a few dozen things. */
const seenMax = 500;

/** What stands behind the gateway at this moment; undefined while the daemon is down. */
export type DeskNow = () => MlnodeDesk | undefined;

/**
 * The wire from the Network Node to the daemon's own gateway: requests are injected into its routes, so that every
 * status and every silence is the real one. A look is given the answer of an earlier one at which the desk showed the same.
 * While no daemon lives, connections are refused.
 */
export class GatewayLine {
  readonly #desk: DeskNow;
  readonly #audit: () => PocAudit | undefined;
  /** Answers to looks by their path and what the desk showed. */
  readonly #seen = new Map<string, WorldAnswer>();
  readonly #polledDesks = new WeakSet<MlnodeDesk>();
  #app: FastifyInstance | undefined;
  /** Requests that are between the wire and the desk, or on their way back: they need the event loop, not the clock. */
  #underWay = 0;

  constructor(desk: DeskNow, audit: () => PocAudit | undefined) {
    this.#desk = desk;
    this.#audit = audit;
  }

  attach(app: FastifyInstance): void {
    this.#app = app;
  }

  get isBusy(): boolean {
    return this.#underWay > 0;
  }

  /** The desk as the gateway is given it: the living daemon's. A call to a dead one never returns. */
  readonly desk: MlnodeDesk = {
    view: () => this.#living().view(),
    devices: () => this.#living().devices?.() ?? [],
    stop: () => this.#waiting(() => this.#living().stop()),
    inferenceUp: (body) => this.#waiting(() => this.#living().inferenceUp(body)),
    inferenceDown: () => this.#waiting(() => this.#living().inferenceDown()),
    pow: async (call, body) => {
      const audit = this.#audit();
      const takenBefore = audit?.taken ?? 0;
      const reply = await this.#waiting(() => this.#living().pow(call, body));
      if (reply.kind === 'answer') audit?.answered(call, reply.status, takenBefore);
      return reply;
    },
    pocV2: async (call, body) => {
      const audit = this.#audit();
      const takenBefore = audit?.taken ?? 0;
      const reply = await this.#waiting(async () => this.#living().pocV2?.(call, body) ?? noBackEnds);
      audit?.answered(call, reply.status, takenBefore);
      return reply;
    },
    pocV2Result: (id) => this.#waiting(async () => this.#living().pocV2Result?.(id) ?? noBackEnds),
    pocV2Polled: () => this.#polled(this.#desk()),
  };

  readonly call: Outbound = async (call: WorldCall): Promise<WorldAnswer> => {
    const desk = this.#desk();
    if (desk === undefined || this.#app === undefined) throw new Error('connect ECONNREFUSED');
    call.signal?.throwIfAborted();
    const path = rawPath(call.url);
    if (call.method !== 'GET' || !looks.has(path)) return this.#inject(this.#app, path, call);
    const shown = JSON.stringify(desk.view());
    const key = `${path} ${shown}`;
    const seen = this.#seen.get(key);
    if (seen !== undefined) {
      if (path === pocV2StatusPath) this.#polled(desk);
      return seen;
    }
    const answer = await this.#inject(this.#app, path, call);
    if (this.#desk() !== desk || JSON.stringify(desk.view()) !== shown) return answer;
    if (this.#seen.size >= seenMax) this.#seen.clear();
    this.#seen.set(key, answer);
    return answer;
  };

  async #inject(app: FastifyInstance, path: string, call: WorldCall): Promise<WorldAnswer> {
    this.#underWay += 1;
    try {
      const injected = app.inject({
        method: call.method as 'GET' | 'POST',
        url: path,
        headers: call.headers,
        ...(call.body === '' ? {} : { payload: call.body }),
      });
      const answer = await unlessAborted(injected, call.signal);
      return { status: answer.statusCode, body: answer.body };
    } finally {
      this.#underWay -= 1;
    }
  }

  /** A desk takes note of a poll only when it is answered: in a later round of the event loop, which has to come. */
  #polled(desk: MlnodeDesk | undefined): void {
    if (desk === undefined) return;
    desk.pocV2Polled?.();
    // It does so once.
    if (this.#polledDesks.has(desk)) return;
    this.#polledDesks.add(desk);
    this.#underWay += 1;
    setImmediate(() => {
      this.#underWay -= 1;
    });
  }

  #living(): MlnodeDesk {
    const desk = this.#desk();
    if (desk === undefined) throw new Error('the daemon is gone');
    return desk;
  }

  /** While the desk works, the world's clock goes on. */
  async #waiting<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#underWay -= 1;
    try {
      return await work();
    } finally {
      this.#underWay += 1;
    }
  }
}

function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abandon = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abandon, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}
