import { createHash } from 'node:crypto';
import type { WorldClock, WorldTimer } from '../clock.ts';
import { json, text, type WorldOutcome, type WorldRequest } from '../exchange.ts';
import { FaultBoard, type Neighbour } from '../neighbour.ts';
import {
  type EpochParams,
  type EpochStagesAnswer,
  demoEpochParams,
  phaseAt,
  stagesOf,
} from './epoch-schedule.ts';
import { type AnswerShape, type EpochsAnswer, epochsAnswer } from './epochs-answer.ts';

export interface ChainWorldOptions {
  readonly clock: WorldClock;
  readonly seed: number;
  /** World milliseconds between two blocks. Default 5350, as on mainnet. */
  readonly blockTimeMs?: number;
  /** Default: `demoEpochParams`. */
  readonly params?: Partial<EpochParams>;
  /** Height at the start. Default 2 089 000. */
  readonly startHeight?: number;
  /** `poc_start` of the first PoC after `startHeight`. Default `startHeight` + 200. */
  readonly firstPocStartHeight?: number;
  /** Index of the latest epoch before that PoC. Default 135. */
  readonly epochIndex?: number;
  /** Default `flat`. */
  readonly answerShape?: AnswerShape;
  /**
   * The next height after `height` whose block a subscriber could notice: the blocks before it arrive untold, which is
   * how a simulation passes quiet time. Asked anew by `rearm`. Default: the next block, always.
   */
  readonly nextHeightOfInterest?: (height: number) => number;
  /** Accounts that `/v1/participants/{address}` knows. Default none. */
  readonly accounts?: Readonly<Record<string, { readonly pubkey: string; readonly balance: number }>>;
}

/** A new block as the chain's own subscribers see it. */
export interface Block {
  readonly height: number;
  /** Upper-case hex. */
  readonly hash: string;
  /** Hash of the block at which the latest epoch's PoC started (a subscriber that came later would query it). */
  readonly pocStartHash: string;
  readonly epochs: EpochsAnswer;
}

export const chainFaults = [
  {
    name: 'halt',
    sentence: 'No new blocks while not 0, as in a chain upgrade; the API goes on with the old height.',
  },
  {
    name: 'lag',
    sentence: 'The API answers as if it were that many blocks behind; subscribers are not affected.',
  },
  {
    name: 'html',
    sentence: 'Every answer is an HTML page with status 200 while not 0, as from a parked domain.',
  },
  { name: 'unreachable', sentence: 'Every connection is closed unanswered while not 0.' },
  { name: 'error500', sentence: 'Every answer is 500 while not 0, as when the chain query behind it fails.' },
];

/** Blocks that arrived before a fault was switched arrived without it. */
class ChainFaultBoard extends FaultBoard {
  readonly #beforeChange: () => void;
  constructor(beforeChange: () => void) {
    super(chainFaults);
    this.#beforeChange = beforeChange;
  }
  override set(name: string, value: number): void {
    this.#beforeChange();
    super.set(name, value);
  }
}

/** The Gonka chain with the public read API in front of it: blocks, epochs, phases. */
export class ChainWorld implements Neighbour {
  readonly faults: FaultBoard = new ChainFaultBoard(() => this.#passQuietBlocks());
  readonly params: EpochParams;
  readonly #clock: WorldClock;
  readonly #options: ChainWorldOptions;
  readonly #blockTimeMs: number;
  readonly #startHeight: number;
  readonly #firstPocStart: number;
  readonly #listeners = new Set<(block: Block) => void>();
  #height: number;
  #dueAt: number;
  /** Height of the last block that subscribers were told. */
  #toldHeight: number;
  #timer: WorldTimer | undefined;
  #requests = 0;
  constructor(options: ChainWorldOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.params = { ...demoEpochParams, ...options.params };
    this.#blockTimeMs = options.blockTimeMs ?? 5_350;
    this.#startHeight = options.startHeight ?? 2_089_000;
    this.#firstPocStart = options.firstPocStartHeight ?? this.#startHeight + 200;
    this.#height = this.#startHeight;
    this.#toldHeight = this.#startHeight;
    this.#dueAt = this.#clock.now() + this.#blockTimeMs;
    this.#arm();
  }

  get height(): number {
    this.#passQuietBlocks();
    return this.#height;
  }

  /** Which block is told next is to be asked anew: something happened that makes the next ones noticed. */
  rearm(): void {
    this.#passQuietBlocks();
    this.#clock.clearTimeout(this.#timer);
    this.#arm();
  }

  /** World time at which a height will be there if nothing halts the chain; the past for one that is there. */
  timeOf(height: number): number {
    return this.#dueAt + (height - this.height - 1) * this.#blockTimeMs;
  }

  /** Hash of the block at `height`: made of seed and height, so that any process can tell it. */
  hashAt(height: number): string {
    return createHash('sha256').update(`${this.#options.seed}/${height}`).digest('hex').toUpperCase();
  }

  /** The stages of the epoch that is the latest one at `height`. */
  stagesAt(height: number): EpochStagesAnswer {
    const behindFirst = Math.floor((height - this.#firstPocStart) / this.params.epochLength);
    const index = (this.#options.epochIndex ?? 135) + 1 + behindFirst;
    return stagesOf(index, this.#firstPocStart + behindFirst * this.params.epochLength, this.params);
  }

  latestBlock(): Block {
    this.#passQuietBlocks();
    const { poc_start: pocStart } = this.stagesAt(this.#height);
    return {
      height: this.#height,
      hash: this.hashAt(this.#height),
      pocStartHash: this.hashAt(pocStart),
      epochs: this.#epochs(this.#height, 'flat'),
    };
  }

  /** Calls `listener` for every new block from now on; returns the end of the subscription. */
  subscribe(listener: (block: Block) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async handle(request: WorldRequest): Promise<WorldOutcome> {
    this.#requests += 1;
    this.#passQuietBlocks();
    if (this.faults.get('unreachable') > 0) return 'drop';
    if (this.faults.get('html') > 0) return text(200, '<!doctype html><title>Welcome</title>', 'text/html');
    if (this.faults.get('error500') > 0) return json(500, { error: 'rpc error: code = Unavailable' });
    const path = request.path.split('?', 1)[0]?.replace(/^\/api(?=\/v1\/)/, '') ?? '';
    if (request.method !== 'GET') return json(405, { error: 'Method Not Allowed' });
    if (path === '/v1/status') return json(200, { status: 'ok' });
    const epoch = /^\/v1\/epochs\/([^/]+)$/.exec(path)?.[1];
    if (epoch === 'latest')
      return json(200, this.#epochs(this.#served(), this.#options.answerShape ?? 'flat'));
    if (epoch !== undefined)
      return json(400, { error: 'Only getting info for current epoch is supported at the moment' });
    const address = /^\/v1\/participants\/([^/]+)$/.exec(path)?.[1];
    return address === undefined ? json(404, { error: 'Not Found' }) : this.#account(address);
  }

  books(): Record<string, unknown> {
    const stages = this.stagesAt(this.height);
    return {
      startHeight: this.#startHeight,
      height: this.#height,
      epochIndex: stages.epoch_index,
      phase: phaseAt(this.#height, stages),
      requests: this.#requests,
    };
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  /** Due times are absolute, so that late timers do not make the chain slow. */
  #arm(): void {
    const nextHeight = this.#options.nextHeightOfInterest?.(this.#height) ?? this.#height + 1;
    const untoldMs = Math.max(0, nextHeight - this.#height - 1) * this.#blockTimeMs;
    this.#timer = this.#clock.setTimeout(
      () => this.#tick(),
      Math.max(0, this.#dueAt + untoldMs - this.#clock.now()),
    );
  }

  #tick(): void {
    if (this.#options.nextHeightOfInterest === undefined) this.#pass(1);
    else this.#passQuietBlocks();
    this.#arm();
    if (this.#height === this.#toldHeight) return;
    this.#toldHeight = this.#height;
    const block = this.latestBlock();
    for (const listener of this.#listeners) listener(block);
  }

  #passQuietBlocks(): void {
    if (this.#options.nextHeightOfInterest === undefined) return;
    const lateMs = this.#clock.now() - this.#dueAt;
    if (lateMs >= 0) this.#pass(Math.floor(lateMs / this.#blockTimeMs) + 1);
  }

  #pass(blocks: number): void {
    this.#dueAt += blocks * this.#blockTimeMs;
    if (this.faults.get('halt') === 0) this.#height += blocks;
  }

  #served(): number {
    return Math.max(this.#startHeight, this.#height - this.faults.get('lag'));
  }

  #epochs(height: number, shape: AnswerShape): EpochsAnswer {
    const current = this.stagesAt(height);
    const next = stagesOf(current.epoch_index + 1, current.next_poc_start, this.params);
    return epochsAnswer({
      height,
      phase: phaseAt(height, current),
      current,
      next,
      params: this.params,
      shape,
    });
  }

  #account(address: string): WorldOutcome {
    const account = this.#options.accounts?.[address];
    if (account === undefined) return json(404, { error: 'participant not found' });
    return json(200, { ...account, denom: 'ngonka' });
  }
}
