import type { WorldClock, WorldTimer } from '../clock.ts';
import {
  json,
  text,
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
import { health } from './mlnode-health.ts';
import { type MlnodeImage, mlnodeImage } from './mlnode-image.ts';
import type { InitRequest } from './mlnode-payloads.ts';
import { MlnodePow } from './mlnode-pow.ts';
import { requestRoute, type RoutePlace, type RouteTable, routeTable } from './mlnode-routes.ts';
import { MlnodeVllm, type PocV2Rate } from './mlnode-vllm.ts';

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
  /**
   * World milliseconds until vLLM is healthy. Default for an image without PoC v2: lognormal, median 2 min, 95 % within
   * 5 min (an assumption); for others by the size of the model, its download apart.
   */
  readonly inferenceStartMs?: number;
  /** Name of the image; its tag says what it can do. Default: one of 2025. */
  readonly image?: string;
  /** Mb/s at which weights come. Default 1 000. */
  readonly inetDownMbps?: number;
  /** How much PoC v2 is played. */
  readonly pocV2?: PocV2Rate;
}

const faults = [
  {
    name: 'diesMidPoc',
    sentence: 'The process ends `value` world seconds after generation began; nothing listens from then on.',
  },
  { name: 'senderStalls', sentence: 'No callback is posted while this is non-zero.' },
  { name: 'initFails', sentence: 'The next `value` starts of PoC answer 500.' },
  { name: 'loadSlow', sentence: 'Loading the model takes `value` times as long.' },
  { name: 'oomAtLoad', sentence: 'The next `value` starts of vLLM end out of memory.' },
  { name: 'downloadFails', sentence: 'The next `value` downloads of weights break off halfway.' },
  { name: 'generationStalls', sentence: 'vLLM computes no nonce of PoC v2 while this is non-zero.' },
  { name: 'wrongArtifacts', sentence: 'Vectors are those of another build of vLLM while this is non-zero.' },
  {
    name: 'engineDies',
    sentence: 'Setting 1 kills the vLLM engine; the watchdog ends the process six world seconds later.',
  },
  { name: 'stateHangs', sentence: '`GET /api/v1/state` is never answered while this is non-zero.' },
];

/** Tells the node when a fault is switched: some of them strike at once. */
class MlnodeFaultBoard extends FaultBoard {
  readonly #switched: (name: string, value: number) => void;
  constructor(switched: (name: string, value: number) => void) {
    super(faults);
    this.#switched = switched;
  }
  override set(name: string, value: number): void {
    super.set(name, value);
    this.#switched(name, value);
  }
}

/** An engine that is unhealthy three looks of 2 s in a row takes the process with it. */
const watchdogMs = 6_000;

/**
 * The official ML node container, by its image: that of August 2025 to January 2026 with inference control as of
 * v0.2.5, or a later one with PoC v2 beside v1 (docs/reference/protocol.md "MLNode REST API"). Training is not served.
 */
export class MlnodeWorld implements Neighbour {
  readonly faults: FaultBoard = new MlnodeFaultBoard((name, value) => this.#onFault(name, value));
  readonly #options: MlnodeWorldOptions;
  readonly #random: Random;
  readonly #books = new MlnodeBooks();
  readonly #groups: readonly GpuGroup[];
  readonly #pow: MlnodePow;
  readonly #vllm: MlnodeVllm;
  readonly #place: RoutePlace;
  readonly #routes: RouteTable;
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
    const image = mlnodeImage(options.image ?? '');
    this.#vllm = this.#makeVllm(image);
    this.#place = {
      image,
      gpus: options.gpus,
      pow: this.#pow,
      vllm: this.#vllm,
      state: () => (this.faults.get('stateHangs') > 0 ? 'hang' : json(200, this.#stateAnswer(image))),
      stop: () => this.#stop(),
      health: () => this.#health(),
    };
    this.#routes = routeTable(this.#place);
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

  /** The compatibility port, where every path is vLLM's; nobody listens there while none is healthy. */
  async handleInference(request: WorldRequest): Promise<WorldOutcome> {
    const { inference } = this.#vllm;
    if (!this.#isAlive || !inference.isHealthy) return 'drop';
    return request.path === '/health' ? text(200, '') : inference.proxy(request);
  }

  /** GB of weights that came over the wire. */
  get downloadedGb(): number {
    return this.#vllm.cache.downloadedGb;
  }

  /** `{ alive, state, pocs: [one account per PoC height, see PocAccount.toJson] }`. */
  books(): Record<string, unknown> {
    return { alive: this.#isAlive, state: this.#state(), pocs: this.#books.toJson() };
  }

  close(): void {
    this.#options.clock.clearTimeout(this.#death);
    this.#pow.kill();
    this.#vllm.close();
  }

  async #answer(request: WorldRequest): Promise<WorldOutcome> {
    const { method, path, headers, body } = request;
    const [pathname = ''] = path.split('?');
    if (pathname.startsWith('/v1/')) return this.#vllm.inference.proxy(request);
    const routes = this.#routes[pathname];
    if (!routes) return requestRoute(this.#place, request) ?? notFound();
    const route = routes.find((candidate) => candidate.method === method);
    if (!route) return methodNotAllowed();
    const parsed = route.takesBody ? parseBody(headers['content-type'], body) : { value: undefined };
    if ('refused' in parsed) return parsed.refused;
    return this.#conflict(pathname) ?? (await route.handler(parsed.value));
  }

  /** The one-service rule, GETs included; PoC v2 is not subject to it. */
  #conflict(pathname: string): WorldResponse | undefined {
    if (pathname.startsWith('/api/v1/inference/pow/')) return undefined;
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
    return this.#vllm.inference.isActive ? 'INFERENCE' : 'STOPPED';
  }

  #stateAnswer({ isTalkative }: MlnodeImage): Record<string, unknown> {
    const state = this.#state();
    if (!isTalkative) return { state };
    const { inference, pocV2 } = this.#vllm;
    const isServing = state === 'INFERENCE';
    return {
      version: '0.2.0',
      state,
      poc_status: isServing ? pocV2.status : null,
      inference_healthy: isServing ? inference.isHealthy : null,
      loaded_model: isServing ? inference.model : null,
      poc_validation_inference: isServing,
    };
  }

  #makeVllm(image: MlnodeImage): MlnodeVllm {
    const { clock, gpus, post, inferenceStartMs, inetDownMbps, pocV2 } = this.#options;
    return new MlnodeVllm({
      clock,
      random: this.#random,
      gpus,
      post,
      books: this.#books,
      faults: this.faults,
      image,
      inferenceStartMs,
      inetDownMbps,
      pocV2,
      onGenerating: () => this.#watchForDeath(),
    });
  }

  #health(): WorldResponse {
    const running = { pow: this.#pow.controller !== undefined, inference: this.#vllm.inference.isActive };
    return health(this.#options.gpus, this.#state(), running);
  }

  async #stop(): Promise<WorldResponse> {
    await this.#pow.stop();
    await this.#vllm.inference.down();
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

  #onFault(name: string, value: number): void {
    if (name === 'diesMidPoc') this.#watchForDeath();
    if (name !== 'engineDies' || value === 0 || !this.#vllm.inference.isActive) return;
    this.#vllm.inference.breakDown();
    this.#options.clock.setTimeout(() => this.#die(), watchdogMs);
  }

  /** Looked at every world second while a PoC runs and the fault is switched. */
  #watchForDeath(): void {
    this.#options.clock.clearTimeout(this.#death);
    if (this.faults.get('diesMidPoc') === 0) return;
    this.#death = this.#options.clock.setTimeout(() => {
      const { controller } = this.#pow;
      const { generatingSince } = this.#vllm.pocV2;
      if (!controller && generatingSince === undefined) return;
      const limitMs = this.faults.get('diesMidPoc') * 1000;
      const since = controller?.generatingSince ?? generatingSince ?? Infinity;
      if (limitMs === 0 || this.#options.clock.now() - since < limitMs) this.#watchForDeath();
      else this.#die();
    }, 1000);
  }

  #die(): void {
    this.#isAlive = false;
    this.close();
  }
}
