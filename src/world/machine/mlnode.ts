import type { WorldClock, WorldTimer } from '../clock.ts';
import {
  json,
  type Outbound,
  type WorldOutcome,
  type WorldRequest,
  type WorldResponse,
} from '../exchange.ts';
import { FaultBoard, type Neighbour } from '../neighbour.ts';
import type { Random } from '../random.ts';
import { detail, methodNotAllowed, notFound, parseBody } from '../fastapi-answer.ts';
import { type Gpu, type GpuGroup, gpuGroups } from './gpu-groups.ts';
import { MlnodeBooks } from './mlnode-books.ts';
import { MlnodeController } from './mlnode-controller.ts';
import { gpuDevices, health } from './mlnode-health.ts';
import { MlnodeInference } from './mlnode-inference.ts';
import { MlnodePow } from './mlnode-pow.ts';
import type { InitRequest } from './mlnode-payloads.ts';

export interface MlnodeWorldOptions {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly gpus: readonly Gpu[];
  /** How callbacks leave the machine: no time-out is ever given. */
  readonly post: Outbound;
  /** World milliseconds of a model load; default lognormal, median 60 s, 95 % within 85 s (official log sample). */
  readonly modelLoadMs?: number;
  /** Valid nonces a minute of one GPU group at mainnet parameters; default by the GPU's name, else by its memory. */
  readonly noncesPerMinutePerGroup?: number;
  /** World milliseconds until vLLM is healthy; default lognormal, median 2 min, 95 % within 5 min (an assumption). */
  readonly inferenceStartMs?: number;
}

const faults = [
  {
    name: 'diesMidPoc',
    sentence: 'The process ends `value` world seconds after generation began; nothing listens from then on.',
  },
  { name: 'senderStalls', sentence: 'No callback is posted while this is non-zero.' },
  { name: 'initFails', sentence: 'The next `value` starts of PoC answer 500.' },
  { name: 'loadSlow', sentence: 'Loading the model takes `value` times as long.' },
  { name: 'stateHangs', sentence: '`GET /api/v1/state` is never answered while this is non-zero.' },
];

/** Tells the node when a fault is switched: one of them strikes a PoC that runs already. */
class MlnodeFaultBoard extends FaultBoard {
  readonly #switched: () => void;
  constructor(switched: () => void) {
    super(faults);
    this.#switched = switched;
  }
  override set(name: string, value: number): void {
    super.set(name, value);
    this.#switched();
  }
}

type Handler = (body: unknown) => WorldOutcome | Promise<WorldOutcome>;
interface Route {
  readonly method: string;
  readonly handler: Handler;
  readonly takesBody?: boolean;
}

/**
 * The official ML node container as of August 2025 to January 2026, inference control as of v0.2.5
 * (docs/reference/protocol.md "MLNode REST API", "PoC v1 semantics"). Training and the model cache are not served.
 */
export class MlnodeWorld implements Neighbour {
  readonly faults: FaultBoard = new MlnodeFaultBoard(() => this.#watchForDeath());
  readonly #options: MlnodeWorldOptions;
  readonly #random: Random;
  readonly #books = new MlnodeBooks();
  readonly #groups: readonly GpuGroup[];
  readonly #pow: MlnodePow;
  readonly #inference: MlnodeInference;
  readonly #routes: Readonly<Record<string, readonly Route[]>>;
  #death: WorldTimer | undefined;
  #isAlive = true;

  constructor(options: MlnodeWorldOptions) {
    this.#options = options;
    this.#random = options.random.fork(1);
    this.#groups = gpuGroups(options.gpus);
    this.#pow = new MlnodePow({
      start: (request) => this.#startPoc(request),
      teardown: () => this.#pause(this.#random.lognormal(10_000, 14_000)),
      takeInitFault: () => this.faults.take('initFails'),
    });
    this.#inference = new MlnodeInference({
      clock: options.clock,
      startMs: () => options.inferenceStartMs ?? this.#random.lognormal(120_000, 300_000),
      stopMs: () => Math.min(30_000, this.#random.lognormal(8_000, 20_000)),
    });
    this.#routes = this.#routeTable();
  }

  /** False once the process died; its port then refuses connections (`handle` drops them). */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  async handle(request: WorldRequest): Promise<WorldOutcome> {
    if (!this.#isAlive) return 'drop';
    const outcome = await this.#answer(request);
    return this.#isAlive ? outcome : 'drop';
  }

  /** `{ alive, state, pocs: [one account per PoC height, see PocAccount.toJson] }`. */
  books(): Record<string, unknown> {
    return { alive: this.#isAlive, state: this.#state(), pocs: this.#books.toJson() };
  }

  close(): void {
    this.#options.clock.clearTimeout(this.#death);
    this.#pow.kill();
    this.#inference.close();
  }

  async #answer({ method, path, headers, body }: WorldRequest): Promise<WorldOutcome> {
    const [pathname = ''] = path.split('?');
    if (pathname.startsWith('/v1/')) return this.#inference.proxy(method, pathname);
    const routes = this.#routes[pathname];
    if (!routes) return notFound();
    const route = routes.find((candidate) => candidate.method === method);
    if (!route) return methodNotAllowed();
    const parsed = route.takesBody ? parseBody(headers['content-type'], body) : { value: undefined };
    if ('refused' in parsed) return parsed.refused;
    return this.#conflict(pathname) ?? (await route.handler(parsed.value));
  }

  /** The one-service rule, GETs included. */
  #conflict(pathname: string): WorldResponse | undefined {
    const service = /^\/api\/v1\/(pow|inference)\//.exec(pathname)?.[1]?.toUpperCase();
    const state = this.#state();
    if (!service || state === 'STOPPED' || state === service) return undefined;
    return detail(
      409,
      `Cannot run ${service} because MLNode is currently in ServiceState.${state} mode. Please stop ServiceState.${state} first.`,
    );
  }

  #state(): 'POW' | 'INFERENCE' | 'STOPPED' {
    if (this.#pow.controller) return 'POW';
    return this.#inference.isActive ? 'INFERENCE' : 'STOPPED';
  }

  #routeTable(): Record<string, readonly Route[]> {
    const pow = this.#pow;
    const inference = this.#inference;
    const get = (handler: Handler): readonly Route[] => [{ method: 'GET', handler }];
    const post = (handler: Handler): readonly Route[] => [{ method: 'POST', handler }];
    const postBody = (handler: Handler): readonly Route[] => [{ method: 'POST', handler, takesBody: true }];
    return {
      '/api/v1/state': get(() =>
        this.faults.get('stateHangs') > 0 ? 'hang' : json(200, { state: this.#state() }),
      ),
      '/api/v1/stop': post(() => this.#stop()),
      '/api/v1/pow/init': postBody((body) => pow.init('init', body)),
      '/api/v1/pow/init/generate': postBody((body) => pow.init('init/generate', body)),
      '/api/v1/pow/init/validate': postBody((body) => pow.init('init/validate', body)),
      '/api/v1/pow/phase/generate': post(() => pow.phaseGenerate()),
      '/api/v1/pow/phase/validate': post(() => pow.phaseValidate()),
      '/api/v1/pow/validate': postBody((body) => pow.validate(body)),
      '/api/v1/pow/status': get(() => json(200, pow.status())),
      '/api/v1/pow/stop': post(() => pow.stop()),
      '/api/v1/inference/up': postBody((body) => inference.up(body)),
      '/api/v1/inference/up/async': postBody((body) => inference.upAsync(body)),
      '/api/v1/inference/up/status': get(() => inference.upStatus()),
      '/api/v1/inference/down': post(() => inference.down()),
      '/api/v1/gpu/devices': get(() => gpuDevices(this.#options.gpus)),
      '/health': get(() => this.#health()),
      '/livez': get(() => this.#health()),
      '/readyz': get(() => json(200, { ready: true })),
    };
  }

  #health(): WorldResponse {
    const running = { pow: this.#pow.controller !== undefined, inference: this.#inference.isActive };
    return health(this.#options.gpus, this.#state(), running);
  }

  async #stop(): Promise<WorldResponse> {
    await this.#pow.stop();
    await this.#inference.down();
    return json(200, { status: 'OK' });
  }

  /** Without a group the builds since v0.2.5 raise, which is a 500 outside. */
  #startPoc(request: InitRequest): MlnodeController {
    const { clock, post, modelLoadMs, noncesPerMinutePerGroup } = this.#options;
    const account = this.#books.account(request.block_height);
    account.sawInit(request);
    if (this.#groups.length === 0) throw new Error('no GPU group reaches the minimum memory');
    this.#watchForDeath();
    return new MlnodeController(request, {
      clock,
      post,
      groups: this.#groups,
      account,
      isSenderStalled: () => this.faults.get('senderStalls') > 0,
      modelLoadMs: () =>
        (modelLoadMs ?? this.#random.lognormal(60_000, 85_000)) * (this.faults.get('loadSlow') || 1),
      ...(noncesPerMinutePerGroup === undefined ? {} : { noncesPerMinutePerGroup }),
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.setTimeout(resolve, ms);
    });
  }

  /** Looked at every world second while a PoC runs and the fault is switched. */
  #watchForDeath(): void {
    this.#options.clock.clearTimeout(this.#death);
    if (this.faults.get('diesMidPoc') === 0) return;
    this.#death = this.#options.clock.setTimeout(() => {
      const { controller } = this.#pow;
      if (!controller) return;
      const limitMs = this.faults.get('diesMidPoc') * 1000;
      const since = controller.generatingSince ?? Infinity;
      if (limitMs === 0 || this.#options.clock.now() - since < limitMs) {
        this.#watchForDeath();
        return;
      }
      this.#isAlive = false;
      this.close();
    }, 1000);
  }
}
