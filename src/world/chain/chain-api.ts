import { json, text, type WorldOutcome, type WorldRequest, type WorldResponse } from '../exchange.ts';
import type { FaultBoard } from '../neighbour.ts';
import type { AnswerShape, EpochsAnswer } from './epochs-answer.ts';
import { governanceModelsAnswer, type GovernanceModel } from './params-answer.ts';

/** What a source reads of the chain. */
export interface ChainView {
  height(): number;
  /** World ms at which the chain made, or will have made, a block. */
  blockMs(height: number): number;
  hashAt(height: number): string;
  epochsAt(height: number, shape: AnswerShape): EpochsAnswer;
  /** Body of the parameters' query. */
  params(height: number): Record<string, unknown>;
  readonly models: readonly GovernanceModel[];
  readonly accounts: Readonly<Record<string, { readonly pubkey: string; readonly balance: number }>>;
}

const paramsPath = '/chain-api/productscience/inference/inference/params';

/** The public read API of one node in front of the chain (docs/reference/protocol.md "Where to read"). */
export class ChainApi {
  readonly #view: ChainView;
  readonly #faults: FaultBoard;
  readonly #shape: AnswerShape;
  readonly #startHeight: number;
  #stuckAt: number | undefined;
  #requests = 0;
  constructor(view: ChainView, faults: FaultBoard, shape: AnswerShape) {
    this.#view = view;
    this.#faults = faults;
    this.#shape = shape;
    this.#startHeight = view.height();
  }

  get requests(): number {
    return this.#requests;
  }

  /** To be told when the fault `stuck` is switched. */
  onStuck(): void {
    this.#stuckAt = this.#faults.get('stuck') > 0 ? (this.#stuckAt ?? this.#view.height()) : undefined;
  }

  /** The height that this source knows. */
  get height(): number {
    const behind = (this.#stuckAt ?? this.#view.height()) - this.#faults.get('lag');
    return Math.max(this.#startHeight, behind) + this.#faults.get('ahead');
  }

  async handle(request: WorldRequest): Promise<WorldOutcome> {
    this.#requests += 1;
    if (this.#faults.get('unreachable') > 0) return 'drop';
    if (this.#faults.get('silent') > 0) return 'hang';
    if (this.#faults.get('html') > 0) return text(200, '<!doctype html><title>Welcome</title>', 'text/html');
    if (this.#faults.get('error500') > 0) return json(500, { error: 'rpc error: code = Unavailable' });
    const path = request.path.split('?', 1)[0]?.replace(/^\/api(?=\/v1\/)/, '') ?? '';
    if (request.method !== 'GET') return json(405, { error: 'Method Not Allowed' });
    if (path.startsWith('/chain-')) return this.#chainNode(path, request.path);
    if (path === '/v1/status') return json(200, { status: 'ok' });
    if (path === '/v1/governance/models' || path === '/v1/models')
      return json(200, governanceModelsAnswer(this.#view.models));
    const epoch = /^\/v1\/epochs\/([^/]+)$/.exec(path)?.[1];
    if (epoch === 'latest') return written(this.#epochs());
    if (epoch !== undefined)
      return json(400, { error: 'Only getting info for current epoch is supported at the moment' });
    const address = /^\/v1\/participants\/([^/]+)$/.exec(path)?.[1];
    return address === undefined ? json(404, { error: 'Not Found' }) : this.#account(address);
  }

  #epochs(): object {
    const answer = this.#view.epochsAt(this.height, this.#shape);
    const shift = this.#faults.get('shifted');
    return shift === 0 ? answer : (shifted(answer, shift) as object);
  }

  /** Cosmos REST and CometBFT RPC as the Network Node's proxy passes them on. */
  #chainNode(path: string, whole: string): WorldOutcome {
    if (this.#faults.get('noChainApi') > 0) return text(404, '404 page not found\n');
    const { height } = this;
    if (path === paramsPath) return json(200, this.#view.params(height));
    if (path === '/chain-rpc/status') return json(200, rpc({ sync_info: this.#syncInfo(height) }));
    if (path !== '/chain-rpc/block') return json(404, { error: 'Not Found' });
    const asked = Number(new URLSearchParams(whole.split('?', 2)[1] ?? '').get('height') ?? height);
    if (!Number.isInteger(asked) || asked < 1 || asked > height)
      return json(
        500,
        rpcError(`height ${asked} must be less than or equal to the current height ${height}`),
      );
    const header = { height: String(asked), time: this.#timeOf(asked) };
    return json(200, rpc({ block_id: { hash: this.#view.hashAt(asked) }, block: { header } }));
  }

  #syncInfo(height: number): object {
    return {
      latest_block_height: String(height),
      latest_block_time: this.#timeOf(height),
      catching_up: this.#faults.get('lag') > 0,
    };
  }

  #timeOf(height: number): string {
    return new Date(this.#view.blockMs(height)).toISOString();
  }

  #account(address: string): WorldOutcome {
    const account = this.#view.accounts[address];
    if (account === undefined) return json(404, { error: 'participant not found' });
    return json(200, { ...account, denom: 'ngonka' });
  }
}

const bodies = new WeakMap<object, WorldResponse>();

/** An answer that is the same object as before is not written out again. */
function written(answer: object): WorldResponse {
  const known = bodies.get(answer);
  if (known !== undefined) return known;
  const response = json(200, answer);
  bodies.set(answer, response);
  return response;
}

const rpc = (result: object): object => ({ jsonrpc: '2.0', id: -1, result });
const rpcError = (message: string): object => ({ jsonrpc: '2.0', id: -1, error: { code: -32_603, message } });

/** Heights of blocks, in whatever field they stand: everything beyond the counts of the parameters. */
const lowestHeight = 100_000;

function shifted(value: unknown, by: number): unknown {
  if (typeof value === 'number') return value >= lowestHeight ? value + by : value;
  if (Array.isArray(value)) return value.map((item) => shifted(item, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shifted(field, by)]));
}
